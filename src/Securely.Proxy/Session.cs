using System.Diagnostics;
using System.Net;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>One downstream request and its response, as the phases see it. Use it on its worker, and not after the logging phase.</summary>
public sealed class Session
{
    private readonly IExchange _exchange;

    internal Session(IExchange exchange) => _exchange = exchange;

    /// <summary>The session of the HTTP server below, for what is not shown here.</summary>
    public ServerSession Http => _exchange.Downstream;

    /// <summary>The client's request, without its hop-by-hop fields.</summary>
    public RequestHeader Request => _exchange.Downstream.Request;

    /// <summary>The head that was sent to the client; null before.</summary>
    public ResponseHeader? ResponseWritten => _exchange.Downstream.ResponseWritten;

    /// <summary>The client's connection.</summary>
    public ConnectionDigest Downstream => _exchange.Downstream.Digest;

    /// <summary>The upstream's connection of the present try; null before there is one.</summary>
    public ConnectionDigest? Upstream => _exchange.Upstream?.Connection.Digest;

    /// <summary>
    /// Who asks: the peer, or behind <see cref="ProxyServiceOptions.TrustedProxies"/> the right-most address of X-Forwarded-For that is not trusted.
    /// Null for a client on a Unix socket that nobody speaks for. Decided once a request, from the fields as they are then.
    /// </summary>
    public IPAddress? ClientAddress => _exchange.ClientAddress;

    /// <summary>Which site the request is counted and logged for. Default: null, which is counted as <see cref="SiteFigures.NoSite"/>.</summary>
    public SiteFigures? Site
    {
        get => _exchange.Site;
        set => _exchange.Site = value;
    }

    /// <summary>
    /// Which upstream the present and later tries are counted and logged for; set it in <see cref="HttpProxy{TContext}.UpstreamPeerAsync"/>.
    /// Default: null, which is counted as <see cref="UpstreamFigures.NoUpstream"/>.
    /// </summary>
    public UpstreamFigures? UpstreamFigures
    {
        get => _exchange.UpstreamFigures;
        set => _exchange.UpstreamFigures = value;
    }

    /// <summary>What the access log calls the route. Default: null, none.</summary>
    public string? RouteName
    {
        get => _exchange.RouteName;
        set => _exchange.RouteName = value;
    }

    /// <summary>
    /// What the span of the request calls the route (<c>http.route</c>), such as <c>/api/*</c>: one of few, never a path that a client chose.
    /// Default: null, which is <see cref="RouteName"/>.
    /// </summary>
    public string? RoutePattern
    {
        get => _exchange.RoutePattern;
        set => _exchange.RoutePattern = value;
    }

    /// <summary>
    /// The span of the request, for tags of one's own, or to make it the current one around a call; null when the request is not recorded
    /// (<see cref="ProxyTracing"/>). It ends after the logging phase.
    /// </summary>
    public Activity? Activity => _exchange.Activity;

    /// <summary>The span of the present try at an upstream; null between tries, and when the request is not recorded.</summary>
    public Activity? UpstreamActivity => _exchange.UpstreamActivity;

    /// <summary>Which try this is, from 1; 0 before the first.</summary>
    public int Tries => _exchange.Tries;

    /// <summary>Bytes of body that the upstream has sent.</summary>
    public long UpstreamBodyBytes => _exchange.Upstream?.BodyBytesReceived ?? 0;

    /// <summary>Whether the client's connection may serve another request; setting it to false closes it after the response.</summary>
    public bool KeepAlive
    {
        get => _exchange.Downstream.KeepAlive;
        set => _exchange.Downstream.KeepAlive = value;
    }

    /// <summary>Whether a client that ends its side of the connection is taken to have gone (H1S-20). Default: true.</summary>
    public bool AbortOnClose { get; set; } = true;

    /// <summary>Whether informational responses are dropped (H1S-13). Default: false.</summary>
    public bool IgnoreInformational
    {
        get => _exchange.Downstream.IgnoreInformational;
        set => _exchange.Downstream.IgnoreInformational = value;
    }

    /// <summary>
    /// Whether the request may go to an upstream once more: what was read of its body has been kept, and its method is idempotent or nothing of
    /// it has been sent.
    /// </summary>
    public bool CanSendAgain => _exchange.CanSendAgain;

    /// <summary>Cancelled when the client has gone. Asking for it costs an allocation, once a connection.</summary>
    public CancellationToken Aborted => _exchange.Aborted;

    /// <summary>Whether the service is stopping, so that connections end after their responses (PRX-09).</summary>
    public bool IsShuttingDown => _exchange.IsShuttingDown;

    /// <summary>Reads the request's body in a phase before the upstream's. Up to 64 KiB are kept and still reach the upstream.</summary>
    /// <returns>The next part.</returns>
    public ValueTask<BodyChunk> ReadBodyAsync() => _exchange.ReadBodyAsync();

    /// <summary>Answers the request.</summary>
    /// <param name="statusCode">From 200 to 999.</param>
    /// <param name="body">The body; may be empty.</param>
    /// <param name="contentType">The body's type; null for none.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public ValueTask RespondAsync(int statusCode, ReadOnlyMemory<byte> body = default, string? contentType = null) =>
        _exchange.Downstream.RespondAsync(statusCode, body, contentType);

    /// <summary>Answers the request with a head of one's own.</summary>
    /// <param name="header">The head.</param>
    /// <param name="body">The body; may be empty.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public ValueTask RespondAsync(ResponseHeader header, ReadOnlyMemory<byte> body = default) => _exchange.Downstream.RespondAsync(header, body);

    /// <summary>
    /// Answers with an error page: no body, not to be cached, and the connection ends (PRX-08). A call of gRPC gets the status of gRPC that
    /// stands for it, in a response without messages.
    /// </summary>
    /// <param name="statusCode">From 400 to 599.</param>
    /// <param name="body">A body, when an empty one will not do.</param>
    /// <param name="contentType">Its type.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public ValueTask RespondErrorAsync(int statusCode, ReadOnlyMemory<byte> body = default, string? contentType = null)
    {
        if (body.IsEmpty && GrpcFailure.IsCall(Request))
            return _exchange.Downstream.RespondAsync(GrpcFailure.Respond(Request, statusCode), default);
        var header = new ResponseHeader(statusCode);
        header.Headers.Set(HeaderName.Server, "Securely"u8);
        header.Headers.Set(HeaderName.CacheControl, "private, no-store"u8);
        if (contentType is not null)
            header.Headers.Set(HeaderName.ContentType, contentType);
        header.Headers.Set(HeaderName.ContentLength, body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        KeepAlive = false;
        return _exchange.Downstream.RespondAsync(header, body);
    }
}

/// <summary>What a session shows of the engine.</summary>
internal interface IExchange
{
    ServerSession Downstream { get; }

    ClientSession? Upstream { get; }

    int Tries { get; }

    HttpPeer? Peer { get; }

    SiteFigures? Site { get; set; }

    UpstreamFigures? UpstreamFigures { get; set; }

    string? RouteName { get; set; }

    string? RoutePattern { get; set; }

    Activity? Activity { get; }

    Activity? UpstreamActivity { get; }

    IPAddress? ClientAddress { get; }

    bool CanSendAgain { get; }

    bool IsShuttingDown { get; }

    CancellationToken Aborted { get; }

    ValueTask<BodyChunk> ReadBodyAsync();
}
