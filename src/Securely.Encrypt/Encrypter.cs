using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Securely.Encrypt;

/// <summary>
/// Authenticated encryption whose payloads are those of Laravel, in both directions: what either encrypts the other decrypts. Safe for
/// use by many threads at once.
/// </summary>
/// <remarks>
/// A payload is base64 of a JSON object with <c>iv</c>, <c>value</c>, <c>mac</c> and <c>tag</c>. Nothing is decrypted before it is known
/// that a key of the ring made it; the comparison takes the same time wherever it fails.
/// </remarks>
/// <param name="keys">The key that encrypts, and those that decrypt.</param>
public sealed class Encrypter(KeyRing keys)
{
    private static readonly UTF8Encoding StrictText = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly PayloadCodec[] _codecs = [.. keys.All.Select(key => new PayloadCodec(key))];

    /// <summary>Makes one of a key's bytes.</summary>
    /// <param name="key">As many as the cipher wants.</param>
    /// <param name="cipher">How to encrypt.</param>
    /// <param name="previousKeys">Older keys that decrypt too.</param>
    /// <exception cref="ArgumentException">A key has another length.</exception>
    public Encrypter(ReadOnlySpan<byte> key, Cipher cipher = Cipher.Aes256Cbc, IEnumerable<byte[]>? previousKeys = null)
        : this(new KeyRing(new EncryptionKey(key, cipher), [.. (previousKeys ?? []).Select(previous => new EncryptionKey(previous, cipher))]))
    {
    }

    /// <summary>The keys.</summary>
    public KeyRing Keys { get; } = keys;

    /// <summary>
    /// True, the default, refuses what no encrypter writes: blanks and missing padding in base64, unknown and repeated fields, a MAC
    /// beside a tag, text after a serialised value. False takes what Laravel 13 takes. Both ask for the same authentication.
    /// </summary>
    public bool Strict { get; init; } = true;

    /// <summary>Whether a key has as many bytes as the cipher wants.</summary>
    /// <param name="key">The bytes.</param>
    /// <param name="cipher">The cipher.</param>
    public static bool Supports(ReadOnlySpan<byte> key, Cipher cipher) => key.Length == cipher.KeyLength;

    /// <summary>Makes random bytes for a key.</summary>
    /// <param name="cipher">What it is for.</param>
    public static byte[] GenerateKey(Cipher cipher = Cipher.Aes256Cbc) => RandomNumberGenerator.GetBytes(cipher.KeyLength);

