using Securely.Http;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// How a balancer finds out which of its backends can be asked (LB-07 to LB-10): it connects to each, lets the check speak, and takes for healthy
/// who did nothing wrong within the timeout. Derive from it for a check of one's own. Used on one worker, for many backends at a time.
/// </summary>
public abstract class HealthCheck
{
    private protected HealthCheck(Func<Backend, HttpPeer> peerOf) => PeerOf = peerOf;

    /// <summary>Makes a check over a connection of HTTP/1.1.</summary>
    protected HealthCheck()
        : this(backend => new HttpPeer(backend.Address))
    {
    }

    /// <summary>Where and how a backend is reached. Its timeouts are shortened to <see cref="Timeout"/>.</summary>
    public Func<Backend, HttpPeer> PeerOf { get; init; }

    /// <summary>From one round of checks to the next. Default: 1 s. More than zero.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one check may take, connecting included. Default: 1 s. More than zero.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many good answers in a row make a backend healthy again. Default: 1.</summary>
    public int Healthy { get; init; } = 1;

    /// <summary>How many bad ones in a row make it unhealthy. Default: 1. A new backend is healthy.</summary>
    public int Unhealthy { get; init; } = 1;

    /// <summary>Speaks with a backend.</summary>
    /// <param name="session">A fresh connection, with TLS where the peer has it. It is given up when the timeout has passed.</param>
    /// <param name="backend">The backend.</param>
    /// <returns>A task; any exception means that the backend is not healthy, and its message says why.</returns>
    public abstract ValueTask CheckAsync(ClientSession session, Backend backend);

    /// <summary>The authority that a request to a backend names.</summary>
    /// <param name="backend">The backend.</param>
    private protected static string HostOf(Backend backend) => backend.Address is System.Net.IPEndPoint address ? address.ToString() : "localhost";
}
