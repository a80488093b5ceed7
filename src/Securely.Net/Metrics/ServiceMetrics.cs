namespace Securely.Net;

/// <summary>The connections of one service, from accept to close.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly List<IDisposable> _observed = [];

    internal ServiceMetrics(MetricsRegistry registry, ListeningService service, ConnectionLimit? limit)
    {
        Accepted = registry.Counter(new MetricDefinition("securely_connections_accepted_total", "Downstream connections accepted.") { Labels = ["service"] }).With(service.Name);
        Filtered = registry.Counter(new MetricDefinition("securely_connections_filtered_total", "Downstream connections closed by the service's connection filter.") { Labels = ["service"] }).With(service.Name);
        AcceptErrors = registry.Counter(new MetricDefinition("securely_accept_errors_total", "Times that a listener could not accept, for want of descriptors most likely.") { Labels = ["service"] }).With(service.Name);
        var handshakes = registry.Counter(new MetricDefinition("securely_tls_handshakes_total", "TLS handshakes of downstream connections.") { Labels = ["service", "result"] }).Row([service.Name], ["ok", "failed"]);
        HandshakesOk = handshakes[0];
        HandshakesFailed = handshakes[1];
        _observed.Add(registry.Gauge(new MetricDefinition("securely_connections_open", "Downstream connections that are open.") { Labels = ["service"] })
            .Observe(() => service.ActiveConnections, service.Name));
        if (limit is not null)
            Observe(registry, limit, service.Name);
    }

    internal Counter Accepted { get; }

    internal Counter Filtered { get; }

    internal Counter AcceptErrors { get; }

    internal Counter HandshakesOk { get; }

    internal Counter HandshakesFailed { get; }

    public void Dispose() => _observed.ForEach(series => series.Dispose());

    /// <summary>A limit that several services share is shown for each of them.</summary>
    private void Observe(MetricsRegistry registry, ConnectionLimit limit, string service)
    {
        string[] labels = ["service"];
        _observed.Add(registry.Gauge(new MetricDefinition("securely_connections_limit", "The most downstream connections that there may be.") { Labels = labels })
            .Observe(() => limit.Maximum, service));
        registry.Counter(new MetricDefinition("securely_connections_refused_total", "Downstream connections closed at once, because there was no place for them.") { Labels = labels })
            .Observe(() => limit.Refused, service);
        registry.Counter(new MetricDefinition("securely_connections_displaced_total", "Downstream connections that ended to make room for a peer with fewer.") { Labels = labels })
            .Observe(() => limit.Displaced, service);
    }
}
