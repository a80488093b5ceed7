using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>Checks upstreams and makes their balancers; used once per table.</summary>
internal sealed class UpstreamCompiler(List<RouteTableProblem> problems, RouteTableOptions options)
{
    private const int MaxRetries = 100;
    private const int MaxStreams = 10_000;

    // A timer holds no longer time.
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMilliseconds(int.MaxValue);

    // The names of a configuration; null where the algorithm is not built yet.
    private static readonly Dictionary<string, ISelection?> Selections = new()
    {
        ["round_robin"] = new RoundRobin(),
        ["random"] = null,
        ["fnv_hash"] = null,
        ["consistent"] = null,
        ["least_connections"] = null,
        ["power_of_two"] = null,
    };

    private readonly List<Upstream> _built = [];
    private readonly HashSet<string> _names = [];

    /// <summary>The upstreams without problems.</summary>
    public IReadOnlyList<Upstream> Built => _built;

    public void Compile(IReadOnlyList<UpstreamOptions> upstreams)
    {
        for (var i = 0; i < upstreams.Count; i++)
        {
            Compile(upstreams[i], $"upstreams[{i}]");
        }
    }

    /// <summary>The upstream of a name; adds a problem when there is none of it.</summary>
    public Upstream? Find(string name, string path)
    {
        if (!_names.Contains(name))
        {
            problems.Add(new RouteTableProblem(path, $"Upstream [{name}] is not defined{Spelling.Suggest(name, _names)}"));
        }

        return _built.Find(upstream => upstream.Name == name);
    }

    private void Compile(UpstreamOptions upstream, string path)
    {
        var before = problems.Count;
        if (upstream.Name.Length == 0)
        {
            Add($"{path}.name", "Upstream [] has no name");
        }
        else if (!_names.Add(upstream.Name))
        {
            Add($"{path}.name", $"Upstream [{upstream.Name}] is defined twice");
        }

        CheckServers(upstream, path);
        upstream = upstream with { Tls = UpstreamNames.Complete(upstream, $"{path}.tls", problems) };
        CheckTimeouts(upstream, $"{path}.timeouts");
        if (upstream.Retries is < 0 or > MaxRetries)
        {
            Add(
                $"{path}.retries",
                $"Retries [{upstream.Retries}] of upstream [{upstream.Name}] are out of range; they are 0 to {MaxRetries}");
        }

        CheckHttp2(upstream, path);
        var check = new HealthCheckCompiler(problems).Compile(upstream, $"{path}.health_check");
        if (FindSelection(upstream, $"{path}.balance") is { } selection && problems.Count == before)
        {
            _built.Add(Build(upstream, selection, check));
        }
    }

    private Upstream Build(UpstreamOptions upstream, ISelection selection, HealthCheck? check)
    {
        Func<Backend, object?>? extend = options.Extend is { } make ? backend => make(upstream, backend) : null;
        return new Upstream(
            upstream,
            new LoadBalancer(
                new HostDiscovery(upstream.Servers, options.Discovery),
                selection,
                new LoadBalancerOptions { Name = upstream.Name, Extend = extend, HealthCheck = check }),
            new UpstreamFigures(upstream.Name, options.Metrics));
    }

    private void CheckServers(UpstreamOptions upstream, string path)
    {
        if (upstream.Servers.Count == 0)
        {
            Add($"{path}.servers", $"Upstream [{upstream.Name}] has no servers; write servers: [127.0.0.1:3000]");
        }

        for (var i = 0; i < upstream.Servers.Count; i++)
        {
            var server = upstream.Servers[i];
            try
            {
                ServerAddress.Parse(server.Address);
            }
            catch (FormatException problem)
            {
                Add($"{path}.servers[{i}]", problem.Message);
            }

            if (server.Weight is < 1 or > Backend.MaxWeight)
            {
                Add(
                    $"{path}.servers[{i}].weight",
                    $"Weight [{server.Weight}] of server [{server.Address}] is out of range; it is 1 to {Backend.MaxWeight}");
            }
        }
    }

    private void CheckTimeouts(UpstreamOptions upstream, string path)
    {
        var timeouts = upstream.Timeouts;
        Check("connect", timeouts.Connect, zeroAllowed: false);
        Check("total_connect", timeouts.TotalConnect, zeroAllowed: false);
        Check("read", timeouts.Read, zeroAllowed: false);
        Check("write", timeouts.Write, zeroAllowed: false);
        Check("idle", timeouts.Idle, zeroAllowed: true);

        void Check(string key, TimeSpan value, bool zeroAllowed)
        {
            if (value < TimeSpan.Zero || value > MaxTimeout || (value == TimeSpan.Zero && !zeroAllowed))
            {
                Add(
                    $"{path}.{key}",
                    $"Timeout [{key}] of upstream [{upstream.Name}] is out of range; it is more than zero and less than 25 days");
            }
        }
    }

    private void CheckHttp2(UpstreamOptions upstream, string path)
    {
        if (upstream.MaxHttp2Streams is < 1 or > MaxStreams)
        {
            Add(
                $"{path}.max_h2_streams",
                $"Streams [{upstream.MaxHttp2Streams}] of upstream [{upstream.Name}] are out of range; they are 1 to {MaxStreams}");
        }

        if (upstream.Http2PingInterval is { } interval && (interval <= TimeSpan.Zero || interval > MaxTimeout))
        {
            Add($"{path}.h2_ping_interval", $"Interval [h2_ping_interval] of upstream [{upstream.Name}] is out of range; it is more than zero and less than 25 days");
        }
    }

    private ISelection? FindSelection(UpstreamOptions upstream, string path)
    {
        if (!Selections.TryGetValue(upstream.Balance, out var selection))
        {
            var suggestion = Spelling.Suggest(upstream.Balance, Selections.Keys);
            Add(path, $"Balance [{upstream.Balance}] of upstream [{upstream.Name}] is not known{suggestion}");
        }
        else if (selection is null)
        {
            Add(path, $"Balance [{upstream.Balance}] of upstream [{upstream.Name}] is not available yet; write [round_robin]");
        }

        return selection;
    }

    private void Add(string path, string message) => problems.Add(new RouteTableProblem(path, message));
}
