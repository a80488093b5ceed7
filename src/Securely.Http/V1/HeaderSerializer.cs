namespace Securely.Http;

/// <summary>
/// Writes heads as they go on an HTTP/1 connection. What it writes is well formed because the header types accept nothing else. The
/// destination must have the length that GetMaxLength says, or an exception is thrown and part of it is overwritten.
/// </summary>
internal static class HeaderSerializer
{
    // Two spaces, version, CRLF, and the CRLF of the empty line.
    private const int StartLineOverhead = 16;

    /// <summary>The most bytes that a request head takes.</summary>
    public static int GetMaxLength(RequestHeader header) =>
        header.Method.Length + header.OriginTarget.Length + StartLineOverhead + header.Headers.GetMaxLength();

    /// <summary>The most bytes that a response head takes.</summary>
    public static int GetMaxLength(ResponseHeader header) =>
        header.Reason.Length + StartLineOverhead + header.Headers.GetMaxLength();

    /// <summary>Writes a request head with the target in the form for an origin server, and returns how many bytes.</summary>
    public static int Write(RequestHeader header, Span<byte> destination)
    {
        int written = Put(header.Method, destination, 0);
        destination[written++] = (byte)' ';
        written = Put(header.OriginTarget, destination, written);
        destination[written++] = (byte)' ';
        written = Put(VersionText.Of(header.Version), destination, written);
        written = Put("\r\n"u8, destination, written);
        written += header.Headers.CopyLines(destination[written..]);
        return Put("\r\n"u8, destination, written);
    }

    /// <summary>Writes a response head and returns how many bytes.</summary>
    public static int Write(ResponseHeader header, Span<byte> destination)
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
        return Put("\r\n"u8, destination, written);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
