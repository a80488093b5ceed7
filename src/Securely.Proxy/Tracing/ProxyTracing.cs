using System.Diagnostics;

namespace Securely.Proxy;

/// <summary>
/// Where the spans of proxies come from: a server span for each request and, below it, a client span for each try at an upstream, with the names of
/// OpenTelemetry's conventions for HTTP. They are made while somebody listens to the source, and only then does a request pay for them.
/// </summary>
/// <remarks>
/// <see cref="Activity.Current"/> is not set: a worker serves many requests on one stack. A phase finds its spans in <see cref="Session.Activity"/> and
/// <see cref="Session.UpstreamActivity"/>. What a client sends as <c>traceparent</c> and <c>tracestate</c> (W3C Trace Context) is the parent of the
/// server span, and the upstream gets the client span for its parent. While nobody listens both fields are passed on as they came.
/// </remarks>
public static class ProxyTracing
{
    /// <summary>The name of the source, for an <see cref="ActivityListener"/> or OpenTelemetry's <c>AddSource</c>.</summary>
    public const string SourceName = "Securely.Proxy";

    internal static readonly ActivitySource Source = new(SourceName);
}
