using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>A programmable HTTP proxy: override the phases you care about. One object serves all requests, on all workers at once.</summary>
/// <remarks>
/// The phases of a request, in order (spec section 2.10): 1. <see cref="NewContext"/>; 2. <see cref="OnConnectionReuse"/>;
/// 3. <see cref="EarlyRequestFilterAsync"/>; 4. <see cref="RequestFilterAsync"/>; 5. <see cref="ProxyUpstreamFilterAsync"/>; then for every try
/// 6. <see cref="UpstreamPeerAsync"/>; 7. <see cref="FailToConnect"/> or <see cref="ConnectedToUpstreamAsync"/>;
/// 8. <see cref="UpstreamRequestFilterAsync"/>; 9. <see cref="RequestBodyFilterAsync"/> for each part; 10. <see cref="UpstreamResponseFilterAsync"/>
/// and <see cref="ResponseFilterAsync"/> for each head; 11. <see cref="UpstreamResponseBodyFilter"/> and <see cref="ResponseBodyFilter"/> for each
/// part; 12. <see cref="UpstreamResponseTrailerFilter"/> and <see cref="ResponseTrailerFilterAsync"/>; on an error
/// 13. <see cref="ErrorWhileProxy"/> and, after the last try, 14. <see cref="FailToProxyAsync"/>; always, once, 15. <see cref="LoggingAsync"/>;
/// 16. <see cref="PersistConnectionContext"/>. A phase that is not overridden is not called. An exception in a phase ends its request alone, with 500.
/// </remarks>
/// <typeparam name="TContext">State of one request, shared by its phases.</typeparam>
public abstract class HttpProxy<TContext>
{
    /// <summary>Makes the state of a request.</summary>
    /// <returns>The state.</returns>
    public abstract TContext NewContext();

    /// <summary>Whether a context may serve the next request of the same worker, so that none is allocated. Called after logging.</summary>
    /// <param name="context">The context; an override clears it and returns true.</param>
    /// <returns>Default: false.</returns>
    public virtual bool TryResetContext(TContext context) => false;

    /// <summary>Chooses the upstream; called for every try.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>The upstream. Keep peers: making one for every request costs.</returns>
    public abstract ValueTask<HttpPeer> UpstreamPeerAsync(Session session, TContext context, CancellationToken cancellationToken);

    /// <summary>A kept-alive connection serves another request, and the last one left something behind.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <param name="previous">What <see cref="PersistConnectionContext"/> returned.</param>
    public virtual void OnConnectionReuse(Session session, TContext context, object previous)
    {
    }

