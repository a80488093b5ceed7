using System.Collections;
using System.Net;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// What is known of a request when its span begins, by the names of OpenTelemetry's conventions. Read by whoever decides whether to record it, and by
/// the span, so that a request that is not recorded costs none of these texts.
/// </summary>
internal sealed class RequestTags(IExchange exchange) : IEnumerable<KeyValuePair<string, object?>>
{
    /// <summary>The most characters of a text that a client chooses; what waits to be exported must not be as large as a client likes.</summary>
    internal const int MostText = 1024;

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        var session = exchange.Downstream;
        var request = session.Request;
        yield return new("http.request.method", MethodOf(request));
        if (request.MethodKind == KnownMethod.Other)
            yield return new("http.request.method_original", Cut(request.MethodText));
        yield return new("url.scheme", session.Connection.IsEncrypted ? "https" : "http");
        if (!request.Path.IsEmpty)
            yield return new("url.path", Cut(request.PathText));
        if (!request.Host.IsEmpty)
        {
            var (host, port) = Split(Cut(request.HostText));
            yield return new("server.address", host);
            yield return new("server.port", port ?? (session.Connection.IsEncrypted ? 443 : 80));
        }

        if (exchange.ClientAddress is { } client)
            yield return new("client.address", client.ToString());
        if (session.Digest.RemoteEndPoint is IPEndPoint peer)
        {
            yield return new("network.peer.address", peer.Address.ToString());
            yield return new("network.peer.port", peer.Port);
        }

        yield return new("network.protocol.version", VersionOf(request.Version));
        if (request.Headers.Get(HeaderName.UserAgent) is { } agent)
            yield return new("user_agent.original", Cut(agent));
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A method that everybody knows; a client can make up any number of others.</summary>
    internal static string MethodOf(RequestHeader request) => request.MethodKind == KnownMethod.Other ? "_OTHER" : request.MethodText;

    internal static string VersionOf(Http.HttpVersion version) => version switch
    {
        Http.HttpVersion.Http10 => "1.0",
        Http.HttpVersion.Http11 => "1.1",
        _ => "2",
    };

    internal static string Cut(string text) => text.Length > MostText ? text[..MostText] : text;

    /// <summary>The parts of <c>HOST:PORT</c>, <c>[IPv6]:PORT</c> or either without a port.</summary>
    internal static (string Host, int? Port) Split(string authority)
    {
        var colon = authority.LastIndexOf(':');
        int? port = null;
        if (colon > authority.LastIndexOf(']'))
        {
            if (ushort.TryParse(authority.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out var number))
                port = number;
            authority = authority[..colon];
        }

        return (authority.Trim('[', ']'), port);
    }
}
