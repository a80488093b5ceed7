using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Http;

namespace Securely.Proxy;

/// <summary>
/// The spans of the request that an exchange serves. It belongs to the exchange's worker, is made when the first request of the exchange is traced, and
/// serves the later ones too.
/// </summary>
internal sealed partial class RequestTracer(IExchange exchange, ILogger logger)
{
    // Drawn from only for traces that nobody records; those of a listener draw their own.
    private readonly Random _random = new();
    private readonly RequestTags _tags = new(exchange);
    private TimeProvider _time = null!;
    private DateTimeOffset _began;
    private long _timestamp;
    private TraceParent _parent;
    private Activity? _server;
    private Activity? _client;
    private bool _isPassedOn;
    private bool _hasFailed;

    /// <summary>The span of the request; null when it is not recorded.</summary>
    internal Activity? Server => _server;

    /// <summary>The span of the present try; null between tries, and when it is not recorded.</summary>
    internal Activity? Client => _client;

    /// <summary>The trace of the request, and its span when there is one.</summary>
    internal TraceParent Ids => _server is null ? _parent with { SpanId = 0 } : _parent;

    /// <summary>The request has come: finds its parent and starts its span.</summary>
    internal void Begin(TimeProvider time)
    {
        var request = exchange.Downstream.Request;
        _time = time;
        _began = time.GetUtcNow();
        _timestamp = time.GetTimestamp();
        _client = null;
        var isChild = TraceParent.TryRead(request.Headers, out _parent);
        _server = Start(NameOf(request), ActivityKind.Server, isChild ? _parent.ToContext(TraceState.Read(request.Headers)) : default, _tags, _began);
        // A trace that goes on without us goes on as it came.
        _isPassedOn = isChild && _server is null;
        if (_server is not null)
            _parent = TraceParent.Of(_server, _parent.IsRandom);
        else if (!isChild)
            _parent = TraceParent.CreateUnsampled(_random);
    }

    /// <summary>A server has been chosen: starts the span of the try.</summary>
    internal void BeginTry()
    {
        if (_server is not { IsAllDataRequested: true } || exchange.Peer is not { } peer)
            return;
        var request = exchange.Downstream.Request;
        _client = Start(NameOf(request), ActivityKind.Client, _server.Context, null, Now());
        if (_client is not { IsAllDataRequested: true } client)
            return;
        client.SetTag("http.request.method", RequestTags.MethodOf(request));
        if (request.MethodKind == KnownMethod.Other)
            client.SetTag("http.request.method_original", RequestTags.Cut(request.MethodText));
        var (host, port) = peer.Address switch
        {
            IPEndPoint ip => (ip.Address.ToString(), (int?)ip.Port),
            DnsEndPoint name => (name.Host, name.Port),
            var other => (other.ToString()!, null),
        };
        client.SetTag("server.address", host);
        if (port is not null)
            client.SetTag("server.port", port);
        client.SetTag("url.full", UrlOf(peer, request));
        if (exchange.Tries > 1)
            client.SetTag("http.request.resend_count", exchange.Tries - 1);
        if (exchange.UpstreamFigures is { } upstream)
            client.SetTag("securely.upstream", upstream.Name);
    }

    /// <summary>The try has its connection.</summary>
    internal void Connected(ConnectionOrigin origin)
    {
        if (_client is not { IsAllDataRequested: true } client)
            return;
        client.SetTag("securely.connection", origin switch { ConnectionOrigin.Pool => "pool", ConnectionOrigin.OtherWorker => "other_worker", _ => "new" });
        if (exchange.Upstream?.Connection.Digest.RemoteEndPoint is not IPEndPoint ip)
            return;
        client.SetTag("network.peer.address", ip.Address.ToString());
        client.SetTag("network.peer.port", ip.Port);
    }

    /// <summary>Tells the upstream which span asks it.</summary>
    internal void Propagate(HeaderMap headers)
    {
        if (_isPassedOn)
            return;
        Span<byte> value = stackalloc byte[TraceParent.Length];
        (_client is null ? _parent : TraceParent.Of(_client, _parent.IsRandom)).Write(value);
        headers.Set(HeaderName.Traceparent, value);
        if ((_client ?? _server)?.TraceStateString is { Length: > 0 } state)
            headers.Set(HeaderName.Tracestate, state);
        else
            headers.Remove(HeaderName.Tracestate);
    }

    /// <summary>A filter may have sent the request elsewhere.</summary>
    internal void Rewritten(RequestHeader upstreamRequest)
    {
        if (_client is { IsAllDataRequested: true } client)
            client.SetTag("url.full", UrlOf(exchange.Peer!, upstreamRequest));
    }

