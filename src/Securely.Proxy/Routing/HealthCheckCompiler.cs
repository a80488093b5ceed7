using Securely.Http;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>Checks how an upstream's servers are to be checked, and prepares that.</summary>
internal sealed class HealthCheckCompiler(List<RouteTableProblem> problems)
{
    private const int MostInARow = 1000;

    // A timer holds no longer time.
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(int.MaxValue);

    /// <summary>The check; null where there is none. With problems it is never used.</summary>
    public HealthCheck? Compile(UpstreamOptions upstream, string path)
    {
        if (upstream.HealthCheck is not { } options)
            return null;
        CheckTimes(options, path);
        CheckTexts(options, path);
        CheckVersion(upstream, options, path);
        Func<Backend, HttpPeer> peerOf = backend => backend.Extension as HttpPeer ?? PeerOf(upstream, backend);
        return options.Kind switch
        {
            HealthCheckKind.Http => new HttpHealthCheck
            {
                PeerOf = peerOf,
                Interval = options.Interval,
                Timeout = options.Timeout,
                Healthy = options.Healthy,
                Unhealthy = options.Unhealthy,
                Path = options.Path ?? "/",
                Host = options.Host,
            },
            HealthCheckKind.Grpc => new GrpcHealthCheck
            {
                PeerOf = peerOf,
                Interval = options.Interval,
                Timeout = options.Timeout,
                Healthy = options.Healthy,
                Unhealthy = options.Unhealthy,
                Service = options.Service ?? "",
                Host = options.Host,
            },
            _ => new TcpHealthCheck
            {
                PeerOf = peerOf,
                Interval = options.Interval,
                Timeout = options.Timeout,
                Healthy = options.Healthy,
                Unhealthy = options.Unhealthy,
            },
        };
    }

    private static HttpPeer PeerOf(UpstreamOptions upstream, Backend backend) =>
        new(backend.Address) { Tls = upstream.Tls, Options = new PeerOptions { Protocol = upstream.Protocol } };

    private void CheckVersion(UpstreamOptions upstream, HealthCheckOptions options, string path)
    {
        if (options.Kind == HealthCheckKind.Grpc && !upstream.MaySpeakHttp2)
            Add($"{path}.type", $"Type [grpc] needs HTTP/2, which upstream [{upstream.Name}] is not asked for; write [protocol: h2c], or [h2] with [tls]");
    }

    private void CheckTimes(HealthCheckOptions options, string path)
    {
        if (options.Interval <= TimeSpan.Zero || options.Interval > _longest)
            Add($"{path}.interval", "Interval of the health check is out of range; it is more than zero and less than 25 days");
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > _longest)
            Add($"{path}.timeout", "Timeout of the health check is out of range; it is more than zero and less than 25 days");
        if (options.Healthy is < 1 or > MostInARow)
            Add($"{path}.healthy", $"[{options.Healthy}] good answers in a row are out of range; they are 1 to {MostInARow}");
        if (options.Unhealthy is < 1 or > MostInARow)
            Add($"{path}.unhealthy", $"[{options.Unhealthy}] bad answers in a row are out of range; they are 1 to {MostInARow}");
    }

    /// <summary>What the kind does not read is an error, not ignored.</summary>
    private void CheckTexts(HealthCheckOptions options, string path)
    {
        var kind = options.Kind.ToString().ToLowerInvariant();
        if (options.Path is not null && options.Kind != HealthCheckKind.Http)
            Add($"{path}.path", $"Path [{options.Path}] is not asked for by type [{kind}]; remove it, or write [type: http]");
        else if (options.Path is { } target && !IsTarget(target))
            Add($"{path}.path", $"Path [{target}] is not one; it begins with a slash and holds visible ASCII, without a fragment");
        if (options.Service is not null && options.Kind != HealthCheckKind.Grpc)
            Add($"{path}.service", $"Service [{options.Service}] is not asked for by type [{kind}]; remove it, or write [type: grpc]");
        if (options.Host is not null && options.Kind == HealthCheckKind.Tcp)
            Add($"{path}.host", $"Host [{options.Host}] is not named by type [tcp]; remove it, or write [type: http]");
        else if (options.Host is { } host && (host.Length == 0 || host.Any(letter => letter is <= ' ' or > '~' or '/' or '@')))
            Add($"{path}.host", $"Host [{host}] is not one; write it as [app.test] or [app.test:8080]");
    }

    private static bool IsTarget(string target) => target.StartsWith('/') && target.All(letter => letter is > ' ' and <= '~' and not ('#' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}'));

    private void Add(string path, string message) => problems.Add(new RouteTableProblem(path, message));
}
