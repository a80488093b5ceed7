using System.Numerics;
using System.Runtime.InteropServices;

namespace Securely.Http;

/// <summary>
/// The encoder's dynamic table, found by name and by name with value. A name is its index in the static table, or its bytes where it has none.
/// Chains lead from newer to older entries and end at the first that was evicted, so eviction costs nothing.
/// </summary>
internal sealed class EncoderTable
{
    private const int MissesBeforeTrying = 8;

    // Chains have no more links than the table has entries, whoever chooses the values; the seed only keeps them short.
    private static readonly ulong _seed = BitConverter.ToUInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    private readonly DynamicTable _table;
    private readonly int _mask;
    private Link[] _links = [];
    private long[] _byName = [];
    private long[] _byField = [];

    /// <summary>Makes an empty table.</summary>
    /// <param name="initialSize">The most that its entries may count at first.</param>
    /// <param name="mostSize">The most that it will ever be resized to.</param>
    public EncoderTable(int initialSize, int mostSize)
    {
        _table = new DynamicTable(initialSize);
        _mask = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(mostSize / DynamicTable.EntryOverhead, 1)) - 1;
    }

    /// <summary>What the entries count together.</summary>
    public int Size => _table.Size;

    /// <summary>The most that they may count.</summary>
    public int MaxSize => _table.MaxSize;

    /// <summary>How a name is found.</summary>
    public static uint HashName(int staticName, ReadOnlySpan<byte> name) => staticName != 0 ? Mix(_seed, (ulong)staticName) : Hash((uint)_seed, name);

    /// <summary>Changes the size.</summary>
    public void Resize(int maxSize) => _table.Resize(maxSize);

    /// <summary>Looks a field up.</summary>
    /// <param name="nameHash">The name's hash.</param>
    /// <param name="staticName">The name's index in the static table; 0 where it has none.</param>
    /// <param name="name">The name in lower case.</param>
    /// <param name="value">The value.</param>
    /// <returns>Its index on the wire; 0 when it is not there.</returns>
    public int FindField(uint nameHash, int staticName, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (_table.Count == 0)
            return 0;
        uint hash = Hash(nameHash, value);
        for (long number = _byField[hash & _mask] - 1; _table.Contains(number); number = LinkOf(number).OlderField)
        {
            ref Link link = ref LinkOf(number);
            if (link.FieldHash != hash || !HasName(number, in link, staticName, name) || !_table.Value(number).SequenceEqual(value))
                continue;
            link.Hits++;
            return IndexOf(number);
        }

        return 0;
    }

    /// <summary>Looks a name up whose field is not there, and judges whether its values are worth the room.</summary>
    /// <param name="nameHash">The name's hash.</param>
    /// <param name="staticName">The name's index in the static table; 0 where it has none.</param>
    /// <param name="name">The name in lower case.</param>
    /// <param name="changes">Whether earlier values of the name were never met again.</param>
    /// <returns>Its index on the wire; 0 when it is not there.</returns>
    public int FindName(uint nameHash, int staticName, ReadOnlySpan<byte> name, out bool changes)
    {
        changes = false;
        if (_table.Count == 0)
            return 0;
        for (long number = _byName[nameHash & _mask] - 1; _table.Contains(number); number = LinkOf(number).OlderName)
        {
            ref Link link = ref LinkOf(number);
            if (link.NameHash != nameHash || !HasName(number, in link, staticName, name))
                continue;
            // A value that once stayed may have changed for good, so every few misses a new one gets its chance.
            changes = link.Hits == 0 && ++link.Misses % MissesBeforeTrying != 0;
            return IndexOf(number);
        }

        return 0;
    }

    /// <summary>Adds a field that is not there.</summary>
    public void Add(uint nameHash, int staticName, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        long number = _table.Inserted;
        // The bytes of a name in the static table are not needed to find it, but they count (RFC 7541 4.1).
        if (!_table.Add(KnownHeader.Unknown, name, value))
            return;
        if (_links.Length == 0)
            MakeRoom();
        uint fieldHash = Hash(nameHash, value);
        ref long newestOfName = ref _byName[nameHash & _mask];
        ref long newestOfField = ref _byField[fieldHash & _mask];
        LinkOf(number) = new Link
        {
            NameHash = nameHash,
            FieldHash = fieldHash,
            StaticName = (byte)staticName,
            OlderName = newestOfName - 1,
            OlderField = newestOfField - 1,
        };
        newestOfName = newestOfField = number + 1;
    }

    /// <summary>Gives the buffer back; the table is empty then.</summary>
    public void Release() => _table.Release();

    private ref Link LinkOf(long number) => ref _links[number & _mask];

    private int IndexOf(long number) => StaticTable.Count + (int)(_table.Inserted - number);

    private bool HasName(long number, in Link link, int staticName, ReadOnlySpan<byte> name) =>
        link.StaticName == staticName && (staticName != 0 || _table.Name(number).SequenceEqual(name));

    /// <summary>The arrays exist from the first entry on. The heads of chains hold numbers plus one, so that zero means none.</summary>
    private void MakeRoom()
    {
        _links = new Link[_mask + 1];
        _byName = new long[_mask + 1];
        _byField = new long[_mask + 1];
    }

    private static uint Hash(uint start, ReadOnlySpan<byte> bytes)
    {
        ulong hash = _seed ^ start ^ ((ulong)bytes.Length << 32);
        while (bytes.Length >= sizeof(ulong))
        {
            hash = Mix64(hash, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        ulong rest = 0;
        foreach (byte next in bytes)
            rest = (rest << 8) | next;
        return Mix(hash, rest);
    }

    private static uint Mix(ulong hash, ulong value) => (uint)(Mix64(hash, value) >> 32);

    private static ulong Mix64(ulong hash, ulong value)
    {
        ulong product = (hash ^ value) * 0x9E3779B97F4A7C15;
        return BitOperations.RotateLeft(product, 29) ^ (product >> 32);
    }

    private struct Link
    {
        public long OlderName;
        public long OlderField;
        public uint NameHash;
        public uint FieldHash;
        public int Hits;
        public uint Misses;
        public byte StaticName;
    }
}
