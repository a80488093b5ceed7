using System.Text.Json;
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

    public StatusSource(SecurelyConfiguration configuration, Server server, ProxyService<RouteContext> front, RouteTable table, TimeProvider time)
    {
        _configuration = configuration;
        _server = server;
        _front = front;
        _table = table;
        _time = time;
        _startedAt = time.GetUtcNow();
        _started = time.GetTimestamp();
        Requests = new RateSampler(() => front.RequestCount, time);
    }

    /// <summary>How fast requests come; whoever runs the server lets it note their number.</summary>
    public RateSampler Requests { get; }

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
