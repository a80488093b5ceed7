using System.Globalization;

namespace Securely.Testing;

/// <summary>The obvious reading of an HTTP/1 head (RFC 9112 sections 2 to 6), for peers of tests: it accepts exactly what is well formed.</summary>
internal static class RawMessage
{
    /// <summary>The header lines of a head that ends in an empty line; the first line is left out.</summary>
    public static IReadOnlyList<RawHeader> Headers(string head) => [.. head.Split("\r\n").Skip(1).TakeWhile(line => line.Length > 0).Select(Header)];

    /// <summary>The header lines of a trailer section that ends in an empty line.</summary>
    public static IReadOnlyList<RawHeader> Trailers(string section) => [.. section.Split("\r\n").TakeWhile(line => line.Length > 0).Select(Header)];

    /// <summary>A status line and its header lines, without a body.</summary>
    public static RawResponse ResponseHead(string head, byte[] raw)
    {
        var line = head[..head.IndexOf("\r\n", StringComparison.Ordinal)];
        var parts = line.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal) || parts[1].Length != 3)
            throw new InvalidDataException($"[{Readable.Escape(line)}] is no HTTP/1 status line");
        return new RawResponse
        {
            Version = parts[0],
            Status = int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture),
            Reason = parts.Length > 2 ? parts[2] : "",
            Headers = Headers(head),
            Raw = raw,
        };
    }

    /// <summary>Whether the message is in chunks.</summary>
    public static bool IsChunked(IReadOnlyList<RawHeader> headers) =>
        headers.Any(header => Is(header, "Transfer-Encoding") && header.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase));

    /// <summary>The Content-Length; null when there is none.</summary>
    public static int? ContentLength(IReadOnlyList<RawHeader> headers) =>
        headers.SingleOrDefault(header => Is(header, "Content-Length")) is { } found ? int.Parse(found.Value, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    /// <summary>The size that stands at the beginning of a chunk line; extensions are passed over.</summary>
    public static int ChunkSize(string line) => int.Parse(line.TrimEnd().Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static bool Is(RawHeader header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static RawHeader Header(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? new RawHeader(line[..colon], line[(colon + 1)..].Trim(' ', '\t')) : throw new InvalidDataException($"[{Readable.Escape(line)}] is no header line");
    }
}
