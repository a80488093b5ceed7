using System.Numerics;

namespace Securely.Dns;

/// <summary>
/// Answers of others, bounded in bytes. Readers take no lock and allocate nothing: a place holds an immutable entry or none. Writers lock one
/// shard. Where there is no room, of a few neighbours the one that was not used for longest goes. For any thread.
/// </summary>
internal sealed class AnswerCache
{
    private const int Ways = 8;
    private const int Shards = 16;
    private const int TypicalSize = 448;

    // Names with more labels below one that does not exist are rare; each costs a look.
    private const int MostAbove = 8;
    private readonly CacheShard[] _shards = new CacheShard[Shards];

    /// <summary>Makes an empty cache.</summary>
    /// <param name="bytes">What it may take, its table included; 0 for a cache that keeps nothing.</param>
    internal AnswerCache(long bytes)
    {
        var each = bytes / Shards;
        var sets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(each / TypicalSize / Ways, 1));
        for (var i = 0; i < Shards; i++)
            _shards[i] = new CacheShard(sets, Ways, Math.Max(each - (sets * Ways * 8L), 0));
    }

    /// <summary>How many bytes the entries take; other threads change it.</summary>
    internal long Bytes => _shards.Sum(shard => shard.Bytes);

    /// <summary>How many entries there are; other threads change it.</summary>
    internal int Count => _shards.Sum(shard => shard.Count);

    /// <summary>Finds what was said of a name and a type, or of a name that does not exist; what is still good, else what came last.</summary>
    internal CacheEntry? Find(NameKey name, RecordType type, QuestionFlags flags, long now)
    {
        var exact = FindExact(name, type, flags);
        if (exact is not null && exact.IsFresh(now))
            return exact;
        var denial = FindExact(name, RecordType.None, flags);
        return exact is null || (denial is not null && (exact.IsFailure || denial.StoredAt > exact.StoredAt)) ? denial : exact;
    }

    /// <summary>Finds a name above one that does not exist, so that nothing below it does (RFC 8020); null where none is known.</summary>
    /// <param name="name">The name.</param>
    /// <param name="leastLabels">How many labels the name above has at least.</param>
    /// <param name="flags">As in the question.</param>
    /// <param name="now">The time of the cache's clock.</param>
    internal CacheEntry? FindAbove(NameKey name, int leastLabels, QuestionFlags flags, long now)
    {
        for (var away = 1; away <= MostAbove && name.Labels - away >= leastLabels; away++)
        {
            if (FindExact(name, RecordType.None, flags, away) is { IsMovable: true } denial && denial.IsFresh(now))
                return denial;
        }

        return null;
    }

    internal CacheEntry? Find(ForwardKey key, long now)
    {
        var name = new NameKey();
        name.TryLoad(key.Name);
        return Find(name, key.Type, key.Flags, now);
    }

    /// <summary>Keeps an answer, in place of an older one to the same question.</summary>
    internal void Put(CacheEntry entry) => ShardOf(entry.Key.Hash).Put(entry);

    /// <summary>Forgets.</summary>
    /// <param name="name">The name whose answers go; null for all.</param>
    /// <param name="withBelow">Whether those of the names below it go too.</param>
    /// <returns>How many there were.</returns>
    internal int Flush(DomainName? name, bool withBelow) => _shards.Sum(shard => shard.Remove(entry =>
        name is null || (withBelow ? WireName.IsWithin(entry.Key.Name, name.Lower) : name.Lower.SequenceEqual(entry.Key.Name))));

    private CacheEntry? FindExact(NameKey name, RecordType type, QuestionFlags flags, int away = 0)
    {
        var hash = ForwardKey.HashOf(name.Hash(away), type, flags);
        foreach (ref var place in ShardOf(hash).SetOf(hash))
        {
            if (Volatile.Read(ref place) is { } entry && entry.Key.Hash == hash && entry.Key.Is(name.Ancestor(away), type, flags))
                return entry;
        }

        return null;
    }

    private CacheShard ShardOf(uint hash) => _shards[hash >> 28];
}

/// <summary>A part of a cache with a lock of its own, for writers.</summary>
internal sealed class CacheShard(int sets, int ways, long limit)
{
    private readonly Lock _writing = new();
    private readonly CacheEntry?[] _places = new CacheEntry?[sets * ways];
    private long _negativeBytes;
    private int _hand;

    internal long Bytes { get; private set; }

    internal int Count { get; private set; }

    internal Span<CacheEntry?> SetOf(uint hash) => _places.AsSpan((int)(hash & (uint)(sets - 1)) * ways, ways);

    internal void Put(CacheEntry entry)
    {
        if (entry.Size > limit)
            return;
        lock (_writing)
        {
            var set = SetOf(entry.Key.Hash);
            ref var place = ref Choose(set, entry);
            Drop(ref place);
            Volatile.Write(ref place, entry);
            Count++;
            Bytes += entry.Size;
            _negativeBytes += entry.IsNegative ? entry.Size : 0;
            // Names that do not exist are countless; they may not push out those that do.
            while (_negativeBytes > limit / 4)
                Sweep(onlyNegative: true);
            while (Bytes > limit)
                Sweep(onlyNegative: false);
        }
    }

    internal int Remove(Func<CacheEntry, bool> condition)
    {
        var removed = 0;
        lock (_writing)
        {
            foreach (ref var place in _places.AsSpan())
            {
                if (place is null || !condition(place))
                    continue;
                Drop(ref place);
                removed++;
            }
        }

        return removed;
    }

    // The place of the same question, else an empty one, else that of the entry which was not used for longest.
    private static ref CacheEntry? Choose(Span<CacheEntry?> set, CacheEntry entry)
    {
        var best = 0;
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i] is { } other && other.Key.Equals(entry.Key))
                return ref set[i];
            if (set[best] is { } oldest && (set[i] is null || set[i]!.UsedAt < oldest.UsedAt))
                best = i;
        }

        return ref set[best];
    }

    // Looks at one set after the other, and takes the oldest entry of each.
    private void Sweep(bool onlyNegative)
    {
        var set = _places.AsSpan(_hand * ways, ways);
        _hand = (_hand + 1) & (sets - 1);
        var oldest = -1;
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i] is { } entry && (!onlyNegative || entry.IsNegative) && (oldest < 0 || entry.UsedAt < set[oldest]!.UsedAt))
                oldest = i;
        }

        if (oldest >= 0)
            Drop(ref set[oldest]);
    }

    private void Drop(ref CacheEntry? place)
    {
        if (place is not { } entry)
            return;
        Volatile.Write(ref place, null);
        Count--;
        Bytes -= entry.Size;
        _negativeBytes -= entry.IsNegative ? entry.Size : 0;
    }
}
