using System.Diagnostics;
using Securely.Net;

namespace Securely.Proxy;

/// <content>The spans of the request.</content>
internal sealed partial class ProxyExchange<TContext>
{
    // Kept for the next request that is traced; the other one is of the present request, and null while nobody listens.
    private RequestTracer? _tracer;
    private RequestTracer? _trace;

    public string? RoutePattern
    {
        get => _course.Pattern;
        set => _course.Pattern = value;
    }

    public Activity? Activity => _trace?.Server;

    public Activity? UpstreamActivity => _trace?.Client;

    /// <summary>A request costs this one question as long as nobody listens.</summary>
    private void BeginTrace()
    {
        _trace = ProxyTracing.Source.HasListeners() ? _tracer ??= new RequestTracer(this, logger) : null;
        if (_trace is null)
            return;
        _trace.Begin(Worker.Current!.Time);
        _course.Trace = _trace.Ids;
    }
}