    /// <summary>Whether a text has the shape of a payload of any cipher; says nothing about its key.</summary>
    /// <param name="value">The text; null is none.</param>
    public static bool AppearsEncrypted([NotNullWhen(true)] string? value)
    {
        if (string.IsNullOrEmpty(value))
            return false;
        var bytes = new byte[Encoding.UTF8.GetByteCount(value)];
        Encoding.UTF8.GetBytes(value, bytes);
        if (!LenientBase64.TryDecode(bytes, bytes, strict: true, out var written))
            return false;
        try
        {
            new PayloadFields(new byte[2 * bytes.Length], strict: false).Read(bytes.AsSpan(0, written));
            return true;
        }
        catch (Exception error) when (error is DecryptException or JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Encrypts text, as UTF-8.</summary>
    /// <param name="value">The text.</param>
    /// <exception cref="ArgumentException">It has half a surrogate pair.</exception>
    public string EncryptString(ReadOnlySpan<char> value)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = 0;
        try
        {
            length = StrictText.GetBytes(value, buffer);
            return EncryptBytes(buffer.AsSpan(0, length));
        }
        catch (EncoderFallbackException)
        {
            throw new ArgumentException("The text has half a surrogate pair, which is no character; encrypt bytes instead", nameof(value));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Encrypts bytes; the same as <c>encryptString</c> of Laravel, whose strings are bytes.</summary>
    /// <param name="value">The bytes.</param>
    public string EncryptBytes(ReadOnlySpan<byte> value)
    {
        Span<byte> iv = stackalloc byte[Keys.Cipher.IvLength];
        RandomNumberGenerator.Fill(iv);
        return EncryptBytes(value, iv);
    }

    /// <summary>Encrypts a value as JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="type">How it is written.</param>
    /// <typeparam name="T">Its type.</typeparam>
    public string Encrypt<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var payload = EncryptBytes(json);
        CryptographicOperations.ZeroMemory(json);
        return payload;
    }

    /// <summary>Encrypts a serialised PHP value; the same as <c>encrypt</c> of Laravel.</summary>
    /// <param name="value">The value.</param>
    public string EncryptPhp(PhpValue value) => EncryptBytes(PhpSerializer.Serialize(value));

    /// <summary>Decrypts text.</summary>
    /// <param name="payload">The payload.</param>
    /// <exception cref="DecryptException">It is malformed, made with another key, changed, or of something that is not UTF-8.</exception>
    public string DecryptString(ReadOnlySpan<char> payload)
    {
        var plain = Open(payload, out var length, out _);
        try
        {
            return StrictText.GetString(plain, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw new DecryptException("The payload holds bytes that are not UTF-8; decrypt it as bytes", DecryptFailure.WrongContents);
        }
        finally
        {
            Return(plain, length);
        }
    }

    /// <summary>Decrypts text.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="value">The text.</param>
    /// <returns>False where <see cref="DecryptString"/> throws.</returns>
    public bool TryDecryptString(ReadOnlySpan<char> payload, [NotNullWhen(true)] out string? value)
    {
        try
        {
            value = DecryptString(payload);
            return true;
        }
        catch (DecryptException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>Decrypts bytes.</summary>
    /// <param name="payload">The payload.</param>
    /// <exception cref="DecryptException">It is malformed, made with another key, or changed.</exception>
    public byte[] DecryptBytes(ReadOnlySpan<char> payload)
    {
        var plain = Open(payload, out var length, out _);
        var bytes = plain[..length];
        Return(plain, length);
        return bytes;
    }

    /// <summary>Decrypts a value that was encrypted as JSON.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="type">How it is read.</param>
    /// <typeparam name="T">Its type.</typeparam>
    /// <returns>The value; null where it is the JSON text null.</returns>
    /// <exception cref="DecryptException">It is malformed, made with another key, changed, or of something else.</exception>
    public T? Decrypt<T>(ReadOnlySpan<char> payload, JsonTypeInfo<T> type)
    {
        var plain = Open(payload, out var length, out _);
        try
        {
            return JsonSerializer.Deserialize(plain.AsSpan(0, length), type);
        }
        catch (JsonException)
        {
            throw new DecryptException($"The payload does not hold a JSON document of [{typeof(T).Name}]", DecryptFailure.WrongContents);
        }
        finally
        {
            Return(plain, length);
        }
    }

    /// <summary>Decrypts a serialised PHP value.</summary>
    /// <param name="payload">The payload.</param>
    /// <returns>The value. False where it is none and <see cref="Strict"/> is off, as in PHP.</returns>
    /// <exception cref="DecryptException">It is malformed, made with another key, changed, or of something else.</exception>
    public PhpValue DecryptPhp(ReadOnlySpan<char> payload)
    {
        var plain = Open(payload, out var length, out _);
        try
        {
            return PhpSerializer.Deserialize(plain.AsSpan(0, length), Strict);
        }
        catch (FormatException error)
        {
            return Strict ? throw new DecryptException(error.Message, DecryptFailure.WrongContents) : PhpValue.False;
        }
        finally
        {
            Return(plain, length);
        }
    }

    /// <summary>Encrypts again, with the current key, what any key of the ring made.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="renewed">The new payload; null when there is nothing to do.</param>
    /// <returns>False when the current key made it already.</returns>
    /// <exception cref="DecryptException">It is malformed, made with a key that is not of the ring, or changed.</exception>
    public bool TryRenew(ReadOnlySpan<char> payload, [NotNullWhen(true)] out string? renewed)
    {
        var plain = Open(payload, out var length, out var key);
        try
        {
            renewed = key == 0 ? null : EncryptBytes(plain.AsSpan(0, length));
            return renewed is not null;
        }
        finally
        {
            Return(plain, length);
        }
    }

    /// <summary>Encrypts with a vector that is given; only for tests with known answers.</summary>
    internal string EncryptBytes(ReadOnlySpan<byte> value, ReadOnlySpan<byte> iv) => _codecs[0].Seal(value, iv);

    private byte[] Open(ReadOnlySpan<char> text, out int length, out int key)
    {
        using var payload = Payload.Parse(text, Keys.Cipher, Strict);
        var plain = ArrayPool<byte>.Shared.Rent(payload.Value.Length);
        for (key = 0; key < _codecs.Length; key++)
        {
            if (_codecs[key].TryOpen(payload, plain, out length))
                return plain;
        }

        ArrayPool<byte>.Shared.Return(plain);
        throw DecryptException.NotAuthentic();
    }

    private static void Return(byte[] plain, int length)
    {
        CryptographicOperations.ZeroMemory(plain.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(plain);
    }
}
