using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Securely.Dns;

/// <summary>
/// Where the records of a zone stand: runs of records with one owner, one run behind the other in a few large arrays, so that a large zone is hardly
/// any objects. A run has its records as answers have them, hence one that is ready is answered from where it stands. One thread adds; what has been
/// added may be read by any number of threads.
/// </summary>
internal sealed class RecordSlab
{
    /// <summary>What stands before the name of a run: hash, length of the records, their number, file, length of the name, flags.</summary>
    internal const int HeadLength = 16;

    // Runs begin at multiples of eight; a reference counts in eights, its upper bits are the number of the array.
    private const int UnitShift = 3;
    private const int ChunkShift = 21;
    private const int ChunkLength = 1 << (ChunkShift + UnitShift);
    private const int SmallestChunk = 512;

    // What one name may have in a run: a longer run would have to be moved as a whole when its array is full.
    private const int LongestRun = 1 << 20;

    private byte[][] _chunks = [];
    private int _used;
    private int _last;
    private int _lastEnd;
    private RecordType _lastType;
    private int _lastRecord;

    /// <summary>The arrays; those who answer keep them, because they are never moved.</summary>
    internal byte[][] Chunks => _chunks;

    /// <summary>The run that is being added to; 0 for none.</summary>
    internal int Last => _last;

    /// <summary>How many runs there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Takes memory for a text of such a length at once.</summary>
    internal void Expect(long letters)
    {
        if (_chunks.Length == 0)
            AddChunk((int)Math.Clamp(letters * 5 / 2, SmallestChunk, ChunkLength));
    }

    /// <summary>The run of a reference.</summary>
    internal static RecordRun Run(byte[][] chunks, int reference) => new(Bytes(chunks, reference));

    /// <summary>Where the run of a reference begins.</summary>
    internal static ref readonly byte FirstByte(byte[][] chunks, int reference) => ref MemoryMarshal.GetReference(Bytes(chunks, reference));

    /// <summary>The run of a reference.</summary>
    internal RecordRun Run(int reference) => new(Bytes(_chunks, reference));

    /// <summary>Whether the next record of an owner may be added to the last run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Continues(ReadOnlySpan<byte> wire, int file)
    {
        if (_last == 0)
            return false;
        var run = Run(_last);
        return run.NameLength == wire.Length && run.File == file && run.Wire.SequenceEqual(wire) && _lastEnd - OffsetOf(_last) < LongestRun;
    }

    /// <summary>Begins a run.</summary>
    /// <param name="wire">Its owner.</param>
    /// <param name="lower">The same in small letters; equal where it has no capital ones.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="file">Which file it is from.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Begin(ReadOnlySpan<byte> wire, ReadOnlySpan<byte> lower, uint hash, int file)
    {
        var hasCapitals = !wire.SequenceEqual(lower);
        var length = HeadLength + (wire.Length * (hasCapitals ? 2 : 1));
        var start = (_used + 7) & ~7;
        if (_chunks.Length == 0 || start + length > _chunks[^1].Length)
        {
            AddChunk(length);
            start = _used;
        }

        _last = ((_chunks.Length - 1) << ChunkShift) | (start >> UnitShift);
        Count++;
        var bytes = _chunks[^1].AsSpan(start, length);
        MemoryMarshal.Write(bytes, in hash);
        bytes[4..12].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[12..], (ushort)file);
        bytes[14] = (byte)wire.Length;
        // A wildcard stands for others, so it is linked with them.
        bytes[15] = (byte)((hasCapitals ? RecordRun.Capitals : 0) | (wire[0] == 1 && wire[1] == '*' ? 0 : RecordRun.Ready));
        wire.CopyTo(bytes[HeadLength..]);
        if (hasCapitals)
            lower.CopyTo(bytes[(HeadLength + wire.Length)..]);
        _used = _lastEnd = start + length;
    }

    /// <summary>Adds a record to the last run.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="ttl">Its TTL.</param>
    /// <param name="data">Its data, names whole.</param>
    /// <returns>Where it stands in the records of the run.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal int Add(RecordType type, uint ttl, ReadOnlySpan<byte> data)
    {
        var length = RecordSet.HeadLength + data.Length;
        if (_lastEnd + length > _chunks[^1].Length)
            MoveLast(length);
        var bytes = _chunks[^1].AsSpan(OffsetOf(_last));
        var run = new RecordRun(bytes);
        var at = run.BodyLength;
        var target = bytes.Slice(_lastEnd - OffsetOf(_last), length);
        RecordSet.WriteHead(target, type, ttl, data.Length);
        data.CopyTo(target[RecordSet.HeadLength..]);
        if (!IsReadyFor(run, type, ttl, data))
            bytes[15] &= unchecked((byte)~RecordRun.Ready);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], at + length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], run.Count + 1);
        (_lastType, _lastRecord) = (type, at);
        _used = _lastEnd += length;
        return at;
    }

    // Ready is a run that a set was never as simple as: canonical order, one TTL, no names in the data, nothing that means more than itself.
    private bool IsReadyFor(in RecordRun run, RecordType type, uint ttl, ReadOnlySpan<byte> data)
    {
        if (!run.IsReady || !RecordSchema.IsPlain(type))
            return false;
        if (run.Count == 0 || type > _lastType)
            return true;
        var last = run.Body[_lastRecord..];
        return type == _lastType && BinaryPrimitives.ReadUInt32BigEndian(last[6..]) == ttl && data.SequenceCompareTo(last[RecordSet.HeadLength..]) > 0;
    }

    private void MoveLast(int more)
    {
        var from = _chunks[^1].AsSpan(OffsetOf(_last), _lastEnd - OffsetOf(_last));
        AddChunk(from.Length + more);
        from.CopyTo(_chunks[^1].AsSpan(_used));
        _last = ((_chunks.Length - 1) << ChunkShift) | (_used >> UnitShift);
        _used = _lastEnd = _used + from.Length;
    }

    private void AddChunk(int least)
    {
        var length = _chunks.Length == 0 ? least + 8 : Math.Max(least + 8, Math.Min(ChunkLength, _chunks[^1].Length * 2));
        _chunks = [.. _chunks, GC.AllocateUninitializedArray<byte>(Math.Max(length, SmallestChunk))];
        // No run has the reference 0.
        _used = 8;
    }

    private static int OffsetOf(int reference) => (reference & ((1 << ChunkShift) - 1)) << UnitShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Bytes(byte[][] chunks, int reference) => chunks[reference >> ChunkShift].AsSpan(OffsetOf(reference));
}

