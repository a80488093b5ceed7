using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Securely.Http;

/// <content>
/// How fields are kept: a rented array of small entries that point either into the read buffer (<see cref="_buffer"/>, not owned), or
/// into the rented side storage, or, for names, nowhere because the name is a known one in its usual spelling.
/// </content>
public sealed partial class HeaderMap
{
    private const int FirstEntries = 32;
    private const int FirstSideBytes = 512;

    private Entry[] _entries = [];
    private byte[] _side = [];
    private byte[] _buffer = [];
    private int _base;
    private int _count;
    private int _sideLength;
    private ulong _presentLow;
    private ulong _presentHigh;

    [Flags]
    private enum Places : byte
    {
        InBuffer = 0,
        NameInSide = 1,
        ValueInSide = 2,
        NameUsual = 4,

        /// <summary>The line in the buffer is exactly name, colon, one space, value, CRLF, so it can be copied as it stands.</summary>
        WholeLine = 8,

        /// <summary>It came as never indexed, and has to be passed on as such.</summary>
        Sensitive = 16,
    }

    /// <summary>Whether anything is rented, which an idle connection must not have.</summary>
    internal bool HoldsMemory => _entries.Length + _side.Length > 0;

    /// <summary>
    /// Says where the in-place fields are. Offsets of entries are relative to <paramref name="start"/>, so a head may be moved, or its
    /// buffer be replaced by a larger one, as long as this is called again.
    /// </summary>
    internal void Attach(byte[] buffer, int start)
    {
        _buffer = buffer;
        _base = start;
    }

    /// <summary>
    /// Removes all fields and gives the rented memory back, so that an idle connection holds none. The map can be used again.
    /// </summary>
    internal void Reset()
    {
        Clear();
        if (_entries.Length > 0)
        {
            ThreadArrays<Entry>.Return(_entries, FirstEntries);
            _entries = [];
        }

        if (_side.Length > 0)
        {
            ThreadArrays<byte>.Return(_side, FirstSideBytes);
            _side = [];
        }
    }

