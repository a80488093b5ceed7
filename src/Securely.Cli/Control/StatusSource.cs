using System.Text.Json;
using Securely.Dns;
using Securely.Hosting;
using Securely.Proxy;

namespace Securely.Cli;

/// <summary>The figures of a server that serves sites.</summary>
internal sealed class StatusSource : IStatusSource
{
    private static readonly TimeSpan ShortWindow = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongWindow = TimeSpan.FromMinutes(1);

    private readonly SecurelyConfiguration _configuration;
    private readonly Server _server;
    private readonly ProxyService<RouteContext> _front;
    private readonly RouteTable _table;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly long _started;
    private readonly DnsServer? _dns;
    private readonly RateSampler _questions;

    public StatusSource(SecurelyConfiguration configuration, Server server, ProxyService<RouteContext> front, RouteTable table, TimeProvider time, DnsServer? dns)
    {
        _configuration = configuration;
        _server = server;
        _front = front;
        _table = table;
        _time = time;
        _startedAt = time.GetUtcNow();
        _started = time.GetTimestamp();
        _dns = dns;
        Requests = new RateSampler(() => front.RequestCount, time);
        _questions = new RateSampler(() => dns?.RequestCount ?? 0, time);
    }

    /// <summary>How fast requests come.</summary>
    public RateSampler Requests { get; }

    /// <summary>Whoever runs the server lets all of them note their number.</summary>
    public IReadOnlyList<RateSampler> Rates => _dns is null ? [Requests] : [Requests, _questions];

    public StatusReport Read() => new()
    {
        Version = ProductVersion.Text,
        ProcessId = Environment.ProcessId,
        StartedAt = _startedAt,
        UptimeSeconds = Math.Round(_time.GetElapsedTime(_started).TotalSeconds, 3),
        Phase = PhaseName(_server.Phase),
        Configuration = _configuration.File is { } file ? Path.GetFullPath(file) : null,
        Requests = new RequestStatus
        {
            Total = _front.RequestCount,
            PerSecondOfTenSeconds = Requests.PerSecond(ShortWindow),
            PerSecondOfOneMinute = Requests.PerSecond(LongWindow),
        },
        Dns = _dns is null ? null : ReadNames(_dns),
        Connections = _front.ActiveConnections,
        Listeners = [.. _front.ReadListeners().Zip(_configuration.Listeners, (listener, options) => new ListenerReport
        {
            Service = _front.Name,
            Address = options.Describe(listener.EndPoint),
            Connections = listener.Connections,
        })],
        Workers = [.. _front.Workers.Select(worker => new WorkerReport { Name = worker.Name, Load = worker.LoadRatio, Connections = worker.ConnectionCount })],
        Upstreams = [.. _table.Upstreams.Select(ReadUpstream)],
        Pools = [.. ReadPools()],
    };

    /// <summary><c>shutdown_grace_period</c> and its like.</summary>
    public static string PhaseName(ExecutionPhase phase) => JsonNamingPolicy.SnakeCaseLower.ConvertName(phase.ToString());

    private DnsStatus ReadNames(DnsServer dns) => new()
    {
        Addresses = [.. dns.BoundEndPoints.Select(endPoint => endPoint.ToString()!)],
        Zones = dns.Catalog.Zones.Count,
        Queries = dns.RequestCount,
        PerSecondOfTenSeconds = _questions.PerSecond(ShortWindow),
        PerSecondOfOneMinute = _questions.PerSecond(LongWindow),
        Dropped = dns.DroppedCount,
        Connections = dns.ActiveConnections,
    };

    private static UpstreamReport ReadUpstream(Upstream upstream) => new()
    {
        Name = upstream.Name,
        Balance = upstream.Options.Balance,
        Servers = [.. upstream.Balancer.Backends.Select(backend => new UpstreamServerReport
        {
            Address = backend.ToString(),
            Weight = backend.Weight,
            State = "ready",
        })],
    };

    private IEnumerable<PoolReport> ReadPools()
    {
        if (_front.Connector is { } connector)
            yield return new PoolReport { Name = _front.Name, Idle = connector.IdleCount, Limit = (long)_configuration.Server.UpstreamKeepalivePoolSize * _front.Workers.Count };
    }
}
