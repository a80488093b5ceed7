using System.Net;

namespace Securely.Proxy.LoadBalancing;

/// <summary>How host names of servers are resolved.</summary>
public sealed record HostDiscoveryOptions
{
    /// <summary>How often names are resolved again. Default 30 s; more than zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long one name may take before it counts as failed. Default 10 s; more than zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Turns a name into addresses. Default: the system's resolver. Its failures become messages.</summary>
    public Func<string, CancellationToken, ValueTask<IPAddress[]>> Resolve { get; init; } =
        static async (host, cancellationToken) => await System.Net.Dns.GetHostAddressesAsync(host, cancellationToken);

    /// <summary>The clock of <see cref="Timeout"/>. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
