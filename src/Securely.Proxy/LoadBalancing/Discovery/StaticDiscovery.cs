namespace Securely.Proxy.LoadBalancing;

/// <summary>The backends it was given, for ever.</summary>
/// <param name="backends">The backends, in the order of their turns.</param>
public sealed class StaticDiscovery(params IReadOnlyList<Backend> backends) : IServiceDiscovery
{
    /// <summary>Null: the answer never changes.</summary>
    public TimeSpan? Interval => null;

    /// <inheritdoc/>
    public IReadOnlyList<Backend> Known { get; } = [.. backends];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Backend>> DiscoverAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Known);
}
