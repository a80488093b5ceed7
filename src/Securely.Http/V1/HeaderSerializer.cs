namespace Securely.Http;

/// <summary>
/// Writes heads as they go on an HTTP/1 connection. What it writes is well formed because the header types accept nothing else. The
/// destination must have the length that GetMaxLength says, plus that of the lines given, or an exception is thrown and part of it is
/// overwritten.
/// </summary>
internal static class HeaderSerializer
{
    // Two spaces, the version, CRLF, and the CRLF of the empty line; a status has three digits more.
    private const int RequestOverhead = 14;
    private const int ResponseOverhead = 17;

    /// <summary>The most bytes that a request head takes.</summary>
    public static int GetMaxLength(RequestHeader header) =>
        header.Method.Length + header.OriginTarget.Length + RequestOverhead + header.Headers.GetMaxLength();

    /// <summary>The most bytes that a response head takes.</summary>
    public static int GetMaxLength(ResponseHeader header) =>
        header.Reason.Length + ResponseOverhead + header.Headers.GetMaxLength();

    /// <summary>Writes a request head with the target in the form for an origin server, and returns how many bytes.</summary>
    /// <param name="header">The head.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="lines">Ready-made lines that go behind the fields, each with its CRLF, without the map being touched.</param>
    public static int Write(RequestHeader header, Span<byte> destination, ReadOnlySpan<byte> lines = default)
    {
        int written = Put(header.Method, destination, 0);
        destination[written++] = (byte)' ';
        written = Put(header.OriginTarget, destination, written);
        destination[written++] = (byte)' ';
        written = Put(VersionText.Of(header.Version), destination, written);
        written = Put("\r\n"u8, destination, written);
        written += header.Headers.CopyLines(destination[written..]);
        written = Put(lines, destination, written);
        return Put("\r\n"u8, destination, written);
    }

    /// <summary>Writes a response head and returns how many bytes.</summary>
    /// <param name="header">The head.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="lines">Ready-made lines that go behind the fields, each with its CRLF, without the map being touched.</param>
    public static int Write(ResponseHeader header, Span<byte> destination, ReadOnlySpan<byte> lines = default)
    {
        int status = header.StatusCode;
        int written = Put(VersionText.Of(header.Version), destination, 0);
        destination[written++] = (byte)' ';
        destination[written++] = (byte)('0' + (status / 100));
        destination[written++] = (byte)('0' + (status / 10 % 10));
        destination[written++] = (byte)('0' + (status % 10));
        destination[written++] = (byte)' ';
        written = Put(header.Reason, destination, written);
        written = Put("\r\n"u8, destination, written);
        written += header.Headers.CopyLines(destination[written..]);
        written = Put(lines, destination, written);
        return Put("\r\n"u8, destination, written);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
