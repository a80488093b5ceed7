using System.Collections;
using System.Net;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// The backends of a balancer at one moment, with the selector that was built for them. Immutable: an update makes a new set and swaps
/// the reference, so a selection that is under way finishes on the set it started with (LB-03).
/// </summary>
public sealed class BackendSet : IReadOnlyList<Backend>
{
    private readonly Backend[] _backends;

    private readonly BackendHealth[] _health;

    private BackendSet(Backend[] backends, BackendHealth[] health, ISelector? selector)
    {
        _backends = backends;
        _health = health;
        Selector = selector;
    }

    /// <summary>How many backends there are; 0 when discovery has not found any.</summary>
    public int Count => _backends.Length;

    /// <summary>Null when the set is empty.</summary>
    internal ISelector? Selector { get; }

    /// <summary>The backend at a position; its <see cref="Backend.Index"/> is that position.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Backend this[int index] => _backends[index];

    /// <summary>Whether a backend is healthy, which changes while the set stays; true where nobody checks (LB-04).</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public bool IsHealthy(int index) => _health[index].IsHealthy;

    /// <inheritdoc/>
    public IEnumerator<Backend> GetEnumerator() => ((IEnumerable<Backend>)_backends).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>What the checks of a backend have found.</summary>
    internal BackendHealth HealthOf(int index) => _health[index];

    /// <summary>Builds a set; a backend that the previous set had as well keeps its extension, and its health whatever its weight is now.</summary>
    internal static BackendSet Build(
        IReadOnlyList<Backend> found, BackendSet? previous, ISelection selection, Func<Backend, object?>? extend)
    {
        var extensions = new Dictionary<Backend, object?>();
        var health = new Dictionary<EndPoint, BackendHealth>();
        foreach (var known in previous?._backends ?? [])
        {
            extensions[known] = known.Extension;
            health[known.Address] = previous!.HealthOf(known.Index);
        }

        var backends = new Backend[found.Count];
        var healths = new BackendHealth[found.Count];
        for (var i = 0; i < backends.Length; i++)
        {
            var backend = found[i];
            if (!extensions.TryGetValue(backend, out var extension))
            {
                extension = extend is null ? backend.Extension : extend(backend);
            }

            backends[i] = backend.At(i, extension);
            healths[i] = health.GetValueOrDefault(backend.Address) ?? new BackendHealth();
        }

        return new BackendSet(backends, healths, backends.Length == 0 ? null : selection.Build(backends));
    }

    /// <summary>Whether the same addresses with the same weights stand in the same order.</summary>
    internal bool Matches(IReadOnlyList<Backend> found) => found.SequenceEqual(_backends);
}
