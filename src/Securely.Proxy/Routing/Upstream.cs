using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>An upstream that routes lead to: its options and the balancer over its servers.</summary>
public sealed class Upstream
{
    internal Upstream(UpstreamOptions options, LoadBalancer balancer)
    {
        Options = options;
        Balancer = balancer;
    }

    /// <summary>The name that routes use.</summary>
    public string Name => Options.Name;

    /// <summary>Timeouts, retries and what else was configured.</summary>
    public UpstreamOptions Options { get; }

    /// <summary>Chooses a server. Whoever owns the table runs it while <see cref="LoadBalancer.UpdateInterval"/> is not null.</summary>
    public LoadBalancer Balancer { get; }
}
