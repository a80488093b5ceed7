using System.Net;
using Securely.Dns;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>A server with all services of a configuration: where the libraries meet.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly ListeningService _front;
    private readonly IReadOnlyList<ListenerOptions> _listeners;
    private ServiceHandle? _control;
    private DnsServer? _dns;
    private ZoneKeeper? _keeper;
    private Task _ready = Task.CompletedTask;

    private Composition(Server server, ListeningService front, IReadOnlyList<ListenerOptions> listeners, LocalAuthority? authority, Monitoring monitoring)
    {
        Server = server;
        Authority = authority;
        Monitoring = monitoring;
        _front = front;
        _listeners = listeners;
    }

    /// <summary>Runs everything; not started yet.</summary>
    public Server Server { get; }

    /// <summary>Ends when all addresses listen; fails when one of them cannot, or when the control socket cannot be had.</summary>
    public async Task ReadyAsync()
    {
        // First, because without it the others never start, and could not say why.
        if (_control is not null)
            await _control.Ready;
        await _ready;
    }

    /// <summary>Where it listens, once ready: <c>http://ADDRESS/</c>, <c>https://ADDRESS/</c> or <c>unix:/path</c>, in the order of the configuration.</summary>
    public IReadOnlyList<string> Addresses => [.. _front.BoundEndPoints.Zip(_listeners, static (endPoint, listener) => listener.Describe(endPoint))];

    /// <summary>Where names are asked for, once ready; empty for nowhere.</summary>
    public IReadOnlyList<EndPoint> NameServerAddresses => _dns?.PlainEndPoints ?? [];

    /// <summary>The authority of listeners whose <c>tls</c> is <c>auto</c>; null when there are none.</summary>
    public LocalAuthority? Authority { get; }

    /// <summary>Figures and the log of requests.</summary>
    public Monitoring Monitoring { get; }

    /// <summary>Builds the services of a configuration and resolves the names of its servers.</summary>
    /// <param name="configuration">A configuration without errors.</param>
    /// <param name="log">Where the services log to.</param>
    /// <param name="time">The clock of the services.</param>
    /// <param name="cancellationToken">Gives up resolving.</param>
    /// <exception cref="RouteTableException">A name does not resolve.</exception>
    /// <exception cref="CliException">The local authority cannot be used, or the access log not be opened.</exception>
    public static async Task<Composition> BuildAsync(
        SecurelyConfiguration configuration, ProcessLog log, TimeProvider time, CancellationToken cancellationToken)
    {
        var monitoring = new Monitoring(configuration, log, time);
        try
        {
            return await BuildAsync(configuration, monitoring, log, time, cancellationToken);
        }
        catch
        {
            monitoring.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _keeper?.Dispose();
        Monitoring.Dispose();
    }

    private static async Task<Composition> BuildAsync(
        SecurelyConfiguration configuration, Monitoring monitoring, ProcessLog log, TimeProvider time, CancellationToken cancellationToken)
    {
        var endpoints = new TlsEndpoints(configuration.DataDirectory, time);
        var (dns, zones, keeper) = configuration.Dns is { } options ? DnsSetup.Build(options, ZoneDirectory(configuration), endpoints, log, monitoring.QueryLog, time) : default;
        var table = await ConfiguredProxy.BuildTableAsync(configuration.Proxy, monitoring.Metrics, cancellationToken);
        var front = new ProxyService<RouteContext>(new ConfiguredProxy(table), Options(configuration, monitoring.AccessLog));
        Listen(front, configuration.Listeners, endpoints);
        var server = new Server(configuration.Server with { Metrics = monitoring.Metrics }, log, time);
        var composition = new Composition(server, front, configuration.Listeners, endpoints.Authority, monitoring);
        // All others depend on it: it answers from the first moment of their lives to the last.
        if (configuration.ControlSocket is { } socket && ControlSetup.TryPrepare(configuration, socket, log))
        {
            var status = new StatusSource(configuration, server, front, table, time, dns);
            composition._control = server.Add(ControlSetup.Build(socket, server, status, log, monitoring, ServerEvents.Of(server, log), time, dns, keeper));
            composition.Add(new RateService(status.Rates));
        }

        // A name that changes is followed by the balancer itself, which has to run for that.
        foreach (var upstream in table.Upstreams.Where(upstream => upstream.Balancer.NeedsRunning))
            composition.Add(upstream.Balancer);
        if (endpoints.Reloader is { } reloader)
            composition.Add(reloader);
        composition._dns = dns;
        composition._keeper = keeper;
        var names = Task.CompletedTask;
        if (dns is not null)
        {
            (var answering, names) = DnsSetup.Add(server, composition.Before, configuration.Dns!, dns, endpoints, configuration.DataDirectory);
            foreach (var watching in zones!)
                composition.Add(watching);
            // Whoever is told that a zone has changed finds somebody who answers for it.
            server.Add(keeper!, answering);
        }

        composition._ready = DnsSetup.ReadyAsync(monitoring.AddTo(server, composition.Add(front), composition._control), names);
        return composition;
    }

    // A server without a file keeps nothing that another one could find.
    private static string? ZoneDirectory(SecurelyConfiguration configuration) => configuration.File is null ? null : Path.Combine(configuration.DataDirectory, "dns");

    private ServiceHandle[] Before => _control is null ? [] : [_control];

    private ServiceHandle Add(IService service) => Server.Add(service, Before);

    private static ProxyServiceOptions Options(SecurelyConfiguration configuration, AccessLog? accessLog) => new()
    {
        Name = "sites",
        AcceptTasks = configuration.Server.ListenerTasksPerFd,
        ConnectionLimit = new ConnectionLimit(configuration.MaxConnections ?? ConnectionLimit.DefaultMaximum),
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

    private static void Listen(ListeningService front, IEnumerable<ListenerOptions> listeners, TlsEndpoints endpoints)
    {
        // Sessions are kept for the settings object they were made for, so listeners with equal settings share one.
        var known = new HashSet<HttpEndpointSettings>();
        foreach (var listener in listeners)
        {
            var settings = new HttpEndpointSettings(listener.Timeouts, listener.Limits, listener.Http2);
            if (!known.TryGetValue(settings, out var shared))
                known.Add(shared = settings);
            if (listener.UnixPath is { } path)
                front.AddUnix(path, settings: shared);
            else if (listener.Tls is { } tls)
                front.AddTls(listener.Address, endpoints.Make(listener, tls), settings: shared);
            else
                front.AddTcp(listener.IsDefault ? Free(IPEndPoint.Parse(listener.Address)) : listener.Address, settings: shared);
        }
    }

    private static string Free(IPEndPoint wanted) => new IPEndPoint(wanted.Address, FreePort.AtOrAfter(wanted.Address, wanted.Port)).ToString();
}
