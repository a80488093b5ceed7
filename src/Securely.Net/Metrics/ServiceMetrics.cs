namespace Securely.Net;

/// <summary>The connections of one service, from accept to close.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly IDisposable _open;

    internal ServiceMetrics(MetricsRegistry registry, ListeningService service)
    {
        Accepted = registry.Counter(new MetricDefinition("securely_connections_accepted_total", "Downstream connections accepted.") { Labels = ["service"] }).With(service.Name);
        Filtered = registry.Counter(new MetricDefinition("securely_connections_filtered_total", "Downstream connections closed by the service's connection filter.") { Labels = ["service"] }).With(service.Name);
        AcceptErrors = registry.Counter(new MetricDefinition("securely_accept_errors_total", "Times that a listener could not accept, for want of descriptors most likely.") { Labels = ["service"] }).With(service.Name);
        var handshakes = registry.Counter(new MetricDefinition("securely_tls_handshakes_total", "TLS handshakes of downstream connections.") { Labels = ["service", "result"] }).Row([service.Name], ["ok", "failed"]);
        HandshakesOk = handshakes[0];
        HandshakesFailed = handshakes[1];
        _open = registry.Gauge(new MetricDefinition("securely_connections_open", "Downstream connections that are open.") { Labels = ["service"] })
            .Observe(() => service.ActiveConnections, service.Name);
    }

    internal Counter Accepted { get; }

    internal Counter Filtered { get; }

    internal Counter AcceptErrors { get; }

    internal Counter HandshakesOk { get; }

    internal Counter HandshakesFailed { get; }

    public void Dispose() => _open.Dispose();
}
