using System.Net.Security;
using Securely.Net;

namespace Securely.Dns;

/// <summary>
/// Asks over streams, inside of TLS or not (RFC 7766, RFC 7858): one stream for all questions of a worker, kept while it is used. It belongs to its
/// worker.
/// </summary>
internal sealed class StreamExchange(UpstreamState upstream, TimeSpan timeout) : IUpstreamExchange
{
    private static readonly SslApplicationProtocol _dot = new("dot");
    private readonly ClientTls? _tls = upstream.Options.Protocol != DnsProtocol.Tls ? null : new ClientTls
    {
        ServerName = upstream.Options.ServerName,
        Authorities = upstream.Options.Authorities,
        ApplicationProtocols = [_dot],
    };

    private Task<StreamChannel>? _channel;

    public Task<DnsMessage> AskAsync(ForwardKey key, CancellationToken cancellationToken) =>
        AskAsync(key, new UpstreamQuery(key, upstream, isOpen: false, isPadded: _tls is not null), cancellationToken);

    /// <summary>A datagram's letters were wrong: whether that is the upstream's own way shows where nobody can forge.</summary>
    internal async Task LearnCaseAsync(ForwardKey key, CancellationToken cancellationToken)
    {
        var query = new UpstreamQuery(key, upstream, isOpen: true);
        var reply = await ExchangeAsync(query.Bytes, cancellationToken);
        if (query.Judge(reply, isOpen: false, out _) == ReplyVerdict.Answer && query.HasOtherCase(reply))
            upstream.KeepsCase = false;
    }

    internal void Close()
    {
        if (_channel is { IsCompletedSuccessfully: true } open)
            open.Result.Close();
    }

    private async Task<DnsMessage> AskAsync(ForwardKey key, UpstreamQuery query, CancellationToken cancellationToken)
    {
        var isOld = _channel is { IsCompletedSuccessfully: true, Result.IsOpen: true };
        byte[] reply;
        try
        {
            reply = await ExchangeAsync(query.Bytes, cancellationToken);
        }
        catch (IOException) when (isOld)
        {
            // The upstream may close a stream that nobody has used for a while, just then.
            reply = await ExchangeAsync(query.Bytes, cancellationToken);
        }

        switch (query.Judge(reply, isOpen: false, out var answer))
        {
            case ReplyVerdict.Answer:
                return answer!;
            case ReplyVerdict.Misunderstood when upstream.HasEdns:
                return await AskPlainAsync(key, cancellationToken);
            case ReplyVerdict.Doubtful when upstream.ServerCookie is not null:
                return await AskAgainAsync(key, cancellationToken);
            default:
                throw new IOException($"What the server [{upstream.Options}] sent is no answer to the question");
        }
    }

    // An upstream has just shown that it does not understand EDNS, where nobody can forge that.
    private Task<DnsMessage> AskPlainAsync(ForwardKey key, CancellationToken cancellationToken)
    {
        upstream.HasEdns = false;
        return AskAsync(key, cancellationToken);
    }

    // The question went with the client's cookie alone, and the server wants its own back (RFC 7873, 5.3).
    private async Task<DnsMessage> AskAgainAsync(ForwardKey key, CancellationToken cancellationToken)
    {
        var query = new UpstreamQuery(key, upstream, isOpen: false);
        return query.Judge(await ExchangeAsync(query.Bytes, cancellationToken), isOpen: false, out var answer) == ReplyVerdict.Answer
            ? answer!
            : throw new IOException($"The server [{upstream.Options}] does not take its own cookie");
    }


    private async Task<byte[]> ExchangeAsync(byte[] query, CancellationToken cancellationToken)
    {
        if (_channel is null or { IsCompleted: true, IsCompletedSuccessfully: false } or { IsCompletedSuccessfully: true, Result.IsOpen: false })
            _channel = OpenAsync();
        var channel = await _channel.WaitAsync(cancellationToken);
        return await channel.AskAsync(query, cancellationToken);
    }

    private async Task<StreamChannel> OpenAsync()
    {
        var options = new TcpConnectOptions { ConnectTimeout = timeout };
        var connection = _tls is null
            ? await TcpConnector.ConnectAsync(upstream.Options.Address, options)
            : await TlsConnector.ConnectAsync(upstream.Options.Address, _tls, options);
        var channel = new StreamChannel(connection);
        channel.ReadAsync().Forget();
        return channel;
    }
}
