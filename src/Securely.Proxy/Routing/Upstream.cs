using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>An upstream that routes lead to: its options and the balancer over its servers.</summary>
public sealed class Upstream
{
    internal Upstream(UpstreamOptions options, LoadBalancer balancer, UpstreamFigures figures)
    {
        Options = options;
        Balancer = balancer;
        Figures = figures;
    }

    /// <summary>The name that routes use.</summary>
    public string Name => Options.Name;

    /// <summary>Timeouts, retries and what else was configured.</summary>
    public UpstreamOptions Options { get; }

    /// <summary>Chooses a server. Whoever owns the table runs it when it <see cref="LoadBalancer.NeedsRunning"/>.</summary>
    public LoadBalancer Balancer { get; }

    /// <summary>Its name in metrics and logs, and what is counted of it.</summary>
    public UpstreamFigures Figures { get; }
}
