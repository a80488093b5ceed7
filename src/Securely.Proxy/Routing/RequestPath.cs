namespace Securely.Proxy;

/// <summary>
/// The path of a request as routes see it: percent-decoded once, without dot segments (RFC 3986 5.2.4) and repeated slashes, so that
/// no spelling of a path slips past the route that is meant for it.
/// </summary>
internal static class RequestPath
{
    /// <summary>The result of <see cref="Normalize"/> for a path that must not be served.</summary>
    public const int Refused = -1;

    /// <summary>Whether the path is its own normal form for certain; most paths are, and need no copy.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> path) =>
        !path.Contains((byte)'%') && path.IndexOf("//"u8) < 0 && path.IndexOf("/."u8) < 0;

    /// <summary>Writes the normal form.</summary>
    /// <param name="path">The raw path; begins with a slash.</param>
    /// <param name="output">At least as long as <paramref name="path"/>.</param>
    /// <param name="origins">Empty, or at least as long: receives for each byte of the output where in the raw path it came from.</param>
    /// <returns>
    /// The length, or <see cref="Refused"/> when a percent sign is not followed by two digits, a NUL is encoded, or dot segments lead
    /// above the root.
    /// </returns>
    public static int Normalize(ReadOnlySpan<byte> path, Span<byte> output, Span<int> origins)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var origin = i;
            var value = path[i];
            if (value == '%')
            {
                var decoded = Decode(path[i..]);
                if (decoded <= 0)
                {
                    return Refused;
                }

                value = (byte)decoded;
                i += 2;
            }

            if (value == '/')
            {
                length = CloseSegment(output, length);
                if (length == Refused)
                {
                    return Refused;
                }

                if (length > 0 && output[length - 1] == '/')
                {
                    continue;
                }
            }

            output[length] = value;
            if (!origins.IsEmpty)
            {
                origins[length] = origin;
            }

            length++;
        }

        return CloseSegment(output, length);
    }

    /// <summary>Takes a dot segment at the end away, and with two dots the segment before it.</summary>
    private static int CloseSegment(ReadOnlySpan<byte> output, int length)
    {
        var written = output[..length];
        if (written.EndsWith("/."u8))
        {
            return length - 1;
        }

        if (!written.EndsWith("/.."u8))
        {
            return length;
        }

        var parent = written[..(length - 3)];
        return parent.IsEmpty ? Refused : parent.LastIndexOf((byte)'/') + 1;
    }

    /// <summary>The byte that a percent sign and two hexadecimal digits stand for, or -1.</summary>
    private static int Decode(ReadOnlySpan<byte> text)
    {
        if (text.Length < 3 || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2]))
        {
            return -1;
        }

        return (Digit(text[1]) << 4) | Digit(text[2]);
    }

    private static int Digit(byte value) => value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10;
}
