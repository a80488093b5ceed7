namespace Securely.Proxy.LoadBalancing;

/// <summary>What a balancer may be told beside its discovery and its algorithm.</summary>
public sealed record LoadBalancerOptions
{
    /// <summary>
    /// Name in logs and as a service. Default <c>load_balancer</c>; a configured upstream's balancer bears the upstream's name.
    /// </summary>
    public string Name { get; init; } = "load_balancer";

    /// <summary>
    /// Makes the <see cref="Backend.Extension"/> of a backend when it enters the set, so that what a request needs of it is prepared
    /// once. A backend that stays keeps its extension. Null, the default, leaves the extension that the discovery gave.
    /// </summary>
    public Func<Backend, object?>? Extend { get; init; }

    /// <summary>How to find out which backends can be asked, while the balancer runs. Null, the default, takes all for healthy.</summary>
    public HealthCheck? HealthCheck { get; init; }
}
