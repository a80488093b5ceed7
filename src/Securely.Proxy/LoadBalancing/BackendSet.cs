using System.Collections;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// The backends of a balancer at one moment, with the selector that was built for them. Immutable: an update makes a new set and swaps
/// the reference, so a selection that is under way finishes on the set it started with (LB-03).
/// </summary>
public sealed class BackendSet : IReadOnlyList<Backend>
{
    private readonly Backend[] _backends;

    private BackendSet(Backend[] backends, ISelector? selector)
    {
        _backends = backends;
        Selector = selector;
    }

    /// <summary>How many backends there are; 0 when discovery has not found any.</summary>
    public int Count => _backends.Length;

    /// <summary>Null when the set is empty.</summary>
    internal ISelector? Selector { get; }

    /// <summary>The backend at a position; its <see cref="Backend.Index"/> is that position.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Backend this[int index] => _backends[index];

    /// <inheritdoc/>
    public IEnumerator<Backend> GetEnumerator() => ((IEnumerable<Backend>)_backends).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Builds a set; a backend that the previous set had as well keeps its extension.</summary>
    internal static BackendSet Build(
        IReadOnlyList<Backend> found, BackendSet? previous, ISelection selection, Func<Backend, object?>? extend)
    {
        var extensions = new Dictionary<Backend, object?>();
        foreach (var known in previous?._backends ?? [])
        {
            extensions[known] = known.Extension;
        }

        var backends = new Backend[found.Count];
        for (var i = 0; i < backends.Length; i++)
        {
            var backend = found[i];
            if (!extensions.TryGetValue(backend, out var extension))
            {
                extension = extend is null ? backend.Extension : extend(backend);
            }

            backends[i] = backend.At(i, extension);
        }

        return new BackendSet(backends, backends.Length == 0 ? null : selection.Build(backends));
    }

    /// <summary>Whether the same addresses with the same weights stand in the same order.</summary>
    internal bool Matches(IReadOnlyList<Backend> found) => found.SequenceEqual(_backends);
}
