using System.Buffers;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// The path of a request as routes see it: percent-decoded once, without dot segments (RFC 3986 5.2.4) and repeated slashes. Upstreams read
/// dot segments beside repeated or encoded slashes in different ways: a path that has any is forwarded as it was matched, so that no
/// spelling slips past the route that is meant for it.
/// </summary>
internal static class RequestPath
{
    /// <summary>The result of <see cref="Normalize"/> for a path that must not be served.</summary>
    public const int Refused = -1;

    /// <summary>Whether the path is its own normal form for certain; most paths are, and need no copy.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> path) =>
        path.IndexOfAny((byte)'%', (byte)'\\') < 0 && path.IndexOf("//"u8) < 0 && path.IndexOf("/."u8) < 0;

    /// <summary>Writes the normal form.</summary>
    /// <param name="path">The raw path; begins with a slash.</param>
    /// <param name="output">At least as long as <paramref name="path"/>.</param>
    /// <param name="origins">Empty, or at least as long: receives for each byte of the output where in the raw path it came from.</param>
    /// <param name="hasDotSegments">Whether there were dot segments.</param>
    /// <returns>
    /// The length, or <see cref="Refused"/> when a percent sign is not followed by two digits, a NUL is encoded, dot segments lead
    /// above the root, or are such only to servers that take a backslash for a slash or end a name at a semicolon.
    /// </returns>
    public static int Normalize(ReadOnlySpan<byte> path, Span<byte> output, Span<int> origins, out bool hasDotSegments)
    {
        hasDotSegments = false;
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
                length = CloseSegment(output, length, ref hasDotSegments);
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

        return CloseSegment(output, length, ref hasDotSegments);
    }

    /// <summary>Makes the path of a target what <see cref="Normalize"/> finds in it, with every byte that is left encoded or not as it came.</summary>
    /// <param name="request">A request whose path is not refused.</param>
    public static void RemoveDotSegments(RequestHeader request)
    {
        var path = request.Path;
        var query = request.OriginTarget[path.Length..];
        var output = ArrayPool<byte>.Shared.Rent(path.Length + query.Length);
        var origins = ArrayPool<int>.Shared.Rent(path.Length);
        var length = Normalize(path, output, origins, out _);
        var target = 0;
        for (var i = 0; i < length; i++)
        {
            var raw = path.Slice(origins[i], path[origins[i]] == '%' ? 3 : 1);
            raw.CopyTo(output.AsSpan(target));
            target += raw.Length;
        }

        query.CopyTo(output.AsSpan(target));
        request.SetTarget(output.AsSpan(0, target + query.Length));
        ArrayPool<byte>.Shared.Return(output);
        ArrayPool<int>.Shared.Return(origins);
    }

    /// <summary>Takes a dot segment at the end away, and with two dots the segment before it.</summary>
    private static int CloseSegment(ReadOnlySpan<byte> output, int length, ref bool hasDotSegments)
    {
        var written = output[..length];
        var start = written.LastIndexOf((byte)'/') + 1;
        var segment = written[start..];
        if (segment.SequenceEqual("."u8))
        {
            hasDotSegments = true;
            return start;
        }

        if (segment.SequenceEqual(".."u8))
        {
            hasDotSegments = true;
            return start <= 1 ? Refused : written[..(start - 1)].LastIndexOf((byte)'/') + 1;
        }

        return IsDotSegmentToSome(segment) ? Refused : length;
    }

    private static bool IsDotSegmentToSome(ReadOnlySpan<byte> segment)
    {
        if (segment.IndexOfAny((byte)'\\', (byte)';') < 0)
            return false;
        foreach (var range in segment.Split((byte)'\\'))
        {
            var name = segment[range];
            var end = name.IndexOf((byte)';');
            name = end < 0 ? name : name[..end];
            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                return true;
        }

        return false;
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
