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

    /// <summary>An old answer that is better than none; null when there is none.</summary>
    internal CacheEntry? FindStale(ForwardKey key) =>
        Cache.Find(key, Now) is { } entry && !entry.IsFresh(Now) && entry.IsUsableStale(Now, MaximumStale) ? entry : null;
}
