using System.Net;

namespace Securely.Testing;

/// <summary>A request that arrived at a <see cref="TestOrigin"/>.</summary>
public sealed class RecordedRequest
{
    internal RecordedRequest(int connection, EndPoint from, string head)
    {
        Connection = connection;
        From = from;
        Head = head;
    }

    /// <summary>The index of the connection that it came on.</summary>
    public int Connection { get; }

    /// <summary>The address it came from.</summary>
    public EndPoint From { get; }

    /// <summary>The head as raw text, its empty line included.</summary>
    public string Head { get; }

    /// <summary>The body without its framing; empty until the script has read it.</summary>
    public byte[] Body { get; internal set; } = [];

    /// <summary>The request line.</summary>
    public string Line => Head[..Head.IndexOf("\r\n", StringComparison.Ordinal)];

    /// <summary>The values of all header lines called <paramref name="name"/> in any case, in order.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. RawMessage.Headers(Head).Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];
}
