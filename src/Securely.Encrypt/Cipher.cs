namespace Securely.Encrypt;

/// <summary>How payloads are encrypted; the four ciphers of Laravel.</summary>
public enum Cipher
{
    /// <summary>AES with a key of 16 bytes in CBC mode, authenticated by HMAC-SHA256.</summary>
    Aes128Cbc,

    /// <summary>AES with a key of 32 bytes in CBC mode, authenticated by HMAC-SHA256; the default everywhere.</summary>
    Aes256Cbc,

    /// <summary>AES with a key of 16 bytes in GCM mode, which authenticates by itself.</summary>
    Aes128Gcm,

    /// <summary>AES with a key of 32 bytes in GCM mode, which authenticates by itself.</summary>
    Aes256Gcm,
}
