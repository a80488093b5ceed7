using Securely.Net;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>What building a <see cref="RouteTable"/> may be told beside the configuration.</summary>
public sealed record RouteTableOptions
{
    /// <summary>How host names of servers are resolved, at load and later.</summary>
    public HostDiscoveryOptions Discovery { get; init; } = new();

    /// <summary>Where the requests of each site and the tries at each upstream are counted. Default: null, nowhere.</summary>
    public MetricsRegistry? Metrics { get; init; }

    /// <summary>
    /// Makes the <see cref="Backend.Extension"/> of each server of an upstream when it enters the balancer, for example a prepared peer.
    /// Default null, which leaves it empty.
    /// </summary>
    public Func<UpstreamOptions, Backend, object?>? Extend { get; init; }
}
