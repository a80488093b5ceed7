namespace Securely.Net;

/// <content>What is counted of connections before they are served.</content>
public partial class ListeningService
{
    private ServiceMetrics? _metrics;

    private ServiceMetrics? BeginCounting(MetricsRegistry? registry) =>
        _metrics = registry is null ? null : new ServiceMetrics(registry, this, _options.ConnectionLimit);

    private async ValueTask<Connection?> ShakeHandsAsync(SocketConnection connection, ServerTls tls)
    {
        var (served, failure) = await TlsHandshake.AcceptAsync(connection, tls, _shutdown);
        if (served is not null)
            _metrics?.HandshakesOk.Add();
        if (failure is not null)
        {
            _metrics?.HandshakesFailed.Add();
            LogConnectionEnded(_logger, failure, connection.Remote);
        }

        return served;
    }
}
