using System.Diagnostics.CodeAnalysis;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// Counts and logs the requests of one proxy service. Its members are called on the request's worker, each touches that worker's cells only, and
/// nothing of it allocates or throws.
/// </summary>
internal sealed class RequestObserver
{
    private readonly TimeProvider _time;
    private readonly SiteFigures _noSite;
    private readonly UpstreamFigures _noUpstream;
    private readonly Counter[][]? _errors;
    private readonly Gauge? _inFlight;
    private readonly AccessLog? _log;
    private readonly AccessLogRecorder[] _recorders = [];
    private readonly TrustedProxies _trusted;

    private RequestObserver(string service, WorkerGroup workers, HttpConnector connector, ProxyServiceOptions options)
    {
        var registry = workers.Options.Metrics;
        _trusted = options.TrustedProxies;
        _log = options.AccessLog;
        if (_log is not null)
            _recorders = _log.Attach(workers);
        _time = workers.Options.Time;
        _noSite = new SiteFigures(SiteFigures.NoSite, registry);
        _noUpstream = new UpstreamFigures(UpstreamFigures.NoUpstream, registry);
        if (registry is null)
            return;
        var errors = RequestMetrics.Errors(registry);
        _errors = [.. RequestMetrics.Sources.Select(source => errors.Row([source], RequestMetrics.Kinds))];
        _inFlight = RequestMetrics.InFlight(registry).With(service);
        _log?.ShowIn(registry);
        RequestMetrics.IdleConnections(registry).Observe(() => connector.IdleCount, service);
    }

    /// <summary>Null when nobody wants to know.</summary>
    internal static RequestObserver? Create(string service, WorkerGroup workers, HttpConnector connector, ProxyServiceOptions options) =>
        workers.Options.Metrics is null && options.AccessLog is null ? null : new RequestObserver(service, workers, connector, options);

    /// <summary>The index of a status among <see cref="RequestMetrics.StatusClasses"/>.</summary>
    internal static int StatusClass(int statusCode) => statusCode == 0 ? 0 : Math.Min(statusCode / 100, 6);

    internal void Begin(ref RequestCourse course)
    {
        course = default;
        course.Began = _time.GetTimestamp();
        _inFlight?.Add(1);
    }

    /// <summary>A server has been chosen.</summary>
    internal void BeginTry(ref RequestCourse course)
    {
        course.TryBegan = _time.GetTimestamp();
        course.UpstreamStatus = 0;
        course.UpstreamTicks = 0;
        course.IsReused = false;
    }

    internal void Connected(ref RequestCourse course, ConnectionOrigin origin)
    {
        course.IsReused = origin != ConnectionOrigin.New;
        (course.Upstream ?? _noUpstream).Connected(origin, course.IsReused ? 0 : Since(course.TryBegan));
    }

    /// <summary>The upstream has answered with a final head.</summary>
    internal void Answered(ref RequestCourse course, int statusCode)
    {
        course.UpstreamStatus = statusCode;
        course.UpstreamTicks = Since(course.TryBegan);
        (course.Upstream ?? _noUpstream).Answered(statusCode, course.UpstreamTicks);
    }

    /// <summary>A try has failed, before or after the upstream's answer.</summary>
    internal void EndTry(ref RequestCourse course, ProxyError error)
    {
        var upstream = course.Upstream ?? _noUpstream;
        if (error.Source == ErrorSource.Upstream)
            upstream.Failed(error.Kind);
        var began = course.TryBegan;
        // What fails next has no try to blame, until there is another one.
        course.TryBegan = 0;
        if (began == 0 || course.UpstreamStatus != 0)
            return;
        course.UpstreamTicks = Since(began);
        upstream.Answered(0, course.UpstreamTicks);
    }

    internal void Retried(ref RequestCourse course) => (course.Upstream ?? _noUpstream).Retried();

    internal void Failed(ProxyError error) => _errors?[(int)error.Source][(int)error.Kind].Add();

    /// <summary>A request that could not be read has been answered without being served.</summary>
    internal void Refused(ServerSession session)
    {
        var statusCode = session.ResponseWritten!.StatusCode;
        _errors?[(int)ErrorSource.Downstream][(int)(statusCode == 408 ? ErrorKind.ReadTimedOut : ErrorKind.InvalidHttpHeader)].Add();
        _noSite.Count(KnownMethod.Other, statusCode, 0, session.BodyBytesSent, 0);
        if (!IsLogged(out var recorder))
            return;
        var peer = session.Connection.RemoteAddress;
        var head = new AccessLogHead
        {
            Time = _time.GetUtcNow().Ticks,
            Client = LogAddress.Of(peer),
            Peer = LogAddress.Of(peer),
            Status = statusCode,
            Bytes = session.BodyBytesSent,
        };
        _log!.Add(recorder, ref head, null, default, null);
    }

    /// <summary>The request is over, whatever happened; its messages are still there.</summary>
    internal void End(ref RequestCourse course, IExchange exchange, ProxyError? error)
    {
        var session = exchange.Downstream;
        var statusCode = session.ResponseWritten?.StatusCode ?? 0;
        var ticks = Since(course.Began);
        _inFlight?.Add(-1);
        (course.Site ?? _noSite).Count(session.Request.MethodKind, statusCode, session.BodyBytesRead, session.BodyBytesSent, ticks);
        if (!IsLogged(out var recorder))
            return;
        var head = new AccessLogHead
        {
            Time = _time.GetUtcNow().Ticks - ticks,
            Duration = ticks,
            UpstreamTicks = course.UpstreamTicks,
            UpstreamStatus = course.UpstreamStatus,
            Bytes = session.BodyBytesSent,
            RequestBytes = session.BodyBytesRead,
            Client = LogAddress.Of(_trusted.IsEmpty ? session.Connection.RemoteAddress : exchange.ClientAddress),
            Peer = LogAddress.Of(session.Connection.RemoteAddress),
            Upstream = LogAddress.Of(exchange.Peer?.Address),
            // A client that has gone without an answer is logged as nginx does it.
            Status = statusCode != 0 ? statusCode : error is { Source: ErrorSource.Downstream } ? 499 : 500,
            Tries = exchange.Tries,
            Version = session.Request.Version,
            ErrorKind = error?.Kind ?? default,
            ErrorSource = error?.Source ?? default,
            Flags = (course.IsReused ? AccessLogFlags.Reused : 0) | (error is not null ? AccessLogFlags.Failed : 0),
        };
        _log!.Add(recorder, ref head, session, in course, exchange.Peer?.Address);
    }

    private bool IsLogged([NotNullWhen(true)] out AccessLogRecorder? recorder)
    {
        recorder = _log is null ? null : _recorders[Worker.Current!.Index];
        return recorder is not null && recorder.IsChosen();
    }

    private long Since(long timestamp) => _time.GetElapsedTime(timestamp).Ticks;
}