/// <summary>The records of one owner that stood behind one another in a file.</summary>
internal readonly ref struct RecordRun(ReadOnlySpan<byte> bytes)
{
    internal const int Capitals = 1;
    internal const int Ready = 2;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    internal uint Hash => MemoryMarshal.Read<uint>(_bytes);

    internal int BodyLength => BinaryPrimitives.ReadInt32LittleEndian(_bytes[4..]);

    internal int Count => BinaryPrimitives.ReadInt32LittleEndian(_bytes[8..]);

    internal int File => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[12..]);

    internal int NameLength => _bytes[14];

    /// <summary>Whether it may be answered from as it stands, if no other run has the same owner.</summary>
    internal bool IsReady => (_bytes[15] & Ready) != 0;

    internal ReadOnlySpan<byte> Wire => _bytes.Slice(RecordSlab.HeadLength, NameLength);

    internal ReadOnlySpan<byte> Lower => _bytes.Slice(RecordSlab.HeadLength + ((_bytes[15] & Capitals) * NameLength), NameLength);

    /// <summary>The records, each with its head, as <see cref="RecordSet.Body"/> has them but for names in their data.</summary>
    internal ReadOnlySpan<byte> Body => _bytes.Slice(RecordSlab.HeadLength + (((_bytes[15] & Capitals) + 1) * NameLength), BodyLength);

    /// <summary>The sets of a run that is ready.</summary>
    internal RecordSet[] Sets()
    {
        var sets = new List<RecordSet>(1);
        for (var body = Body; !body.IsEmpty;)
        {
            var first = new RunSet(body);
            sets.Add(RecordSet.OfPlain(first.Type, first.Ttl, first.Count, first.Bytes.ToArray()));
            body = body[first.Bytes.Length..];
        }

        return [.. sets];
    }
}

/// <summary>The first set of records that are ready.</summary>
internal readonly ref struct RunSet
{
    internal RunSet(ReadOnlySpan<byte> body)
    {
        Type = TypeOf(body);
        var at = LengthOf(body);
        Count = 1;
        for (; at < body.Length && TypeOf(body[at..]) == Type; Count++)
            at += LengthOf(body[at..]);
        Bytes = body[..at];
    }

    internal RecordType Type { get; }

    internal int Count { get; }

    internal ReadOnlySpan<byte> Bytes { get; }

    internal uint Ttl => BinaryPrimitives.ReadUInt32BigEndian(Bytes[6..]);

    private static RecordType TypeOf(ReadOnlySpan<byte> record) => (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record[2..]);

    private static int LengthOf(ReadOnlySpan<byte> record) => RecordSet.HeadLength + BinaryPrimitives.ReadUInt16BigEndian(record[10..]);
}
