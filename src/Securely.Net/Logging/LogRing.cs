using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Securely.Net;

/// <summary>
/// The records that wait between one thread, which alone adds, and the thread of a <see cref="RecordLog"/>, which alone takes. Both only ever move
/// on: who adds never waits, and what does not fit is counted and lost.
/// </summary>
public sealed class LogRing
{
    private const int Alignment = 8;

    // In place of a length: the rest up to the end is empty, because the next record did not fit there.
    private const int Skip = -1;

    private readonly byte[] _bytes;
    private Places _places;
    private bool _isUrgent;

    internal LogRing(int capacity) => _bytes = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)capacity));

    /// <summary>How many records did not fit. Any thread may read it.</summary>
    public long Dropped => Volatile.Read(ref _places.Dropped);

    internal bool IsEmpty => Volatile.Read(ref _places.Read) == Volatile.Read(ref _places.Written);

    /// <summary>Adds a record; called by the one thread that adds.</summary>
    /// <param name="record">The bytes; far fewer than the ring's capacity.</param>
    /// <param name="isUrgent">Whether the ring has just become more than half full, so that the writer should not rest.</param>
    /// <returns>False when it did not fit.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> record, out bool isUrgent)
    {
        var needed = (record.Length + sizeof(int) + Alignment - 1) & -Alignment;
        var written = _places.Written;
        var at = (int)(written & (_bytes.Length - 1));
        var skipped = _bytes.Length - at < needed ? _bytes.Length - at : 0;
        var used = written + skipped + needed - _places.ReadSeen;
        if (used > _bytes.Length / 2)
        {
            _places.ReadSeen = Volatile.Read(ref _places.Read);
            used = written + skipped + needed - _places.ReadSeen;
        }

        isUrgent = used > _bytes.Length / 2 && !_isUrgent;
        _isUrgent = used > _bytes.Length / 2;
        if (used > _bytes.Length)
        {
            Volatile.Write(ref _places.Dropped, _places.Dropped + 1);
            return false;
        }

        if (skipped > 0)
        {
            Length(at) = Skip;
            at = 0;
        }

        Length(at) = record.Length;
        record.CopyTo(_bytes.AsSpan(at + sizeof(int)));
        Volatile.Write(ref _places.Written, written + skipped + needed);
        return true;
    }

    /// <summary>Where the records end now; called by the writer.</summary>
    internal long End => Volatile.Read(ref _places.Written);

    /// <summary>The oldest record; called by the writer. It stays until <see cref="Remove"/>.</summary>
    /// <param name="end">What <see cref="End"/> said: later records are for another time.</param>
    /// <param name="record">Its bytes.</param>
    /// <returns>False when there is none before the end.</returns>
    internal bool TryPeek(long end, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_places.Read == end)
            return false;
        var at = (int)(_places.Read & (_bytes.Length - 1));
        if (Length(at) == Skip)
        {
            Volatile.Write(ref _places.Read, _places.Read + _bytes.Length - at);
            at = 0;
        }

        record = _bytes.AsSpan(at + sizeof(int), Length(at));
        return true;
    }

    /// <summary>Gives the place of the oldest record back; called by the writer.</summary>
    internal void Remove(int length) => Volatile.Write(ref _places.Read, _places.Read + ((length + sizeof(int) + Alignment - 1) & -Alignment));

    private ref int Length(int at) => ref Unsafe.As<byte, int>(ref _bytes[at]);

    /// <summary>What the worker writes and what the writer writes lie on cache lines of their own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Places
    {
        [FieldOffset(128)]
        internal long Written;

        /// <summary>What the worker has last seen of <see cref="Read"/>; its own.</summary>
        [FieldOffset(136)]
        internal long ReadSeen;

        [FieldOffset(144)]
        internal long Dropped;

        [FieldOffset(256)]
        internal long Read;
    }
}
