using System.Diagnostics.CodeAnalysis;

namespace Securely.Encrypt;

/// <summary>What is to be known of a <see cref="Cipher"/>: its name and its lengths in bytes.</summary>
public static class CipherExtensions
{
    /// <summary>The names that <see cref="TryParse"/> reads, as Laravel's configuration writes them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"];

    /// <summary>Reads <c>aes-256-cbc</c> and the like; the case of letters does not matter.</summary>
    /// <param name="name">The name; null is none.</param>
    /// <param name="cipher">What it names.</param>
    /// <returns>False when nothing has that name.</returns>
    public static bool TryParse([NotNullWhen(true)] string? name, out Cipher cipher)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (Names[i].Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                cipher = (Cipher)i;
                return true;
            }
        }

        cipher = default;
        return false;
    }

    extension(Cipher cipher)
    {
        /// <summary>The name in lower case, for instance <c>aes-256-cbc</c>.</summary>
        public string Name => Names[(int)cipher];

        /// <summary>The length of its key: 16 or 32.</summary>
        public int KeyLength => cipher is Cipher.Aes128Cbc or Cipher.Aes128Gcm ? 16 : 32;

        /// <summary>Whether it authenticates by itself, with a tag in place of an HMAC.</summary>
        public bool HasTag => cipher is Cipher.Aes128Gcm or Cipher.Aes256Gcm;

        internal int IvLength => cipher.HasTag ? 12 : 16;
    }
}
