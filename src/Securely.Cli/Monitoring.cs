using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Dns;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>What lets a server be seen from outside: its figures, who may ask for them, the log of requests and their traces.</summary>
internal sealed class Monitoring : IDisposable
{
    private readonly MetricsMeter _meter;
    private readonly MetricsOptions? _options;
    private readonly TraceExporter? _traces;
    private HttpService? _service;

    /// <summary>Makes the registry and the exporter of traces, and opens the access log.</summary>
    /// <param name="configuration">A configuration without errors.</param>
    /// <param name="log">Where lost lines are reported.</param>
    /// <param name="time">The clock of the access log and of the exporter.</param>
    /// <exception cref="CliException">The access log cannot be opened.</exception>
    public Monitoring(SecurelyConfiguration configuration, ILoggerFactory log, TimeProvider time)
    {
        ProcessMetrics.Add(Metrics);
        Metrics.Gauge(new MetricDefinition("securely_build_info", "Always 1; its label is the version that runs.") { Labels = ["version"] }).With(ProductVersion.Text).Add(1);
        _options = configuration.Metrics;
        AccessLog = Open(configuration.AccessLog, log, time);
        QueryLog = Open(configuration.Dns?.QueryLog, log, time);
        _traces = configuration.Traces is null ? null : new TraceExporter(configuration.Traces, time, ProxyTracing.SourceName);
        _traces?.ShowIn(Metrics);
        _meter = new MetricsMeter(Metrics, version: ProductVersion.Text);
    }

    /// <summary>What everything counts in.</summary>
    public MetricsRegistry Metrics { get; } = new();

    /// <summary>Null when nobody wants one.</summary>
    public AccessLog? AccessLog { get; }

    /// <summary>Where questions to the name server are written down; null when nobody wants that.</summary>
    public DnsQueryLog? QueryLog { get; }

    /// <summary>Where a monitor asks, once that is ready; null for nowhere.</summary>
    public string? Address => _service?.BoundEndPoints is [{ } bound, ..]
        ? bound is UnixDomainSocketEndPoint ? UnixAddress.Prefix + bound : $"http://{bound}/metrics"
        : null;

    /// <summary>
    /// Adds the listener of monitors and the exporter of traces, where there are any. The sites end before them, so that their end can be watched.
    /// </summary>
    /// <param name="server">The server.</param>
    /// <param name="sites">The service that is watched.</param>
    /// <param name="control">What everything depends on; null where there is none.</param>
    /// <returns>Ends when the sites and what watches them are ready.</returns>
    public Task AddTo(Server server, ServiceHandle sites, ServiceHandle? control)
    {
        var traced = _traces is null ? Task.CompletedTask : AddBefore(server, _traces, sites, control).Ready;
        if (_options is null)
            return Task.WhenAll(traced, sites.Ready);
        _service = new HttpService("metrics", new MetricsHandler(Metrics, () => server.Phase == ExecutionPhase.Running), new HttpServiceOptions { Threads = 1 });
        if (_options.Address.StartsWith(UnixAddress.Prefix, StringComparison.Ordinal))
            _service.AddUnix(_options.Address);
        else
            _service.AddTcp(_options.Address);
        return Task.WhenAll(AddBefore(server, _service, sites, control).Ready, traced, sites.Ready);
    }

    /// <summary>Writes what the logs still hold; call it after the last request.</summary>
    public void Dispose()
    {
        _meter.Dispose();
        AccessLog?.Dispose();
        QueryLog?.Dispose();
        _traces?.Dispose();
    }

    private static ServiceHandle AddBefore(Server server, IService service, ServiceHandle sites, ServiceHandle? control)
    {
        var handle = server.Add(service);
        sites.AddDependency(handle);
        if (control is not null)
            handle.AddDependency(control);
        return handle;
    }

    private static DnsQueryLog? Open(DnsQueryLogOptions? options, ILoggerFactory log, TimeProvider time)
    {
        try
        {
            return options is null ? null : new DnsQueryLog(options, log.CreateLogger("Securely.QueryLog"), time);
        }
        catch (IOException error)
        {
            throw new CliException(error.Message + "; choose another [dns.query_log.path]");
        }
    }

    private static AccessLog? Open(AccessLogOptions? options, ILoggerFactory log, TimeProvider time)
    {
        try
        {
            return options is null ? null : new AccessLog(options, log.CreateLogger("Securely.AccessLog"), time);
        }
        catch (IOException error)
        {
            throw new CliException(error.Message + "; choose another [access_log.path]");
        }
    }
}
