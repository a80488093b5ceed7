using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns;

/// <summary>
/// The zones that a server answers for. Zones are put in and taken out while it runs: readers see the state before or the state after, never
/// anything between. For any thread.
/// </summary>
public sealed class Catalog
{
    private readonly Lock _writing = new();
    private volatile CatalogTable _table = new([]);

    /// <summary>All zones, by name.</summary>
    public IReadOnlyList<Zone> Zones => _table.Zones;

    internal CatalogTable Table => _table;

    /// <summary>Puts a zone in; one of the same name is replaced.</summary>
    /// <param name="zone">The zone.</param>
    public void Put(Zone zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        lock (_writing)
            _table = new CatalogTable([.. _table.Zones.Where(other => !other.Apex.Equals(zone.Apex)), zone]);
    }

    /// <summary>Puts many zones in at once, which costs less than one after the other.</summary>
    /// <param name="zones">The zones; each replaces one of the same name.</param>
    public void PutAll(IEnumerable<Zone> zones)
    {
        ArgumentNullException.ThrowIfNull(zones);
        lock (_writing)
        {
            var all = _table.Zones.ToDictionary(zone => zone.Apex);
            foreach (var zone in zones)
                all[zone.Apex] = zone;
            _table = new CatalogTable([.. all.Values]);
        }
    }

    /// <summary>Takes a zone out.</summary>
    /// <param name="apex">Its name.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(DomainName apex)
    {
        ArgumentNullException.ThrowIfNull(apex);
        lock (_writing)
        {
            var before = _table;
            _table = new CatalogTable([.. before.Zones.Where(zone => !zone.Apex.Equals(apex))]);
            return _table.Zones.Length < before.Zones.Length;
        }
    }

    /// <summary>Finds a zone by its own name.</summary>
    /// <param name="apex">The zone's name.</param>
    /// <param name="zone">The zone.</param>
    /// <returns>Whether it is there.</returns>
    public bool TryGet(DomainName apex, [NotNullWhen(true)] out Zone? zone)
    {
        ArgumentNullException.ThrowIfNull(apex);
        var key = new NameKey();
        key.TryLoad(apex.Wire);
        return (zone = _table.FindExact(key, 0)) is not null;
    }
}

/// <summary>One state of a catalog: zones by hash, and which numbers of labels their names have.</summary>
internal sealed class CatalogTable
{
    private readonly (uint Hash, Zone? Zone)[] _slots;
    private readonly bool[] _labels = new bool[WireName.MaximumLabels];

    internal CatalogTable(Zone[] zones)
    {
        Zones = zones;
        Array.Sort(zones, static (left, right) => left.Apex.CompareTo(right.Apex));
        _slots = new (uint, Zone?)[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(zones.Length * 2) + 1)];
        IsLarge = zones.Sum(zone => (long)zone.NameCount) > 50_000;
        foreach (var zone in zones)
        {
            _labels[zone.ApexLabels] = true;
            var at = zone.Apex.Hash & (uint)(_slots.Length - 1);
            while (_slots[at].Zone is not null)
                at = (at + 1) & (uint)(_slots.Length - 1);
            _slots[at] = (zone.Apex.Hash, zone);
        }
    }

    internal Zone[] Zones { get; }

    /// <summary>Whether the names are so many that looking one up waits for memory.</summary>
    internal bool IsLarge { get; }

    /// <summary>The zone that a name is in: the one with the longest name.</summary>
    /// <param name="key">The name.</param>
    /// <param name="away">How many labels of the name may be missing at least: 1 for what only a parent knows.</param>
    internal Zone? Find(NameKey key, int away = 0)
    {
        for (; away <= key.Labels; away++)
        {
            if (_labels[key.Labels - away] && FindExact(key, away) is { } zone)
                return zone;
        }

        return null;
    }

    internal Zone? FindExact(NameKey key, int away)
    {
        var hash = key.Hash(away);
        var mask = (uint)_slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            var (known, zone) = _slots[at];
            if (zone is null)
                return null;
            if (known == hash && zone.Apex.Lower.SequenceEqual(key.Ancestor(away)))
                return zone;
        }
    }
}
