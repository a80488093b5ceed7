using System.Security.Cryptography;
using System.Text;

namespace Securely.Encrypt;

/// <summary>
/// A secret key and the cipher that it is for. Immutable and safe to share. It never prints itself: <see cref="ToString"/> names the
/// cipher only, and <see cref="Export"/> is the one way to its text.
/// </summary>
public sealed class EncryptionKey
{
    private const string Prefix = "base64:";

    private readonly byte[] _bytes;

    /// <summary>Takes a copy of the bytes.</summary>
    /// <param name="bytes">As many as the cipher wants.</param>
    /// <param name="cipher">What it is for.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public EncryptionKey(ReadOnlySpan<byte> bytes, Cipher cipher = Cipher.Aes256Cbc)
    {
        if (bytes.Length != cipher.KeyLength)
            throw new ArgumentException($"The key has {bytes.Length} bytes, and [{cipher.Name}] wants {cipher.KeyLength}; make one with securely key:generate", nameof(bytes));
        Cipher = cipher;
        _bytes = bytes.ToArray();
    }

    /// <summary>What it is for.</summary>
    public Cipher Cipher { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes a key of random bytes.</summary>
    /// <param name="cipher">What it is for.</param>
    public static EncryptionKey Generate(Cipher cipher = Cipher.Aes256Cbc)
    {
        Span<byte> bytes = stackalloc byte[cipher.KeyLength];
        RandomNumberGenerator.Fill(bytes);
        var key = new EncryptionKey(bytes, cipher);
        CryptographicOperations.ZeroMemory(bytes);
        return key;
    }

    /// <summary>
    /// Reads the value of <c>APP_KEY</c>: <c>base64:</c> and the bytes, or the bytes themselves as text (deprecated, as in Laravel).
    /// </summary>
    /// <param name="text">The value.</param>
    /// <param name="cipher">What the key is for.</param>
    /// <param name="strict">False reads damaged base64 as Laravel does: what is no letter of the alphabet is passed over.</param>
    /// <exception cref="FormatException">It is not base64, or has another number of bytes. The message does not repeat it.</exception>
    public static EncryptionKey Parse(string text, Cipher cipher = Cipher.Aes256Cbc, bool strict = true)
    {
        var bytes = ReadBytes(text, strict);
        try
        {
            return bytes.Length == cipher.KeyLength
                ? new EncryptionKey(bytes, cipher)
                : throw new FormatException($"The key has {bytes.Length} bytes, and [{cipher.Name}] wants {cipher.KeyLength}; make one with securely key:generate");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The secret as text that <see cref="Parse"/> reads: <c>base64:</c> and the bytes.</summary>
    public string Export() => Prefix + Convert.ToBase64String(_bytes);

    /// <summary>Says which cipher it is for; the secret stays secret.</summary>
    public override string ToString() => $"key of {Cipher.Name}";

    /// <summary>The bytes that a text stands for, however many.</summary>
    internal static byte[] ReadBytes(string text, bool strict)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            return Encoding.UTF8.GetBytes(text);
        var encoded = Encoding.UTF8.GetBytes(text[Prefix.Length..]);
        if ((strict && encoded.AsSpan().ContainsAny(" \t\r\n"u8)) || !LenientBase64.TryDecode(encoded, encoded, strict, out var written))
            throw new FormatException("The key begins with [base64:], but what follows is not base64; make one with securely key:generate");
        var bytes = encoded[..written];
        CryptographicOperations.ZeroMemory(encoded);
        return bytes;
    }
}
