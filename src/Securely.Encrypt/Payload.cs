using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Securely.Encrypt;

/// <summary>
/// A payload taken apart: base64 around a JSON object with <c>iv</c>, <c>value</c>, <c>mac</c> and <c>tag</c>. Its spans lie in one
/// borrowed buffer until it is disposed of; what it needs is a small multiple of the payload's length.
/// </summary>
internal ref struct Payload
{
    private readonly byte[] _buffer;

    private Payload(byte[] buffer) => _buffer = buffer;

    /// <summary>The decoded initialisation vector; of the length of the cipher.</summary>
    public ReadOnlySpan<byte> Iv { get; private set; }

    /// <summary>The decoded ciphertext.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The text that the HMAC is of: the vector and the ciphertext, both in base64 as they stand in the payload.</summary>
    public ReadOnlySpan<byte> Signed { get; private set; }

    /// <summary>The HMAC as text.</summary>
    public ReadOnlySpan<byte> Mac { get; private set; }

    /// <summary>The decoded tag; of 16 bytes where the cipher has one.</summary>
    public ReadOnlySpan<byte> Tag { get; private set; }

    /// <exception cref="DecryptException">It is malformed.</exception>
    public static Payload Parse(ReadOnlySpan<char> text, Cipher cipher, bool strict)
    {
        // The JSON text, of three quarters of the length; its fields as text, and again what is signed of them, each no longer than it; and the fields decoded,
        // which are shorter by a quarter once more.
        var length = Encoding.UTF8.GetByteCount(text);
        var buffer = ArrayPool<byte>.Shared.Rent(checked(length * 3));
        try
        {
            var written = Encoding.UTF8.GetBytes(text, buffer);
            if (!TryDecode(buffer.AsSpan(0, written), buffer, strict, out written))
                throw DecryptException.Malformed("it is not base64");
            var payload = new Payload(buffer);
            payload.Read(buffer.AsSpan(0, written), buffer.AsSpan(written), cipher, strict);
            return payload;
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    public readonly void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private void Read(ReadOnlySpan<byte> json, Span<byte> rest, Cipher cipher, bool strict)
    {
        var fields = new PayloadFields(rest, strict);
        try
        {
            fields.Read(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw DecryptException.Malformed("what is in the base64 is not JSON");
        }

        Mac = fields.Mac;
        Signed = fields.Signed;
        rest = fields.Rest;
        Iv = Decode(fields.Iv, ref rest, "iv", strict, isIv: true);
        if (Iv.Length != cipher.IvLength)
            throw DecryptException.Malformed($"the initialisation vector has {Iv.Length} bytes, and {cipher.Name} wants {cipher.IvLength}");
        Value = Decode(fields.Value, ref rest, "value", strict);
        // PHP counts the text 0 as empty.
        var hasTag = !fields.Tag.IsEmpty && (strict || !fields.Tag.SequenceEqual("0"u8));
        Tag = hasTag ? Decode(fields.Tag, ref rest, "tag", strict) : default;
        Check(hasTag, cipher, strict);
    }

    private readonly void Check(bool hasTag, Cipher cipher, bool strict)
    {
        if (cipher.HasTag ? Tag.Length != 16 : hasTag)
            throw DecryptException.Malformed(cipher.HasTag ? $"its tag has {Tag.Length} bytes in place of 16" : $"it has a tag, and {cipher.Name} makes none");
        if (!cipher.HasTag && (Value.IsEmpty || Value.Length % 16 != 0))
            throw DecryptException.NotAuthentic();
        if (strict && cipher.HasTag && !Mac.IsEmpty)
            throw DecryptException.Malformed($"it has a MAC, and {cipher.Name} makes none");
    }

    private static ReadOnlySpan<byte> Decode(scoped ReadOnlySpan<byte> text, scoped ref Span<byte> rest, string field, bool strict, bool isIv = false)
    {
        if (strict ? !TryDecode(text, rest, strict, out var written) : !LenientBase64.TryDecode(text, rest, isIv, out written))
            throw DecryptException.Malformed($"its [{field}] is not base64");
        var decoded = rest[..written];
        rest = rest[written..];
        return decoded;
    }

    /// <summary>Padded and without blanks where it is strict, as PHP reads it otherwise.</summary>
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> bytes, bool strict, out int written)
    {
        if (!strict)
            return LenientBase64.TryDecode(text, bytes, strict: false, out written);
        written = 0;
        return !text.ContainsAny(" \t\r\n"u8) && Base64.DecodeFromUtf8(text, bytes, out _, out written) == OperationStatus.Done;
    }
}
