namespace Securely.Net;

/// <summary>One direction of a pair in memory: a ring of bytes and how it ended. Used under the pair's lock.</summary>
internal sealed class MemoryPipe(int size)
{
    private byte[]? _ring;
    private int _start;
    private int _count;

    /// <summary>Whether nothing more is written.</summary>
    internal bool IsEnded { get; private set; }

    /// <summary>Whether the writer has broken it: what was not read by then is lost.</summary>
    internal bool IsReset { get; private set; }

    /// <summary>Whether nobody reads any more.</summary>
    internal bool IsAbandoned { get; private set; }

    internal bool HasInput => _count > 0 || IsEnded;

    internal int Read(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _count);
        var first = Math.Min(count, size - _start);
        _ring.AsSpan(_start, first).CopyTo(buffer);
        _ring.AsSpan(0, count - first).CopyTo(buffer[first..]);
        _start = (_start + count) % size;
        _count -= count;
        return count;
    }

    internal int Write(ReadOnlySpan<byte> bytes)
    {
        var count = Math.Min(bytes.Length, size - _count);
        if (count == 0)
            return 0;
        _ring ??= new byte[size];
        var end = (_start + _count) % size;
        var first = Math.Min(count, size - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..count].CopyTo(_ring);
        _count += count;
        return count;
    }

    internal void End(bool isReset)
    {
        // A reset after the end in order still takes away what was not read.
        IsEnded = true;
        IsReset |= isReset;
    }

    internal void Abandon()
    {
        IsAbandoned = true;
        _ring = null;
        _start = _count = 0;
    }
}