    /// <summary>The upstream has answered with a final head.</summary>
    internal void Answered(ResponseHeader response)
    {
        if (_client is not { IsAllDataRequested: true } client)
            return;
        client.SetTag("http.response.status_code", response.StatusCode);
        client.SetTag("network.protocol.version", RequestTags.VersionOf(response.Version));
        if (response.StatusCode >= 400)
            Fail(client, response.StatusCode.ToString(CultureInfo.InvariantCulture), null);
    }

    /// <summary>A try has ended.</summary>
    /// <param name="error">Why it failed; null for success.</param>
    internal void EndTry(ProxyError? error)
    {
        if (_client is not { } client)
            return;
        _client = null;
        if (error is not null && client.IsAllDataRequested)
            Fail(client, error);
        Stop(client);
    }

    /// <summary>The request is over, whatever happened.</summary>
    /// <param name="error">Why it failed; null for success.</param>
    internal void End(ProxyError? error)
    {
        EndTry(error);
        if (_server is not { } server)
            return;
        _server = null;
        if (server.IsAllDataRequested)
            Describe(server, error);
        Stop(server);
    }

    private void Describe(Activity server, ProxyError? error)
    {
        if ((exchange.RoutePattern ?? exchange.RouteName) is { } route)
        {
            server.DisplayName = $"{server.OperationName} {route}";
            server.SetTag("http.route", route);
        }

        if (exchange.RouteName is { } name)
            server.SetTag("securely.route", name);
        if (exchange.Site is { } site)
            server.SetTag("securely.site", site.Name);
        var status = exchange.Downstream.ResponseWritten?.StatusCode ?? 0;
        if (status != 0)
            server.SetTag("http.response.status_code", status);
        // A 4xx is the client's failure, not the server's.
        if (error is not null && status is < 400 or >= 500)
            Fail(server, error);
        else if (status >= 500)
            Fail(server, status.ToString(CultureInfo.InvariantCulture), null);
    }

    private static void Fail(Activity span, ProxyError error)
    {
        span.SetTag("securely.error.source", RequestMetrics.Sources[(int)error.Source]);
        Fail(span, RequestMetrics.Kinds[(int)error.Kind], error.Detail);
    }

    private static void Fail(Activity span, string type, string? description)
    {
        span.SetTag("error.type", type);
        span.SetStatus(ActivityStatusCode.Error, description);
    }

    private static string NameOf(RequestHeader request) => request.MethodKind == KnownMethod.Other ? "HTTP" : request.MethodText;

    /// <summary>Where the try goes. What stands in a query may be a secret, so only that there is one is said.</summary>
    private static string UrlOf(HttpPeer peer, RequestHeader request)
    {
        var path = RequestTags.Cut(request.Path.IsEmpty ? "" : request.PathText);
        var authority = peer.Address is UnixDomainSocketEndPoint ? "unix" : peer.Address.ToString();
        return $"{(peer.Tls is null ? "http" : "https")}://{authority}{path}{(request.Query.IsEmpty ? "" : "?*")}";
    }

    private DateTimeOffset Now() => _began + _time.GetElapsedTime(_timestamp);

    /// <summary>Starts a span without making it the current one of a thread that goes on with other requests.</summary>
    private Activity? Start(string name, ActivityKind kind, ActivityContext parent, IEnumerable<KeyValuePair<string, object?>>? tags, DateTimeOffset at)
    {
        if (_hasFailed)
            return null;
        var current = Activity.Current;
        // A span without a parent would take it for one.
        Activity.Current = null;
        try
        {
            var span = ProxyTracing.Source.CreateActivity(name, kind, parent, tags, idFormat: ActivityIdFormat.W3C);
            span?.SetStartTime(at.UtcDateTime);
            return span?.Start();
        }
        catch (Exception e)
        {
            GiveUp(e);
            return null;
        }
        finally
        {
            Activity.Current = current;
        }
    }

    private void Stop(Activity span)
    {
        var current = Activity.Current;
        try
        {
            span.SetEndTime(Now().UtcDateTime);
            span.Stop();
        }
        catch (Exception e)
        {
            GiveUp(e);
        }
        finally
        {
            Activity.Current = current;
        }
    }

    /// <summary>A listener is foreign code that must not fail a request; asking it again for each of them would fill the log.</summary>
    private void GiveUp(Exception error)
    {
        _hasFailed = true;
        LogListenerFailed(logger, error, ProxyTracing.SourceName);
    }

    [LoggerMessage(3010, LogLevel.Error, "A listener to the spans of [{Source}] has failed; requests of this session are traced no more")]
    private static partial void LogListenerFailed(ILogger logger, Exception error, string source);
}
