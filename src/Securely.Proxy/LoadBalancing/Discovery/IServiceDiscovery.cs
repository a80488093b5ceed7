namespace Securely.Proxy.LoadBalancing;

/// <summary>Says which backends there are (LB-02).</summary>
public interface IServiceDiscovery
{
    /// <summary>How often it is worth asking again; null when the answer never changes.</summary>
    TimeSpan? Interval { get; }

    /// <summary>What is known without asking anybody: what was given, and the last good answers. May be empty, never waits.</summary>
    IReadOnlyList<Backend> Known { get; }

    /// <summary>Asks. The order of the answer should not change without reason, since a changed order is a changed set.</summary>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <exception cref="DiscoveryException">Some servers were not found; <see cref="Known"/> holds the best that is known now.</exception>
    ValueTask<IReadOnlyList<Backend>> DiscoverAsync(CancellationToken cancellationToken);
}
