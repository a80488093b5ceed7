namespace Securely.Dns;

/// <summary>All that answers questions for names of others: who may ask, what is known, and who asks. For any thread.</summary>
internal sealed class Recursion
{
    private readonly TimeProvider _time;
    private readonly long _origin;

    internal Recursion(ForwardingOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        _origin = time.GetTimestamp();
        Allowed = new AccessList(options.AllowedNetworks);
        Cache = new AnswerCache(options.Cache.Size);
        MaximumStale = (long)options.Cache.MaximumStale.TotalSeconds;
        if (options.Names is { } names)
            names.Changed += () => Cache.Flush(null, withBelow: false);
    }

    internal ForwardingOptions Options { get; }

    internal AccessList Allowed { get; }

    internal AnswerCache Cache { get; }

    internal LoopProbe Loops { get; } = new();

    /// <summary>For how many seconds an old answer may be given.</summary>
    internal long MaximumStale { get; }

    /// <summary>Asks upstreams; null before the server runs.</summary>
    internal Forwarder? Forwarder { get; set; }

    /// <summary>The cache's clock: seconds that nobody can set back.</summary>
    internal long Now => (_time.GetTimestamp() - _origin) / _time.TimestampFrequency;

    /// <summary>What says that a name does not exist because one above it does not; null where nothing does.</summary>
    /// <remarks>Those who are asked for the names of a route say nothing of the others, nor the others of them.</remarks>
    internal CacheEntry? FindDenial(NameKey name, QuestionFlags flags, long now) => Cache.FindAbove(name, Math.Max(RouteLabels(name), 1), flags, now);

    /// <summary>How many labels the domain of a name's route has; -1 where it has none.</summary>
    internal int RouteLabels(NameKey name)
    {
        var most = -1;
        foreach (var route in Options.Routes)
        {
            var labels = route.Domain.LabelCount;
            if (labels > most && labels <= name.Labels && name.Ancestor(name.Labels - labels).SequenceEqual(route.Domain.Lower))
                most = labels;
        }

        return most;
    }

    /// <summary>How many labels of a name are below a domain that stays within a network (RFC 6303), and that no route is for; -1 for other names.</summary>
    internal int BelowUnrouted(NameKey name) => UnroutedNames.Find(name) is >= 0 and var below && RouteLabels(name) < 0 ? below : -1;

    /// <summary>An old answer that is better than none; null when there is none.</summary>
    internal CacheEntry? FindStale(ForwardKey key) =>
        Cache.Find(key, Now) is { } entry && !entry.IsFresh(Now) && entry.IsUsableStale(Now, MaximumStale) ? entry : null;
}
