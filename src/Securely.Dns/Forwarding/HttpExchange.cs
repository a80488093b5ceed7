using Securely.Http;
using Securely.Net;

namespace Securely.Dns;

/// <summary>Asks over HTTP (RFC 8484), in the body of a POST. It belongs to its worker; the connections are those of the connector.</summary>
internal sealed class HttpExchange : IUpstreamExchange
{
    private const string ContentType = "application/dns-message";
    private readonly UpstreamState _upstream;
    private readonly HttpConnector _connector;
    private readonly HttpPeer _peer;
    private readonly RequestHeader _request;

    internal HttpExchange(UpstreamState upstream, HttpConnector connector, TimeSpan timeout)
    {
        _upstream = upstream;
        _connector = connector;
        var options = upstream.Options;
        _peer = new HttpPeer(options.Address)
        {
            Tls = new ClientTls { ServerName = options.ServerName, Authorities = options.Authorities },
            Options = new PeerOptions { Protocol = PeerProtocol.Auto, TotalConnectionTimeout = timeout, ReadTimeout = timeout, WriteTimeout = timeout, IdleTimeout = TimeSpan.FromSeconds(30) },
        };
        _request = new RequestHeader("POST", options.Path);
        _request.Headers.Set(HeaderName.Host, options.ServerName.Length > 0 ? options.ServerName : options.Address.ToString());
        _request.Headers.Set(HeaderName.Accept, ContentType);
        _request.Headers.Set(HeaderName.ContentType, ContentType);
    }

    public async Task<DnsMessage> AskAsync(ForwardKey key, CancellationToken cancellationToken)
    {
        var query = new UpstreamQuery(key, _upstream, isOpen: false, isPadded: true);
        // Zero, so that caches of HTTP see equal questions as equal (RFC 8484, 4.1).
        query.Bytes.AsSpan(0, 2).Clear();
        var session = _connector.TryTake(_peer, probe: false) ?? await _connector.ConnectAsync(_peer, onlyNew: false);
        var worker = Worker.Current!;
        byte[] reply;
        try
        {
            await using var cancelling = cancellationToken.UnsafeRegister(_ => worker.Post(static state => Abort((ClientSession)state!), session), null);
            reply = await ExchangeAsync(session, query.Bytes);
        }
        catch
        {
            Abort(session);
            throw;
        }
        finally
        {
            _connector.Release(session, _peer);
        }

        return query.Judge(reply, isOpen: false, out var answer) == ReplyVerdict.Answer
            ? answer!
            : throw new IOException($"What the server [{_upstream.Options}] sent is no answer to the question");
    }

    private async Task<byte[]> ExchangeAsync(ClientSession session, byte[] query)
    {
        var request = new RequestHeader("POST", _upstream.Options.Path);
        request.CopyFrom(_request);
        request.Headers.Set(HeaderName.ContentLength, query.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        session.WriteHeader(request, hasBody: true);
        await session.WriteBodyAsync(query, isEnd: true);
        do
            await session.ReadHeaderAsync();
        while (session.Response.StatusCode < 200);
        if (session.Response.StatusCode != 200)
            throw new IOException($"The server [{_upstream.Options}] has answered with status [{session.Response.StatusCode}]");
        var body = new MemoryStream();
        while (session.HasMoreBody)
        {
            var chunk = await session.ReadBodyAsync();
            body.Write(chunk.Data.Span);
            if (body.Length > FieldWire.Maximum)
                throw new IOException($"The server [{_upstream.Options}] has answered with more than a message");
            if (chunk.IsEnd)
                break;
        }

        return body.ToArray();
    }

    private static void Abort(ClientSession session) => session.Abort(new NetException(NetErrorKind.ConnectionClosed, "The question was given up", ErrorSource.Internal));
}
