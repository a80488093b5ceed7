using Securely.Net;

namespace Securely.Http;

/// <summary>Bytes of one stream that wait to be read: a ring of rented buffers, so that many small frames share one.</summary>
internal sealed class StreamBuffer
{
    private Segment[] _segments = new Segment[2];
    private int _first;
    private int _count;

    /// <summary>How many bytes there are, those included that were given out and are not taken yet.</summary>
    internal int Length { get; private set; }

    internal void Write(ReadOnlySpan<byte> data, SlabPool pool)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            ref var last = ref Last(pool);
            var count = Math.Min(data.Length, last.Bytes.Length - last.End);
            data[..count].CopyTo(last.Bytes.AsSpan(last.End));
            last.End += count;
            data = data[count..];
        }
    }

    /// <summary>The first bytes, as many as lie in one piece. They stay where they are until <see cref="Take"/>.</summary>
    internal ReadOnlyMemory<byte> Peek(int most)
    {
        if (Length == 0)
            return default;
        ref var first = ref _segments[_first];
        return first.Bytes.AsMemory(first.Start, Math.Min(first.End - first.Start, most));
    }

    /// <summary>Gives the first bytes up, which lie in one piece.</summary>
    internal void Take(int count, SlabPool pool)
    {
        ref var first = ref _segments[_first];
        first.Start += count;
        Length -= count;
        if (first.Start == first.End)
            RemoveFirst(pool);
    }

    /// <summary>Gives up everything behind the first bytes, which somebody still reads, and returns how many bytes that was.</summary>
    internal int Truncate(int kept, SlabPool pool)
    {
        var dropped = Length - kept;
        var least = kept > 0 ? 1 : 0;
        while (_count > least)
        {
            _count--;
            ref var last = ref At(_count);
            pool.Return(last.Bytes);
            last = default;
        }

        if (kept > 0)
            _segments[_first].End = _segments[_first].Start + kept;
        Length = kept;
        return dropped;
    }

    private ref Segment At(int index) => ref _segments[(_first + index) & (_segments.Length - 1)];

    private ref Segment Last(SlabPool pool)
    {
        if (_count > 0)
        {
            ref var last = ref At(_count - 1);
            if (last.End < last.Bytes.Length)
                return ref last;
        }

        if (_count == _segments.Length)
            Grow();
        ref var added = ref At(_count++);
        added = new Segment { Bytes = pool.Rent() };
        return ref added;
    }

    private void Grow()
    {
        var larger = new Segment[_segments.Length * 2];
        for (var index = 0; index < _count; index++)
            larger[index] = At(index);
        _segments = larger;
        _first = 0;
    }

    private void RemoveFirst(SlabPool pool)
    {
        pool.Return(_segments[_first].Bytes);
        _segments[_first] = default;
        _first = (_first + 1) & (_segments.Length - 1);
        _count--;
    }

    private struct Segment
    {
        public byte[] Bytes;
        public int Start;
        public int End;
    }
}