    /// <summary>The first phase, before anything else looks at the request.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>A task.</returns>
    public virtual ValueTask EarlyRequestFilterAsync(Session session, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>Checks, changes or answers the request.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>Default: <see cref="FilterResult.Continue"/>.</returns>
    public virtual ValueTask<FilterResult> RequestFilterAsync(Session session, TContext context, CancellationToken cancellationToken) => new(FilterResult.Continue);

    /// <summary>Last word before an upstream is asked. Responding, or returning Responded without a response (502), ends the request.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>Default: <see cref="FilterResult.Continue"/>.</returns>
    public virtual ValueTask<FilterResult> ProxyUpstreamFilterAsync(Session session, TContext context, CancellationToken cancellationToken) => new(FilterResult.Continue);

    /// <summary>No connection could be made, and nothing was sent. Setting <see cref="ProxyError.Retry"/> to Always tries again.</summary>
    /// <param name="session">The request.</param>
    /// <param name="peer">The upstream.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="error">What happened.</param>
    /// <returns>Default: the error as it is, which is not tried again. Its source becomes Upstream.</returns>
    public virtual ProxyError FailToConnect(Session session, HttpPeer peer, TContext context, ProxyError error) => error;

    /// <summary>A connection is there, a new one or a reused one.</summary>
    /// <param name="session">The request.</param>
    /// <param name="peer">The upstream.</param>
    /// <param name="reused">Whether it has served a request before.</param>
    /// <param name="digest">Its facts.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>A task; an error ends the try.</returns>
    public virtual ValueTask ConnectedToUpstreamAsync(Session session, HttpPeer peer, bool reused, ConnectionDigest digest, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>Changes the head that the upstream gets: a copy of the request's, for each try.</summary>
    /// <param name="session">The request.</param>
    /// <param name="upstreamRequest">The copy.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>A task.</returns>
    public virtual ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>Sees and changes the request's body; called at least once, at the end, and again from the beginning for another try.</summary>
    /// <param name="session">The request.</param>
    /// <param name="body">A part; may be empty. Valid until the task ends.</param>
    /// <param name="endOfStream">Whether it is the last.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>What is sent. Whoever changes the length removes Content-Length in <see cref="UpstreamRequestFilterAsync"/>.</returns>
    public virtual ValueTask<ReadOnlyMemory<byte>> RequestBodyFilterAsync(Session session, ReadOnlyMemory<byte> body, bool endOfStream, TContext context, CancellationToken cancellationToken) => new(body);

    /// <summary>Sees and changes each head of the upstream, informational ones too, before anything else does.</summary>
    /// <param name="session">The request.</param>
    /// <param name="upstreamResponse">The head.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>A task.</returns>
    public virtual ValueTask UpstreamResponseFilterAsync(Session session, ResponseHeader upstreamResponse, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>Sees and changes the response's body as the upstream sends it.</summary>
    /// <param name="session">The request.</param>
    /// <param name="body">A part; may be empty.</param>
    /// <param name="endOfStream">Whether it is the last.</param>
    /// <param name="context">The request's state.</param>
    /// <returns>What goes on, and after which delay.</returns>
    public virtual BodyResult UpstreamResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, TContext context) => new(body);

    /// <summary>Sees and changes the trailers as the upstream sends them.</summary>
    /// <param name="session">The request.</param>
    /// <param name="trailers">The trailers.</param>
    /// <param name="context">The request's state.</param>
    public virtual void UpstreamResponseTrailerFilter(Session session, HeaderMap trailers, TContext context)
    {
    }

    /// <summary>Sees and changes each head that goes to the client, informational ones too.</summary>
    /// <param name="session">The request.</param>
    /// <param name="response">The head.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>A task.</returns>
    public virtual ValueTask ResponseFilterAsync(Session session, ResponseHeader response, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>Sees and changes the response's body as it goes to the client.</summary>
    /// <param name="session">The request.</param>
    /// <param name="body">A part; may be empty.</param>
    /// <param name="endOfStream">Whether it is the last.</param>
    /// <param name="context">The request's state.</param>
    /// <returns>What is sent, and after which delay. Whoever changes the length removes Content-Length in <see cref="ResponseFilterAsync"/>.</returns>
    public virtual BodyResult ResponseBodyFilter(Session session, ReadOnlyMemory<byte> body, bool endOfStream, TContext context) => new(body);

    /// <summary>Sees and changes the trailers that go to the client.</summary>
    /// <param name="session">The request.</param>
    /// <param name="trailers">The trailers.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>Bytes that become the last part of the body. Default: none.</returns>
    public virtual ValueTask<ReadOnlyMemory<byte>> ResponseTrailerFilterAsync(Session session, HeaderMap trailers, TContext context, CancellationToken cancellationToken) => default;

    /// <summary>
    /// An exchange with an upstream failed after the connection was there. The default tries again when a reused connection had died before any
    /// byte of the response, and the request can be sent twice: its body was kept whole (64 KiB), and its method is idempotent or nothing of it
    /// had been sent.
    /// </summary>
    /// <param name="session">The request.</param>
    /// <param name="peer">The upstream.</param>
    /// <param name="error">What happened.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="connectionReused">Whether the connection had served a request before.</param>
    /// <returns>The error, with its <see cref="ProxyError.Retry"/> decided.</returns>
    public virtual ProxyError ErrorWhileProxy(Session session, HttpPeer peer, ProxyError error, TContext context, bool connectionReused)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(error);
        if (error.Retry == RetryKind.OnReusedConnection)
            error.Retry = connectionReused && session.CanSendAgain ? RetryKind.Always : RetryKind.Never;
        return error;
    }

    /// <summary>
    /// The request has failed: answers it, unless a response has begun. The default answers <see cref="ProxyError.StatusCode"/>, else 504 for an
    /// upstream's timeout, 502 for its other faults, 500 for ours, 400 for the client's, and nothing to a client that has gone.
    /// </summary>
    /// <param name="session">The request.</param>
    /// <param name="error">What happened.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="cancellationToken">Cancelled when the client has gone.</param>
    /// <returns>What was answered.</returns>
    public virtual async ValueTask<FailToProxy> FailToProxyAsync(Session session, ProxyError error, TContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(error);
        var code = DefaultStatus(error);
        if (code > 0 && session.ResponseWritten is null)
            await session.RespondErrorAsync(code);
        return new FailToProxy(code);
    }

    /// <summary>Whether the error of a failed request is not logged.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">The request's state.</param>
    /// <param name="error">What happened.</param>
    /// <returns>Default: false.</returns>
    public virtual bool SuppressErrorLog(Session session, TContext context, ProxyError error) => false;

    /// <summary>How the log names a request.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">The request's state.</param>
    /// <returns>Default: method, path and host.</returns>
    public virtual string RequestSummary(Session session, TContext context)
    {
        ArgumentNullException.ThrowIfNull(session);
        return $"{session.Request.MethodText} {session.Request.PathText}, Host: {session.Request.HostText}";
    }

    /// <summary>The last phase of every request, whatever happened; exactly once.</summary>
    /// <param name="session">The request.</param>
    /// <param name="error">What happened; null for success.</param>
    /// <param name="context">The request's state.</param>
    /// <returns>A task.</returns>
    public virtual ValueTask LoggingAsync(Session session, ProxyError? error, TContext context) => default;

    /// <summary>Leaves something for the next request of the connection; called when it will be kept alive.</summary>
    /// <param name="session">The request.</param>
    /// <param name="context">Its state.</param>
    /// <returns>Default: null, nothing.</returns>
    public virtual object? PersistConnectionContext(Session session, TContext context) => null;

    private static int DefaultStatus(ProxyError error) => error.StatusCode ?? error.Source switch
    {
        ErrorSource.Upstream => error.IsTimeout ? 504 : 502,
        ErrorSource.Downstream when error.Kind == ErrorKind.ReadTimedOut => 408,
        ErrorSource.Downstream => error.Kind is ErrorKind.ReadError or ErrorKind.WriteError or ErrorKind.WriteTimedOut or ErrorKind.ConnectionClosed ? 0 : 400,
        _ => 500,
    };
}