    /// <summary>
    /// Adds a field that lies in the read buffer; the parser has checked it. Offsets are relative to the start of the head.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void AppendInPlace(
        KnownHeader known, int nameOffset, int nameLength, int valueOffset, int valueLength, bool wholeLine = false)
    {
        if (_count == _entries.Length)
        {
            EnsureEntries(_count + 1);
        }

        ref Entry entry = ref _entries[_count++];
        entry.NameOffset = nameOffset;
        entry.NameLength = (ushort)nameLength;
        entry.ValueOffset = valueOffset;
        entry.ValueLength = valueLength;
        entry.Known = known;
        entry.Places = wholeLine ? Places.WholeLine : Places.InBuffer;
        Mark(known);
    }

    /// <summary>Adds a field with a known name whose value lies in the read buffer.</summary>
    internal void AppendInPlace(KnownHeader known, int valueOffset, int valueLength)
    {
        AppendInPlace(known, 0, 0, valueOffset, valueLength);
        _entries[_count - 1].Places = Places.NameUsual;
    }

    /// <summary>The last field came as never indexed, so that no encoder may index it (RFC 7541 6.2.3). HTTP/1 knows nothing of it.</summary>
    internal void MarkSensitive() => _entries[_count - 1].Places |= Places.Sensitive;

    /// <summary>Whether a field came as never indexed, or replaces one that did.</summary>
    internal bool IsSensitive(int index) => (_entries[index].Places & Places.Sensitive) != Places.InBuffer;

    /// <summary>Where in the head the value of an in-place field lies.</summary>
    internal (int Offset, int Length) ValueInPlace(int index) => (_entries[index].ValueOffset, _entries[index].ValueLength);

    /// <summary>Points the value of a field at other bytes of the read buffer.</summary>
    internal void SetValueInPlace(int index, int valueOffset, int valueLength)
    {
        ref Entry entry = ref _entries[index];
        entry.ValueOffset = valueOffset;
        entry.ValueLength = valueLength;
        entry.Places &= ~(Places.ValueInSide | Places.WholeLine);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> NameOf(in Entry entry)
    {
        if ((entry.Places & (Places.NameInSide | Places.NameUsual)) == Places.InBuffer)
        {
            return new ReadOnlySpan<byte>(_buffer, _base + entry.NameOffset, entry.NameLength);
        }

        return (entry.Places & Places.NameUsual) != Places.InBuffer
            ? KnownHeaders.Name(entry.Known)
            : new ReadOnlySpan<byte>(_side, entry.NameOffset, entry.NameLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> ValueOf(in Entry entry) => (entry.Places & Places.ValueInSide) == Places.InBuffer
        ? new ReadOnlySpan<byte>(_buffer, _base + entry.ValueOffset, entry.ValueLength)
        : new ReadOnlySpan<byte>(_side, entry.ValueOffset, entry.ValueLength);

    private void EnsureEntries(int count)
    {
        if (count <= _entries.Length)
        {
            return;
        }

        var old = _entries;
        _entries = ThreadArrays<Entry>.Rent(Math.Max(count, old.Length * 2), FirstEntries);
        old.AsSpan(0, _count).CopyTo(_entries);
        if (old.Length > 0)
        {
            ThreadArrays<Entry>.Return(old, FirstEntries);
        }
    }

    /// <summary>Copies bytes to the side storage and returns where they are. The bytes may lie in that storage themselves.</summary>
    private int Store(ReadOnlySpan<byte> bytes)
    {
        byte[]? old = GrowSide(bytes.Length);
        int offset = _sideLength;
        bytes.CopyTo(_side.AsSpan(offset));
        _sideLength += bytes.Length;
        if (old is not null)
        {
            ThreadArrays<byte>.Return(old, FirstSideBytes);
        }

        return offset;
    }

    private int StoreText(string value, out int length)
    {
        var text = value.AsSpan().Trim(" \t");
        int room = Encoding.UTF8.GetByteCount(text);
        EnsureSide(room);
        length = Encoding.UTF8.GetBytes(text, _side.AsSpan(_sideLength));
        int offset = _sideLength;
        _sideLength += length;
        return offset;
    }

    private void EnsureSide(int more)
    {
        if (GrowSide(more) is { } old)
        {
            ThreadArrays<byte>.Return(old, FirstSideBytes);
        }
    }

    /// <summary>
    /// Makes room for so many more bytes. When a larger array is needed, only what entries still point at moves there, and the old array
    /// is returned to the caller, who may still have to copy from it.
    /// </summary>
    private byte[]? GrowSide(int more)
    {
        if (_side.Length - _sideLength >= more)
        {
            return null;
        }

        var old = _side;
        int live = LiveSideBytes();
        var larger = ThreadArrays<byte>.Rent(RoomFor(live + more), FirstSideBytes);
        int length = 0;
        foreach (ref Entry entry in _entries.AsSpan(0, _count))
        {
            if ((entry.Places & Places.NameInSide) != Places.InBuffer)
            {
                old.AsSpan(entry.NameOffset, entry.NameLength).CopyTo(larger.AsSpan(length));
                entry.NameOffset = length;
                length += entry.NameLength;
            }

            if ((entry.Places & Places.ValueInSide) != Places.InBuffer)
            {
                old.AsSpan(entry.ValueOffset, entry.ValueLength).CopyTo(larger.AsSpan(length));
                entry.ValueOffset = length;
                length += entry.ValueLength;
            }
        }

        _side = larger;
        _sideLength = length;
        return old.Length > 0 ? old : null;
    }

    /// <summary>The first storage as long as it suffices, then twice what is needed.</summary>
    private static int RoomFor(int bytes) => bytes <= FirstSideBytes ? bytes : checked(bytes * 2);

    private int LiveSideBytes()
    {
        int live = 0;
        foreach (ref readonly Entry entry in _entries.AsSpan(0, _count))
        {
            live += (entry.Places & Places.NameInSide) != Places.InBuffer ? entry.NameLength : 0;
            live += (entry.Places & Places.ValueInSide) != Places.InBuffer ? entry.ValueLength : 0;
        }

        return live;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Mark(KnownHeader known)
    {
        ulong bit = 1UL << (int)known;
        if ((int)known < 64)
        {
            _presentLow |= bit;
        }
        else
        {
            _presentHigh |= bit;
        }
    }

    private void Unmark(KnownHeader known)
    {
        ulong bit = 1UL << (int)known;
        if ((int)known < 64)
        {
            _presentLow &= ~bit;
        }
        else
        {
            _presentHigh &= ~bit;
        }
    }

    /// <summary>One field: where its name and value are. Sixteen bytes, so that four fit into a cache line.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public int NameOffset;
        public int ValueOffset;
        public int ValueLength;
        public ushort NameLength;
        public KnownHeader Known;
        public Places Places;
    }
}
