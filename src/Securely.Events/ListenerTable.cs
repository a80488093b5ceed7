namespace Securely.Events;

/// <summary>All registrations: changed under a lock, read as snapshots, with what each name means kept until the next change.</summary>
internal sealed class ListenerTable
{
    /// <summary>Names may come from outside; no more of them are kept.</summary>
    private const int MostKept = 4096;

    private readonly Lock _changing = new();

    // Replaced under the lock, read by everybody.
    private volatile Snapshot _snapshot = new([]);

    public IReadOnlyList<Listener> All => _snapshot.Listeners;

    public void Add(Listener listener)
    {
        lock (_changing)
        {
            if (listener.Options.Queue is not null && _snapshot.Listeners.Any(other => other.Options.Queue is not null && other.Name == listener.Name))
                throw new ArgumentException($"A queued listener [{listener.Name}] is there already; give this one a name of its own, because it is found by it", nameof(listener));
            _snapshot = new Snapshot([.. _snapshot.Listeners, listener]);
        }
    }

    public void Remove(string pattern)
    {
        lock (_changing)
            _snapshot = new Snapshot([.. _snapshot.Listeners.Where(listener => listener.Pattern != pattern)]);
    }

    public bool HasPattern(string pattern) => Array.Exists(_snapshot.Listeners, listener => listener.Pattern == pattern);

    public bool HasWildcard(string name) =>
        Array.Exists(_snapshot.Listeners, listener => listener.Kind == ListenerKind.Wildcard && Wildcards.Matches(listener.Pattern, name));

    /// <summary>Who hears an event, in order.</summary>
    public Listener[] For(EventMessage message)
    {
        var snapshot = _snapshot;
        // An object and a name that is that of its type are two things: only one of them has interfaces.
        var kept = message.Event is null ? snapshot.ByName : snapshot.ByType;
        lock (kept)
        {
            if (kept.TryGetValue(message.Name, out var known))
                return known;
            var found = Find(snapshot.Listeners, message);
            if (kept.Count == MostKept)
                kept.Clear();
            kept.Add(message.Name, found);
            return found;
        }
    }

    private static Listener[] Find(Listener[] all, EventMessage message) =>
    [
        .. all.Where(listener => listener.Kind == ListenerKind.Exact && listener.Pattern == message.Name),
        .. all.Where(listener => listener.Kind == ListenerKind.Wildcard && Wildcards.Matches(listener.Pattern, message.Name)),
        .. all.Where(listener => listener.Kind == ListenerKind.Interface && message.Event is { } item && listener.Accepts!(item)),
    ];

    private sealed class Snapshot(Listener[] listeners)
    {
        public Listener[] Listeners { get; } = listeners;

        public Dictionary<string, Listener[]> ByName { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Listener[]> ByType { get; } = new(StringComparer.Ordinal);
    }
}
