using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Securely.Encrypt;

/// <summary>
/// Makes payloads with one key and opens them. The object of the cipher is kept between calls and taken by one caller at a time;
/// whoever finds it taken makes another.
/// </summary>
internal sealed class PayloadCodec(EncryptionKey key)
{
    private const int MacLength = 64;
    private const int TagLength = 16;

    private Aes? _cbc;
    private AesGcm? _gcm;

    /// <summary>Encrypts with an initialisation vector that must be used once only.</summary>
    public string Seal(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> iv)
    {
        var length = key.Cipher.HasTag ? plain.Length : checked((plain.Length / 16 + 1) * 16);
        var cipherText = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            Span<byte> tag = stackalloc byte[key.Cipher.HasTag ? TagLength : 0];
            Encrypt(plain, iv, cipherText.AsSpan(0, length), tag);
            return Write(iv, cipherText.AsSpan(0, length), tag);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cipherText);
        }
    }

    /// <summary>Decrypts into a buffer as long as the payload's value.</summary>
    /// <returns>False when this key did not make it, or it was changed.</returns>
    public bool TryOpen(in Payload payload, Span<byte> plain, out int written) =>
        key.Cipher.HasTag ? TryOpenGcm(payload, plain, out written) : TryOpenCbc(payload, plain, out written);

    private void Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> iv, Span<byte> cipherText, Span<byte> tag)
    {
        if (key.Cipher.HasTag)
        {
            var gcm = TakeGcm();
            gcm.Encrypt(iv, plain, cipherText, tag);
            Give(gcm);
        }
        else
        {
            var cbc = TakeCbc();
            cbc.EncryptCbc(plain, iv, cipherText);
            Give(cbc);
        }
    }

    private bool TryOpenGcm(in Payload payload, Span<byte> plain, out int written)
    {
        written = payload.Value.Length;
        var gcm = TakeGcm();
        try
        {
            gcm.Decrypt(payload.Iv, payload.Value, payload.Tag, plain[..written]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            Give(gcm);
        }
    }

    private bool TryOpenCbc(in Payload payload, Span<byte> plain, out int written)
    {
        written = 0;
        Span<byte> mac = stackalloc byte[MacLength];
        Sign(payload.Signed, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, payload.Mac))
            return false;
        var cbc = TakeCbc();
        try
        {
            written = cbc.DecryptCbc(payload.Value, payload.Iv, plain);
            return true;
        }
        catch (CryptographicException)
        {
            // Signed by this key, with padding that nobody writes; never the case for what an attacker sends.
            return false;
        }
        finally
        {
            Give(cbc);
        }
    }

    private string Write(ReadOnlySpan<byte> iv, ReadOnlySpan<byte> cipherText, ReadOnlySpan<byte> tag)
    {
        var ivLength = Base64.GetMaxEncodedToUtf8Length(iv.Length);
        var valueLength = Base64.GetMaxEncodedToUtf8Length(cipherText.Length);
        var length = checked(ivLength + valueLength + MacLength + 64);
        var buffer = ArrayPool<byte>.Shared.Rent(checked(length + ivLength + valueLength));
        try
        {
            var signed = buffer.AsSpan(length, ivLength + valueLength);
            Base64.EncodeToUtf8(iv, signed, out _, out _);
            Base64.EncodeToUtf8(cipherText, signed[ivLength..], out _, out _);
            return Convert.ToBase64String(WriteJson(buffer.AsSpan(0, length), signed[..ivLength], signed[ivLength..], signed, tag));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ReadOnlySpan<byte> WriteJson(
        Span<byte> json, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> value, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> tag)
    {
        var rest = json;
        Put("{\"iv\":\""u8, ref rest);
        Put(iv, ref rest);
        Put("\",\"value\":\""u8, ref rest);
        Put(value, ref rest);
        Put("\",\"mac\":\""u8, ref rest);
        if (tag.IsEmpty)
        {
            Sign(signed, rest);
            rest = rest[MacLength..];
        }

        Put("\",\"tag\":\""u8, ref rest);
        Base64.EncodeToUtf8(tag, rest, out _, out var written);
        rest = rest[written..];
        Put("\"}"u8, ref rest);
        return json[..^rest.Length];
    }

    private void Sign(ReadOnlySpan<byte> text, Span<byte> mac)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Bytes, text, hash);
        Convert.TryToHexStringLower(hash, mac, out _);
    }

    private static void Put(ReadOnlySpan<byte> text, ref Span<byte> rest)
    {
        text.CopyTo(rest);
        rest = rest[text.Length..];
    }

    private Aes TakeCbc()
    {
        if (Interlocked.Exchange(ref _cbc, null) is { } kept)
            return kept;
        var made = Aes.Create();
        made.Key = key.Bytes.ToArray();
        return made;
    }

    private AesGcm TakeGcm() => Interlocked.Exchange(ref _gcm, null) ?? new AesGcm(key.Bytes, TagLength);

    private void Give(Aes cbc) => Interlocked.Exchange(ref _cbc, cbc)?.Dispose();

    private void Give(AesGcm gcm) => Interlocked.Exchange(ref _gcm, gcm)?.Dispose();
}
