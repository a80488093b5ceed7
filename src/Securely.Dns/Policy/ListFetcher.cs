using System.Net;
using Securely.Http;
using Securely.Net;

namespace Securely.Dns;

/// <summary>Fetches lists over HTTP, within limits. Call it on a worker of the group that it was made for.</summary>
internal sealed class ListFetcher(WorkerGroup workers, NameListOptions options)
{
    private const int MostRedirections = 5;
    private readonly HttpConnector _connector = new(workers, new HttpConnectorOptions { PoolSize = 0 });

    /// <summary>Fetches a list.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="tag">The tag that the last one had; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The bytes and their tag; no bytes when the list is still the same.</returns>
    /// <exception cref="IOException">It cannot be had; the message says why.</exception>
    internal async Task<(byte[]? Bytes, string? Tag)> FetchAsync(Uri address, string? tag, CancellationToken cancellationToken)
    {
        for (var hops = 0; hops <= MostRedirections; hops++)
        {
            var (status, bytes, value) = await AskAsync(address, tag, cancellationToken);
            if (status == 200)
                return (bytes, value);
            if (status == 304)
                return (null, tag);
            if (status is not (301 or 302 or 303 or 307 or 308) || value is null || !Uri.TryCreate(address, value, out var next))
                throw new IOException($"the server has answered with status [{status}]");
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != address.Scheme)
                throw new IOException($"the server leads from https to [{next.Scheme}]");
            address = next;
        }

        throw new IOException($"the server leads on more than [{MostRedirections}] times");
    }

    private async Task<(int Status, byte[]? Bytes, string? Value)> AskAsync(Uri address, string? tag, CancellationToken cancellationToken)
    {
        var peer = await PeerAsync(address, cancellationToken);
        var session = await _connector.ConnectAsync(peer, onlyNew: true);
        var worker = Worker.Current!;
        try
        {
            await using var cancelling = cancellationToken.UnsafeRegister(_ => worker.Post(static state => Abort((ClientSession)state!), session), null);
            var request = new RequestHeader("GET", address.PathAndQuery);
            request.Headers.Set(HeaderName.Host, address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}");
            request.Headers.Set(HeaderName.UserAgent, "securely");
            if (tag is not null)
                request.Headers.Set(HeaderName.IfNoneMatch, tag);
            session.WriteHeader(request, hasBody: false);
            await session.FlushAsync();
            do
                await session.ReadHeaderAsync();
            while (session.Response.StatusCode < 200);
            var status = session.Response.StatusCode;
            if (status != 200)
                return (status, null, Header(session, HeaderName.Location));
            var value = Header(session, HeaderName.ETag);
            return (status, await ReadAsync(session), value);
        }
        finally
        {
            Abort(session);
            _connector.Release(session, peer);
        }
    }

    private async Task<byte[]> ReadAsync(ClientSession session)
    {
        var body = new MemoryStream();
        while (session.HasMoreBody)
        {
            var chunk = await session.ReadBodyAsync();
            body.Write(chunk.Data.Span);
            if (body.Length > options.MaximumBytes)
                throw new IOException($"it has more than [{options.MaximumBytes}] bytes");
            if (chunk.IsEnd)
                break;
        }

        return body.ToArray();
    }

    private async Task<HttpPeer> PeerAsync(Uri address, CancellationToken cancellationToken)
    {
        var found = await options.Resolve(address.IdnHost, cancellationToken);
        if (found.Length == 0)
            throw new IOException($"its server [{address.Host}] has no address");
        return new HttpPeer(new IPEndPoint(found[0], address.Port))
        {
            Tls = address.Scheme == Uri.UriSchemeHttps ? new ClientTls { ServerName = address.IdnHost, Authorities = options.Authorities } : null,
            Options = new PeerOptions { TotalConnectionTimeout = options.Timeout, ReadTimeout = options.Timeout, WriteTimeout = options.Timeout },
        };
    }

    private static string? Header(ClientSession session, HeaderName name) => session.Response.Headers.GetAll(name) is [var value, ..] ? value : null;

    private static void Abort(ClientSession session) => session.Abort(new NetException(NetErrorKind.ConnectionClosed, "The list was given up", ErrorSource.Internal));
}
