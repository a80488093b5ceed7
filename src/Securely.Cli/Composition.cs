using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>A server with all services of a configuration: where the libraries meet.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly ListeningService _front;
    private readonly ListeningService? _monitor;
    private readonly MetricsMeter _meter;
    private readonly AccessLog? _accessLog;

    private Composition(Server server, MetricsMeter meter, AccessLog? accessLog, ListeningService front, ListeningService? monitor, Task ready)
    {
        Server = server;
        Ready = ready;
        _meter = meter;
        _accessLog = accessLog;
        _front = front;
        _monitor = monitor;
    }

    /// <summary>Runs everything; not started yet.</summary>
    public Server Server { get; }

    /// <summary>Ends when all addresses listen; fails when one of them cannot.</summary>
    public Task Ready { get; }

    /// <summary>Where it listens, once ready: <c>http://ADDRESS/</c>, or <c>unix:/path</c>, in the order of the configuration.</summary>
    public IReadOnlyList<string> Addresses => [.. _front.BoundEndPoints.Select(Describe)];

    /// <summary>What everything counts in.</summary>
    public MetricsRegistry Metrics => Server.Options.Metrics!;

    /// <summary>Where a monitor asks, once ready; null for nowhere.</summary>
    public string? MonitorAddress => _monitor?.BoundEndPoints is [{ } bound, ..] ? Describe(bound) : null;

    /// <summary>Builds the services of a configuration and resolves the names of its servers.</summary>
    /// <param name="configuration">A configuration without errors.</param>
    /// <param name="log">Where the services log to.</param>
    /// <param name="time">The clock of the services.</param>
    /// <param name="cancellationToken">Gives up resolving.</param>
    /// <exception cref="RouteTableException">A name does not resolve.</exception>
    /// <exception cref="CliException">The access log cannot be opened.</exception>
    public static async Task<Composition> BuildAsync(
        SecurelyConfiguration configuration, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        var metrics = new MetricsRegistry();
        ProcessMetrics.Add(metrics);
        metrics.Gauge(new MetricDefinition("securely_build_info", "Always 1; its label is the version that runs.") { Labels = ["version"] }).With(ProductVersion.Text).Add(1);
        var table = await ConfiguredProxy.BuildTableAsync(configuration.Proxy, metrics, cancellationToken);
        var accessLog = OpenAccessLog(configuration.AccessLog, log, time);
        var front = new ProxyService<RouteContext>(new ConfiguredProxy(table), Options(configuration, accessLog));
        Listen(front, configuration.Listeners);
        var server = new Server(configuration.Server with { Metrics = metrics }, log, time);
        // A name that changes is followed by the balancer itself, which has to run for that.
        foreach (var upstream in table.Upstreams.Where(upstream => upstream.Balancer.UpdateInterval is not null))
            server.Add(upstream.Balancer);
        var handle = server.Add(front);
        var meter = new MetricsMeter(metrics, version: ProductVersion.Text);
        if (configuration.Metrics is not { } options)
            return new Composition(server, meter, accessLog, front, null, handle.Ready);
        var monitor = Monitor(metrics, () => server.Phase == ExecutionPhase.Running);
        Listen(monitor, options.Address);
        // The sites end first, so that their end can be watched.
        var watched = server.Add(monitor);
        handle.AddDependency(watched);
        return new Composition(server, meter, accessLog, front, monitor, Task.WhenAll(watched.Ready, handle.Ready));
    }

    /// <summary>Opens the access log once more, for whoever has moved its file.</summary>
    public void ReopenLogs() => _accessLog?.Reopen();

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await Server.DisposeAsync();
        // After the last request.
        _accessLog?.Dispose();
    }

    private static AccessLog? OpenAccessLog(AccessLogOptions? options, ILoggerFactory log, TimeProvider time)
    {
        try
        {
            return options is null ? null : new AccessLog(options, log.CreateLogger("Securely.AccessLog"), time);
        }
        catch (IOException error)
        {
            throw new CliException(error.Message);
        }
    }

    private static HttpService Monitor(MetricsRegistry metrics, Func<bool> isReady) =>
        new("metrics", new MetricsHandler(metrics, isReady), new HttpServiceOptions { Threads = 1 });

    private static ProxyServiceOptions Options(SecurelyConfiguration configuration, AccessLog? accessLog) => new()
    {
        Name = "sites",
        AcceptTasks = configuration.Server.ListenerTasksPerFd,
        MaxTries = configuration.Server.MaxRetries,
        Forwarded = configuration.Proxy.Forwarded,
        TrustedProxies = configuration.Proxy.TrustedProxies,
        AccessLog = accessLog,
        Connector = new HttpConnectorOptions
        {
            PoolSize = configuration.Server.UpstreamKeepalivePoolSize,
            SourceAddresses = [.. configuration.Server.ClientBindToIpv4, .. configuration.Server.ClientBindToIpv6],
        },
    };

    private static void Listen(ListeningService front, IEnumerable<ListenerOptions> listeners)
    {
        // Sessions are kept for the settings object they were made for, so listeners with equal settings share one.
        var known = new HashSet<HttpEndpointSettings>();
        foreach (var listener in listeners)
        {
            var settings = new HttpEndpointSettings(listener.Timeouts, listener.Limits);
            if (!known.TryGetValue(settings, out var shared))
                known.Add(shared = settings);
            Listen(front, listener.IsDefault ? Free(IPEndPoint.Parse(listener.Address)) : listener.Address, shared);
        }
    }

    private static void Listen(ListeningService service, string address, HttpEndpointSettings? settings = null)
    {
        if (address.StartsWith(UnixAddress.Prefix, StringComparison.Ordinal))
            service.AddUnix(address, settings: settings);
        else
            service.AddTcp(address, settings: settings);
    }

    private static string Free(IPEndPoint wanted) => new IPEndPoint(wanted.Address, FreePort.AtOrAfter(wanted.Address, wanted.Port)).ToString();

    private static string Describe(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint ? UnixAddress.Prefix + endPoint : $"http://{endPoint}/";
}
