using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Securely.Dns;

/// <summary>A name of a zone that exists: it has records, or names below it have. Immutable once the zone is built.</summary>
internal sealed class ZoneNode(DomainName name)
{
    /// <summary>The name.</summary>
    internal DomainName Name { get; } = name;

    /// <summary>Its records by type, in the order of the types; empty for a name that exists only because of others (RFC 4592, 2.2.2).</summary>
    internal RecordSet[] Sets { get; set; } = [];

    /// <summary>The next name above; null for the zone's own.</summary>
    internal ZoneNode? Parent { get; set; }

    /// <summary>The name <c>*</c> below it, which stands for those that do not exist.</summary>
    internal ZoneNode? Wildcard { get; set; }

    /// <summary>What takes the name out of the zone: the topmost delegation at or above it, or DNAME above it.</summary>
    internal ZoneNode? Cover { get; set; }

    /// <summary>Whether name servers of another zone are named here.</summary>
    internal bool IsDelegation { get; set; }

    /// <summary>Where the chain of its records begins while a file is made into a zone; -1 for a name without records.</summary>
    internal int FirstRecord { get; set; } = -1;

    /// <summary>The records of a type; null when there are none.</summary>
    internal RecordSet? Find(RecordType type)
    {
        foreach (var set in Sets)
        {
            if (set.Type == type)
                return set;
        }

        return null;
    }
}

/// <summary>The names of a zone by hash: open addressing, at most two thirds full, read by many threads once it is built.</summary>
internal sealed class NodeTable
{
    private Slot[] _slots;

    /// <summary>Makes a table that takes so many names before it grows.</summary>
    internal NodeTable(int capacity = 10) => _slots = new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity + (capacity / 2) + 2, 16))];

    internal int Count { get; private set; }

    internal IEnumerable<ZoneNode> Nodes => _slots.Where(slot => slot.Node is not null).Select(slot => slot.Node);

    /// <summary>Finds an ancestor of a name, or the name itself.</summary>
    internal ZoneNode? Find(NameKey key, int labelsAway)
    {
        var hash = key.Hash(labelsAway);
        var mask = (uint)_slots.Length - 1;
        for (var at = hash & mask; ; at = (at + 1) & mask)
        {
            ref readonly var slot = ref _slots[at];
            if (slot.Node is null)
                return null;
            if (slot.Hash == hash && slot.Node.Name.Lower.SequenceEqual(key.Ancestor(labelsAway)))
                return slot.Node;
        }
    }

    /// <summary>Begins to load the place of a name into the processor's cache.</summary>
    internal unsafe void Foresee(NameKey key)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _slots[key.Hash(0) & ((uint)_slots.Length - 1)]));
    }

    internal ZoneNode? Find(DomainName name)
    {
        ref var slot = ref Locate(_slots, name);
        return slot.Node;
    }

    /// <summary>Finds a name, or enters it.</summary>
    internal ZoneNode Add(DomainName name)
    {
        ref var slot = ref Locate(_slots, name);
        if (slot.Node is not null)
            return slot.Node;
        var node = new ZoneNode(name);
        slot = new Slot(name.Hash, node);
        if (++Count * 3 > _slots.Length * 2)
            Grow();
        return node;
    }

    private void Grow()
    {
        var slots = new Slot[_slots.Length * 2];
        var mask = (uint)slots.Length - 1;
        foreach (var slot in _slots)
        {
            if (slot.Node is null)
                continue;
            var at = slot.Hash & mask;
            while (slots[at].Node is not null)
                at = (at + 1) & mask;
            slots[at] = slot;
        }

        _slots = slots;
    }

    private static ref Slot Locate(Slot[] slots, DomainName name)
    {
        var mask = (uint)slots.Length - 1;
        for (var at = name.Hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref slots[at];
            if (slot.Node is null || (slot.Hash == name.Hash && slot.Node.Name.Equals(name)))
                return ref slot;
        }
    }

    private readonly record struct Slot(uint Hash, ZoneNode Node);
}
