using System.Text;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>The families of everything that is counted of requests, so that each name stands once.</summary>
internal static class RequestMetrics
{
    /// <summary>The values of the label <c>status</c>: a class for each hundred. The first is that of a request that got no response at all.</summary>
    internal static readonly string[] StatusClasses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx", "other"];

    /// <summary>The values of the label <c>method</c>, by <see cref="Http.KnownMethod"/>.</summary>
    internal static readonly string[] Methods = ["other", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

    /// <summary>The values of the label <c>source</c>, by <see cref="ErrorSource"/>; an error that nobody was blamed for is ours.</summary>
    internal static readonly string[] Sources = ["internal", "upstream", "downstream", "internal"];

    /// <summary>The values of the label <c>kind</c>, by <see cref="ErrorKind"/>: <c>connect_refused</c>.</summary>
    internal static readonly string[] Kinds = [.. Enum.GetNames<ErrorKind>().Select(SnakeCase)];

    // 0.5 ms to 30 s, in ticks.
    private static readonly long[] Durations =
    [
        5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 300_000_000,
    ];

    internal static CounterFamily Requests(MetricsRegistry registry) => Counter(
        registry, "securely_requests_total", "Requests that have ended, by the class of the status that the client got; none where it got no response.", "site", "method", "status");

    internal static CounterFamily RequestBytes(MetricsRegistry registry) => Counter(registry, "securely_request_body_bytes_total", "Bytes of body received from clients.", "site");

    internal static CounterFamily ResponseBytes(MetricsRegistry registry) => Counter(registry, "securely_response_body_bytes_total", "Bytes of body sent to clients.", "site");

    internal static HistogramFamily RequestDurations(MetricsRegistry registry) => Histogram(
        registry, "securely_request_duration_seconds", "Time from a request's head to the end of its response.", "site");

    internal static GaugeFamily InFlight(MetricsRegistry registry) => Gauge(registry, "securely_requests_in_flight", "Requests that are being served.", "service");

    internal static CounterFamily Errors(MetricsRegistry registry) => Counter(
        registry, "securely_errors_total", "Requests that failed, by whose fault it was and what failed.", "source", "kind");

    internal static CounterFamily UpstreamRequests(MetricsRegistry registry) => Counter(
        registry, "securely_upstream_requests_total", "Tries of requests at an upstream, by the class of the status that it answered; none where it did not.", "upstream", "status");

    internal static HistogramFamily UpstreamDurations(MetricsRegistry registry) => Histogram(
        registry, "securely_upstream_request_duration_seconds", "Time from the beginning of a try to the head of the upstream's response, or to the failure.", "upstream");

    internal static CounterFamily UpstreamErrors(MetricsRegistry registry) => Counter(registry, "securely_upstream_errors_total", "Tries that failed by the upstream's fault.", "upstream", "kind");

    internal static CounterFamily Retries(MetricsRegistry registry) => Counter(registry, "securely_upstream_retries_total", "Tries that were repeated.", "upstream");

    internal static CounterFamily Connections(MetricsRegistry registry) => Counter(
        registry, "securely_upstream_connections_total", "Connections that tries used: an idle one of the worker's own pool, one of another worker's, or a new one.", "upstream", "from");

    internal static HistogramFamily ConnectDurations(MetricsRegistry registry) => Histogram(
        registry, "securely_upstream_connect_duration_seconds", "Time that it took to make a new connection.", "upstream");

    internal static GaugeFamily IdleConnections(MetricsRegistry registry) => Gauge(registry, "securely_upstream_idle_connections", "Connections to upstreams that wait for another request.", "service");

    private static CounterFamily Counter(MetricsRegistry registry, string name, string help, params string[] labels) =>
        registry.Counter(new MetricDefinition(name, help) { Labels = labels });

    private static GaugeFamily Gauge(MetricsRegistry registry, string name, string help, params string[] labels) =>
        registry.Gauge(new MetricDefinition(name, help) { Labels = labels });

    private static HistogramFamily Histogram(MetricsRegistry registry, string name, string help, params string[] labels) =>
        registry.Histogram(new MetricDefinition(name, help) { Labels = labels, Divisor = TimeSpan.TicksPerSecond }, Durations);

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && text.Length > 0)
                text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
