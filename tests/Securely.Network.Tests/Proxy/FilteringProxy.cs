using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

/// <summary>A proxy whose phases are delegates; one that is not given does nothing. It keeps what the logging phase sees.</summary>
internal sealed class FilteringProxy(params HttpPeer[] peers) : HttpProxy<PlainContext>
{
    /// <summary>Where the n-th try goes; the last one takes the rest.</summary>
    public HttpPeer[] Peers { get; set; } = peers;

    private readonly List<Logged> _finished = [];

    public Func<Session, CancellationToken, ValueTask>? Early { get; init; }

    public Func<Session, CancellationToken, ValueTask<FilterResult>>? Request { get; init; }

    public Func<Session, ValueTask<FilterResult>>? ProxyUpstream { get; init; }

    public Func<Session, CancellationToken, ValueTask<HttpPeer>>? Peer { get; init; }

    public Func<Session, CancellationToken, ValueTask>? Connected { get; init; }

    public Action<Session, RequestHeader>? UpstreamRequest { get; init; }

    public Func<Session, ReadOnlyMemory<byte>, bool, CancellationToken, ValueTask<ReadOnlyMemory<byte>>>? RequestBody { get; init; }

    public Action<Session, ResponseHeader>? UpstreamResponse { get; init; }

    public Func<ReadOnlyMemory<byte>, bool, BodyResult>? UpstreamResponseBody { get; init; }

    public Action<HeaderMap>? UpstreamTrailer { get; init; }

    public Action<Session, ResponseHeader>? Response { get; init; }

    public Func<ReadOnlyMemory<byte>, bool, BodyResult>? ResponseBody { get; init; }

    public Func<HeaderMap, ReadOnlyMemory<byte>>? ResponseTrailer { get; init; }

    public Action<ProxyError>? ConnectFailed { get; init; }

    public Action<ProxyError, bool>? WhileProxy { get; init; }

    public Func<Session, ProxyError, ValueTask<FailToProxy>>? Fail { get; init; }

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<Logged> Finished => _finished;

    /// <summary>Fails unless one request was logged, once, with this status and this error.</summary>
    public void AssertLogged(int? status, ErrorKind kind, ErrorSource source)
    {
        var logged = Assert.Single(Finished);
        Assert.Equal((status, kind, source), (logged.Status, logged.Error!.Kind, logged.Error.Source));
    }

    public override PlainContext NewContext() => new();

    public override ValueTask EarlyRequestFilterAsync(Session session, PlainContext context, CancellationToken cancellationToken) =>
        Early?.Invoke(session, cancellationToken) ?? default;

    public override ValueTask<FilterResult> RequestFilterAsync(Session session, PlainContext context, CancellationToken cancellationToken) =>
        Request?.Invoke(session, cancellationToken) ?? base.RequestFilterAsync(session, context, cancellationToken);

    public override ValueTask<FilterResult> ProxyUpstreamFilterAsync(Session session, PlainContext context, CancellationToken cancellationToken) =>
        ProxyUpstream?.Invoke(session) ?? base.ProxyUpstreamFilterAsync(session, context, cancellationToken);

    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, PlainContext context, CancellationToken cancellationToken) =>
        Peer?.Invoke(session, cancellationToken) ?? ValueTask.FromResult(Peers[Math.Min(session.Tries, Peers.Length) - 1]);

    public override ProxyError FailToConnect(Session session, HttpPeer peer, PlainContext context, ProxyError error)
    {
        ConnectFailed?.Invoke(error);
        return error;
    }

    public override ValueTask ConnectedToUpstreamAsync(Session session, HttpPeer peer, bool reused, ConnectionDigest digest, PlainContext context, CancellationToken cancellationToken) =>
        Connected?.Invoke(session, cancellationToken) ?? default;

    public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, PlainContext context, CancellationToken cancellationToken)
    {
        UpstreamRequest?.Invoke(session, upstreamRequest);
        return default;
    }

    public override ValueTask<ReadOnlyMemory<byte>> RequestBodyFilterAsync(Session session, ReadOnlyMemory<byte> body, bool endOfStream, PlainContext context, CancellationToken cancellationToken) =>
        RequestBody?.Invoke(session, body, endOfStream, cancellationToken) ?? new(body);

    public override ValueTask UpstreamResponseFilterAsync(Session session, ResponseHeader upstreamResponse, PlainContext context, CancellationToken cancellationToken)
    {
        UpstreamResponse?.Invoke(session, upstreamResponse);
        return default;
    }

    public override BodyResult UpstreamResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, PlainContext context) =>
        UpstreamResponseBody?.Invoke(body, endOfStream) ?? new BodyResult(body);

    public override void UpstreamResponseTrailerFilter(Session session, HeaderMap trailers, PlainContext context) => UpstreamTrailer?.Invoke(trailers);

    public override ValueTask ResponseFilterAsync(Session session, ResponseHeader response, PlainContext context, CancellationToken cancellationToken)
    {
        Response?.Invoke(session, response);
        return default;
    }

    public override BodyResult ResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, PlainContext context) =>
        ResponseBody?.Invoke(body, endOfStream) ?? new BodyResult(body);

    public override ValueTask<ReadOnlyMemory<byte>> ResponseTrailerFilterAsync(Session session, HeaderMap trailers, PlainContext context, CancellationToken cancellationToken) =>
        new(ResponseTrailer?.Invoke(trailers) ?? default);

    public override ProxyError ErrorWhileProxy(Session session, HttpPeer peer, ProxyError error, PlainContext context, bool connectionReused)
    {
        error = base.ErrorWhileProxy(session, peer, error, context, connectionReused);
        WhileProxy?.Invoke(error, connectionReused);
        return error;
    }

    public override ValueTask<FailToProxy> FailToProxyAsync(Session session, ProxyError error, PlainContext context, CancellationToken cancellationToken) =>
        Fail?.Invoke(session, error) ?? base.FailToProxyAsync(session, error, context, cancellationToken);

    public override bool SuppressErrorLog(Session session, PlainContext context, ProxyError error) => true;

    public override ValueTask LoggingAsync(Session session, ProxyError? error, PlainContext context)
    {
        _finished.Add(new Logged(session.Request.TargetText, session.Tries, session.ResponseWritten?.StatusCode, error, session.UpstreamBodyBytes));
        return default;
    }
}
