using System.Buffers;

namespace Securely.Http;

/// <summary>
/// The dynamic table of one direction of a connection (RFC 7541 2.3.2 and 4). Names and values lie one behind another in a single buffer, which
/// is copied to its start, without what was evicted, when its end is reached. Entries are numbered from 0 in the order they came.
/// </summary>
/// <remarks>Not safe for concurrent use: it belongs to the worker of its connection.</remarks>
internal sealed class DynamicTable
{
    /// <summary>What an entry counts besides the bytes of its name and value (RFC 7541 4.1).</summary>
    public const int EntryOverhead = 32;

    private const int FirstBytes = 1024;
    private const int FirstEntries = 16;

    private byte[] _bytes = [];
    private Entry[] _entries = [];
    private long _inserted;
    private int _count;
    private int _end;

    /// <summary>Makes an empty table.</summary>
    /// <param name="maxSize">The most that the entries may count together.</param>
    public DynamicTable(int maxSize) => MaxSize = maxSize;

    /// <summary>How many entries there are.</summary>
    public int Count => _count;

    /// <summary>What the entries count together.</summary>
    public int Size { get; private set; }

    /// <summary>The most that they may count.</summary>
    public int MaxSize { get; private set; }

    /// <summary>How many entries have ever been added: the number of the next one.</summary>
    public long Inserted => _inserted;

    /// <summary>Whether an entry is still there.</summary>
    public bool Contains(long number) => (ulong)(_inserted - 1 - number) < (ulong)_count;

    /// <summary>The name of an entry that is there; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Name(long number)
    {
        ref readonly Entry entry = ref EntryOf(number);
        return _bytes.AsSpan(entry.Offset, entry.NameLength);
    }

    /// <summary>The value of an entry that is there; valid until the next one is added.</summary>
    public ReadOnlySpan<byte> Value(long number)
    {
        ref readonly Entry entry = ref EntryOf(number);
        return _bytes.AsSpan(entry.Offset + entry.NameLength, entry.ValueLength);
    }

    /// <summary>Which known name an entry has.</summary>
    public KnownHeader Known(long number) => EntryOf(number).Known;

    /// <summary>Changes the size (RFC 7541 4.3).</summary>
    /// <param name="maxSize">The most that the entries may count together.</param>
    public void Resize(int maxSize)
    {
        MaxSize = maxSize;
        EvictTo(maxSize);
    }

    /// <summary>Adds an entry, evicting the oldest ones; one that is larger than the table only empties it (RFC 7541 4.4).</summary>
    /// <param name="known">Which known name it has.</param>
    /// <param name="name">The name; may be one of this table's.</param>
    /// <param name="value">The value; must not lie in this table.</param>
    /// <returns>Whether it is in the table now.</returns>
    public bool Add(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        long size = (long)name.Length + value.Length + EntryOverhead;
        if (size > MaxSize)
        {
            EvictTo(0);
            return false;
        }

        EvictTo(MaxSize - (int)size);
        int length = name.Length + value.Length;
        // Growing never happens in place, and what was evicted stays where it was: the name can be read until it has been copied.
        byte[]? old = _bytes.Length - _end < length ? Grow(length) : null;
        name.CopyTo(_bytes.AsSpan(_end));
        value.CopyTo(_bytes.AsSpan(_end + name.Length));
        if (old is { Length: > 0 })
            ArrayPool<byte>.Shared.Return(old);
        if (_count == _entries.Length)
            GrowEntries();
        _entries[_inserted & (_entries.Length - 1)] = new Entry(_end, name.Length, value.Length, known);
        _inserted++;
        _count++;
        _end += length;
        Size += (int)size;
        return true;
    }

    /// <summary>Gives the buffer back; the table is empty then.</summary>
    public void Release()
    {
        EvictTo(0);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        _end = 0;
    }

    private ref readonly Entry EntryOf(long number) => ref _entries[number & (_entries.Length - 1)];

    private void EvictTo(int size)
    {
        while (Size > size)
        {
            ref readonly Entry entry = ref EntryOf(_inserted - _count);
            Size -= entry.NameLength + entry.ValueLength + EntryOverhead;
            _count--;
        }
    }

    /// <summary>Moves the entries to a buffer with room; twice what is needed, so that moving stays rare. Gives the old one, to be returned.</summary>
    private byte[] Grow(int length)
    {
        int live = Size - (_count * EntryOverhead);
        byte[] old = _bytes;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBytes, (live + length) * 2));
        int start = _count == 0 ? 0 : EntryOf(_inserted - _count).Offset;
        old.AsSpan(start, live).CopyTo(bytes);
        for (long number = _inserted - _count; number < _inserted; number++)
        {
            ref Entry entry = ref _entries[number & (_entries.Length - 1)];
            entry = entry with { Offset = entry.Offset - start };
        }

        _bytes = bytes;
        _end = live;
        return old;
    }

    private void GrowEntries()
    {
        var entries = new Entry[Math.Max(FirstEntries, _entries.Length * 2)];
        for (long number = _inserted - _count; number < _inserted; number++)
            entries[number & (entries.Length - 1)] = EntryOf(number);
        _entries = entries;
    }

    private readonly record struct Entry(int Offset, int NameLength, int ValueLength, KnownHeader Known);
}
