namespace Securely.Encrypt;

/// <summary>
/// The key that encrypts, and older ones that still decrypt, so that a key can be replaced while payloads of the old one are about.
/// Immutable and safe to share.
/// </summary>
public sealed class KeyRing
{
    /// <summary>Puts keys together.</summary>
    /// <param name="current">Encrypts, and decrypts first.</param>
    /// <param name="previous">Decrypt, in this order.</param>
    /// <exception cref="ArgumentException">One of them is for another cipher.</exception>
    public KeyRing(EncryptionKey current, params IReadOnlyList<EncryptionKey> previous)
    {
        foreach (var key in previous)
        {
            if (key.Cipher != current.Cipher)
                throw new ArgumentException($"A previous key is for [{key.Cipher.Name}], and the current one for [{current.Cipher.Name}]; a ring has one cipher", nameof(previous));
        }

        Current = current;
        Previous = [.. previous];
        All = [current, .. previous];
    }

    /// <summary>Encrypts, and decrypts first.</summary>
    public EncryptionKey Current { get; }

    /// <summary>Decrypt what <see cref="Current"/> cannot.</summary>
    public IReadOnlyList<EncryptionKey> Previous { get; }

    /// <summary>All of them, the current one first.</summary>
    public IReadOnlyList<EncryptionKey> All { get; }

    /// <summary>The cipher of all of them.</summary>
    public Cipher Cipher => Current.Cipher;

    /// <summary>Reads the values of <c>APP_KEY</c> and <c>APP_PREVIOUS_KEYS</c>.</summary>
    /// <param name="current">One key, as <see cref="EncryptionKey.Parse"/> reads it.</param>
    /// <param name="previous">Keys with commas between them; null and empty are none.</param>
    /// <param name="cipher">What they are for.</param>
    /// <exception cref="FormatException">One of them is not a key. The message does not repeat it.</exception>
    public static KeyRing Parse(string current, string? previous = null, Cipher cipher = Cipher.Aes256Cbc) => new(
        EncryptionKey.Parse(current, cipher),
        [.. (previous ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(key => EncryptionKey.Parse(key, cipher))]);

    /// <summary>A ring with another current key; the one until now becomes the first of the previous ones.</summary>
    /// <param name="next">Encrypts from now on.</param>
    /// <exception cref="ArgumentException">It is for another cipher.</exception>
    public KeyRing Rotate(EncryptionKey next) => new(next, All);
}
