using System.Numerics;

namespace Securely.Dns;

/// <summary>Many names, each standing for itself, for what is below it, or for both. Compact; a lookup allocates nothing. Immutable, for any thread.</summary>
internal sealed class DomainSet
{
    private readonly int[] _slots;
    private readonly uint[] _hashes;
    private readonly byte[] _names;

    private DomainSet(int[] slots, uint[] hashes, byte[] names, int count)
    {
        (_slots, _hashes, _names) = (slots, hashes, names);
        Count = count;
    }

    internal static DomainSet Empty { get; } = new([-1], [0], [], 0);

    internal int Count { get; }

    /// <summary>Makes a set; a name that comes twice stands for all that it was said to.</summary>
    internal static DomainSet Build(IReadOnlyDictionary<DomainName, DomainScope> names)
    {
        if (names.Count == 0)
            return Empty;
        var places = (int)BitOperations.RoundUpToPowerOf2((uint)names.Count * 2);
        var (slots, hashes) = (new int[places], new uint[places]);
        Array.Fill(slots, -1);
        var bytes = new byte[names.Sum(static pair => pair.Key.Wire.Length + 1)];
        var at = 0;
        foreach (var (name, scope) in names)
        {
            var slot = (int)(name.Hash & (uint)(places - 1));
            while (slots[slot] >= 0)
                slot = (slot + 1) & (places - 1);
            (slots[slot], hashes[slot]) = (at, name.Hash);
            bytes[at++] = (byte)scope;
            name.Lower.CopyTo(bytes.AsSpan(at));
            at += name.Wire.Length;
        }

        return new DomainSet(slots, hashes, bytes, names.Count);
    }

    /// <summary>Whether the set stands for a name.</summary>
    internal bool Covers(NameKey name) => Find(name) >= 0;

    /// <summary>How many labels of a name are below the longest name that stands for it; -1 where none does.</summary>
    internal int Find(NameKey name)
    {
        if (Count == 0)
            return -1;
        for (var away = 0; away <= name.Labels; away++)
        {
            if ((ScopeOf(name, away) & (away == 0 ? DomainScope.Self : DomainScope.Below)) != 0)
                return away;
        }

        return -1;
    }

    private DomainScope ScopeOf(NameKey name, int away)
    {
        var hash = name.Hash(away);
        var wanted = name.Ancestor(away);
        for (var slot = hash & (uint)(_slots.Length - 1); _slots[slot] >= 0; slot = (slot + 1) & (uint)(_slots.Length - 1))
        {
            if (_hashes[slot] == hash && _names.AsSpan(_slots[slot] + 1).StartsWith(wanted))
                return (DomainScope)_names[_slots[slot]];
        }

        return DomainScope.None;
    }
}

/// <summary>What a name of a set stands for.</summary>
[Flags]
internal enum DomainScope : byte
{
    None = 0,
    Self = 1,
    Below = 2,
    Both = Self | Below,
}
