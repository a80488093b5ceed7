using System.Net;
using Securely.Http;
using Securely.Http.Modules;
using Securely.Net;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>
/// The proxy of the configuration file: routes by host and path to load-balanced upstreams, answers and redirects by itself. It allocates nothing
/// for a forwarded request.
/// </summary>
public class ConfiguredProxy : HttpProxy<RouteContext>
{
    private readonly RouteTable _table;

    /// <summary>Makes a proxy over a compiled table.</summary>
    /// <param name="table">A table of <see cref="BuildTableAsync(ProxyConfiguration, CancellationToken)"/>.</param>
    public ConfiguredProxy(RouteTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _table = table;
    }

    /// <summary>The table in use.</summary>
    public RouteTable Table => _table;

    /// <summary>Compiles a configuration and prepares a peer for each server.</summary>
    /// <param name="configuration">What was configured.</param>
    /// <param name="cancellationToken">Gives up resolving names.</param>
    /// <returns>The table.</returns>
    /// <exception cref="RouteTableException">The configuration has errors; all of them are in it.</exception>
    public static ValueTask<RouteTable> BuildTableAsync(ProxyConfiguration configuration, CancellationToken cancellationToken = default) =>
        BuildTableAsync(configuration, null, cancellationToken);

    /// <inheritdoc cref="BuildTableAsync(ProxyConfiguration, CancellationToken)"/>
    /// <param name="configuration">What was configured.</param>
    /// <param name="metrics">Where sites and upstreams are counted; null for nowhere.</param>
    /// <param name="cancellationToken">Gives up resolving names.</param>
    public static ValueTask<RouteTable> BuildTableAsync(ProxyConfiguration configuration, MetricsRegistry? metrics, CancellationToken cancellationToken = default) =>
        RouteTable.BuildAsync(
            configuration, new RouteTableOptions { Metrics = metrics, Extend = static (upstream, backend) => PeerOf(upstream, backend.Address) }, cancellationToken);

    /// <inheritdoc/>
    public override RouteContext NewContext() => new();

    /// <inheritdoc/>
    public override bool TryResetContext(RouteContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Clear();
        return true;
    }

    /// <inheritdoc/>
    public override ValueTask<FilterResult> RequestFilterAsync(Session session, RouteContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(context);
        var match = _table.Find(session.Request);
        context.Route = match.Route;
        context.HasDotSegments = match.HasDotSegments;
        session.Site = match.Site;
        session.RouteName = match.Route?.Name;
        session.RoutePattern = match.Route?.Pattern;
        if (match.Route is { BridgesGrpcWeb: true } && GrpcWebBridge.IsTextCall(session.Request))
            return RefuseTextAsync(session);
        if (match.Kind == RouteMatchKind.Route && match.Route!.Upstream is not null)
            return new ValueTask<FilterResult>(FilterResult.Continue);
        return AnswerAsync(session, match);
    }

