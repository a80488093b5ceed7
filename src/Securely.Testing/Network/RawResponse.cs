using System.Text;

namespace Securely.Testing;

/// <summary>One HTTP/1 response, informational ones included, as it stood on the wire.</summary>
public sealed record RawResponse
{
    /// <summary><c>HTTP/1.0</c> or <c>HTTP/1.1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The status code.</summary>
    public required int Status { get; init; }

    /// <summary>The reason phrase; empty when there was none.</summary>
    public required string Reason { get; init; }

    /// <summary>The header lines, in order.</summary>
    public required IReadOnlyList<RawHeader> Headers { get; init; }

    /// <summary>The header lines after the last chunk, in order.</summary>
    public IReadOnlyList<RawHeader> Trailers { get; init; } = [];

    /// <summary>The body without its framing.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Whether the body came in chunks.</summary>
    public bool WasChunked { get; init; }

    /// <summary>Whether the end of the connection was the end of the body.</summary>
    public bool EndedByClose { get; init; }

    /// <summary>All bytes of the response, framing included.</summary>
    public required byte[] Raw { get; init; }

    /// <summary>The body as text, one character a byte (Latin-1).</summary>
    public string BodyText => Encoding.Latin1.GetString(Body);

    /// <summary>The value of the only header line called <paramref name="name"/> in any case; null when there is none.</summary>
    /// <exception cref="InvalidDataException">There are several.</exception>
    public string? Header(string name)
    {
        var values = Values(name);
        return values.Count switch
        {
            0 => null,
            1 => values[0],
            _ => throw new InvalidDataException($"Header [{name}] stands {values.Count} times: {string.Join(" | ", values)}"),
        };
    }

    /// <summary>The values of all header lines called <paramref name="name"/> in any case, in order.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];
}
