using System.Buffers.Binary;

namespace Securely.Http;

/// <summary>The version as it stands in start lines (RFC 9112 2.3).</summary>
internal static class VersionText
{
    /// <summary>The length of <c>HTTP/1.1</c>.</summary>
    public const int Length = 8;

    /// <summary>The same with CRLF.</summary>
    public const int LineLength = 10;

    private const ulong Http11 = 0x312E312F50545448;
    private const ulong Http10 = 0x302E312F50545448;

    /// <summary>Reads one of the two versions that are spoken; there are at least eight bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out HttpVersion version)
    {
        ulong word = BinaryPrimitives.ReadUInt64LittleEndian(text);
        version = word == Http10 ? HttpVersion.Http10 : HttpVersion.Http11;
        return word is Http11 or Http10;
    }

    /// <summary>Whether it is a well-formed version, spoken or not; there are at least eight bytes.</summary>
    public static bool IsVersion(ReadOnlySpan<byte> text) =>
        text.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)text[5]) && text[6] == '.' && char.IsAsciiDigit((char)text[7]);

    /// <summary>The bytes of a version; what is sent over HTTP/1 for a message that came over HTTP/2 is 1.1.</summary>
    public static ReadOnlySpan<byte> Of(HttpVersion version) => version == HttpVersion.Http10 ? "HTTP/1.0"u8 : "HTTP/1.1"u8;
}