    /// <inheritdoc/>
    public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, RouteContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(context);
        session.UpstreamFigures = context.Route!.Upstream!.Figures;
        var balancer = context.Route!.Upstream!.Balancer;
        // A server that has failed this request is asked again only when no other is left.
        var backend = context.Tried == 0 ? balancer.Select(default) : balancer.Select(default, 256, context.Tried, static (b, ready, tried) => ready && !IsTried(tried, b));
        backend ??= balancer.Select(default);
        if (backend is null)
            throw new ProxyException(new ProxyError(ErrorKind.NoUpstream, ErrorSource.Upstream, $"Upstream [{context.Route.Upstream.Name}] has no {(balancer.Backends.Count == 0 ? "server" : "healthy server")}"));
        context.Backend = backend;
        if (backend.Index < 64)
            context.Tried |= 1UL << backend.Index;
        return new ValueTask<HttpPeer>((HttpPeer)backend.Extension!);
    }

    /// <inheritdoc/>
    public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, RouteContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upstreamRequest);
        ArgumentNullException.ThrowIfNull(context);
        if (context.Route!.BridgesGrpcWeb)
            context.IsGrpcWeb = GrpcWebBridge.TryConvertRequest(upstreamRequest);
        if (context.HasDotSegments)
            RequestPath.RemoveDotSegments(upstreamRequest);
        context.Route.EditRequest(upstreamRequest.Headers);
        return default;
    }

    /// <inheritdoc/>
    public override ValueTask ResponseFilterAsync(Session session, ResponseHeader response, RouteContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(context);
        if (response.StatusCode is >= 200 or 101)
        {
            if (context.IsGrpcWeb)
                GrpcWebBridge.ConvertResponse(response);
            context.Route!.EditResponse(response.Headers);
        }

        return default;
    }

    /// <inheritdoc/>
    public override ValueTask<ReadOnlyMemory<byte>> ResponseTrailerFilterAsync(Session session, HeaderMap trailers, RouteContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new ValueTask<ReadOnlyMemory<byte>>(context.IsGrpcWeb ? GrpcWebBridge.TakeTrailers(trailers) : default);
    }

    /// <inheritdoc/>
    public override ProxyError FailToConnect(Session session, HttpPeer peer, RouteContext context, ProxyError error)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(error);
        if (session.Tries <= context.Route!.Upstream!.Options.Retries)
            error.Retry = RetryKind.Always;
        return error;
    }

    /// <inheritdoc/>
    public override ProxyError ErrorWhileProxy(Session session, HttpPeer peer, ProxyError error, RouteContext context, bool connectionReused)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(error);
        // A pooled connection that had died says nothing about its server: the fresh connection is not one of the configured tries, and may
        // go to the same server.
        if (error.Retry == RetryKind.OnReusedConnection && connectionReused && session.CanSendAgain)
        {
            context.Tried = 0;
            error.Retry = RetryKind.Always;
            return error;
        }

        // A server that has not looked at the request, and says so, may be on its way out: whoever is asked next has one try more.
        if (error.Retry == RetryKind.Always && session.Tries <= context.Route!.Upstream!.Options.Retries + 1)
        {
            context.Tried = 0;
            return error;
        }

        error.Retry = error.Retry == RetryKind.OnReusedConnection && session.CanSendAgain && session.Tries <= context.Route!.Upstream!.Options.Retries
            ? RetryKind.Always
            : RetryKind.Never;
        return error;
    }

    private static bool IsTried(ulong tried, Backend backend) => backend.Index < 64 && (tried & (1UL << backend.Index)) != 0;

    private static HttpPeer PeerOf(UpstreamOptions upstream, EndPoint address) => new(address)
    {
        Tls = upstream.Tls,
        Options = new PeerOptions
        {
            ConnectionTimeout = upstream.Timeouts.Connect,
            TotalConnectionTimeout = upstream.Timeouts.TotalConnect,
            ReadTimeout = upstream.Timeouts.Read,
            WriteTimeout = upstream.Timeouts.Write,
            IdleTimeout = upstream.Timeouts.Idle,
            Protocol = upstream.Protocol,
            MaxHttp2Streams = upstream.MaxHttp2Streams,
            Http2PingInterval = upstream.Http2PingInterval,
        },
    };

    private static async ValueTask<FilterResult> RefuseTextAsync(Session session)
    {
        await session.RespondErrorAsync(415);
        return FilterResult.Responded;
    }

    private static async ValueTask<FilterResult> AnswerAsync(Session session, RouteMatch match)
    {
        switch (match.Kind)
        {
            case RouteMatchKind.NotFound:
                await (GrpcFailure.IsCall(session.Request) ? session.RespondErrorAsync(404) : session.RespondAsync(404));
                break;
            case RouteMatchKind.BadRequest:
                await session.RespondErrorAsync(400);
                break;
            default:
                var response = new ResponseHeader(200);
                match.Route!.PrepareResponse(session.Request, match.MatchedLength, response);
                await session.RespondAsync(response, match.Route.Body);
                break;
        }

        return FilterResult.Responded;
    }
}
