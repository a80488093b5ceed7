using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>Cuts what a connection receives into frames: one receive brings many. Without a part of a frame it holds no buffer.</summary>
internal sealed class FrameReader
{
    /// <summary>The largest payload that is taken; it is the initial SETTINGS_MAX_FRAME_SIZE, and ours.</summary>
    internal const int MostPayload = 16_384;

    private Connection _connection = null!;
    private SlabPool _pool = null!;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _wantsLarge;

    /// <summary>Whether bytes wait that are no whole frame yet.</summary>
    internal bool HasPart => _start < _end;

    internal void Open(Connection connection, SlabPool pool, ReadOnlySpan<byte> received)
    {
        _connection = connection;
        _pool = pool;
        _start = _end = 0;
        if (received.IsEmpty)
            return;
        _buffer = pool.Rent(received.Length);
        received.CopyTo(_buffer);
        _end = received.Length;
    }

    internal void Close()
    {
        _start = _end = 0;
        Release();
    }

    /// <summary>Takes bytes that must be there before any frame. False when they have not all arrived.</summary>
    /// <exception cref="Http2Exception">Others are there.</exception>
    internal bool TrySkip(ReadOnlySpan<byte> expected)
    {
        var common = Math.Min(expected.Length, _end - _start);
        if (!_buffer.AsSpan(_start, common).SequenceEqual(expected[..common]))
            throw new Http2Exception(Http2ErrorCode.ProtocolError, "The connection preface is not that of HTTP/2");
        if (common < expected.Length)
            return false;
        _start += common;
        return true;
    }

    /// <summary>Takes the next frame when it is there whole; the payload is valid until the next fill.</summary>
    /// <exception cref="Http2Exception">The frame is too large.</exception>
    internal bool TryNext(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        if (_end - _start < FrameHeader.Size)
            return false;
        header = FrameHeader.Read(_buffer.AsSpan(_start));
        if (header.Length > MostPayload)
            throw new Http2Exception(Http2ErrorCode.FrameSizeError, $"A frame has [{header.Length}] bytes");
        if (_end - _start < FrameHeader.Size + header.Length)
            return false;
        payload = _buffer.AsSpan(_start + FrameHeader.Size, header.Length);
        _start += FrameHeader.Size + header.Length;
        return true;
    }

    /// <summary>Reads without suspending; 0 bytes is the peer's end.</summary>
    internal bool TryFill(out int count)
    {
        MakeRoom();
        if (!_connection.TryRead(_buffer.AsMemory(_end), out count))
            return false;
        Filled(count);
        return true;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<int> FillAsync()
    {
        MakeRoom();
        var count = await _connection.ReadAsync(_buffer.AsMemory(_end));
        Filled(count);
        return count;
    }

    /// <summary>Throws away what has arrived, so that a read has room.</summary>
    internal void Discard() => _start = _end = 0;

    internal void ReleaseIfEmpty()
    {
        if (_start == _end)
            Release();
    }

    private void Filled(int count)
    {
        _wantsLarge = _end + count == _buffer!.Length;
        _end += count;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer is not null && _wantsLarge && _buffer.Length < SlabPool.Large)
                Release();
            _buffer ??= _pool.Rent(_wantsLarge ? SlabPool.Large : SlabPool.Small);
            return;
        }

        var used = _end - _start;
        var length = used < FrameHeader.Size ? FrameHeader.Size : FrameHeader.Size + FrameHeader.Read(_buffer.AsSpan(_start)).Length;
        if (_start + length <= _buffer!.Length && _end < _buffer.Length)
            return;
        var source = _buffer.AsSpan(_start, used);
        if (length <= _buffer.Length && _start > 0)
        {
            source.CopyTo(_buffer);
        }
        else
        {
            var larger = _pool.Rent(SlabPool.Large);
            source.CopyTo(larger);
            _pool.Return(_buffer);
            _buffer = larger;
        }

        _start = 0;
        _end = used;
    }

    private void Release()
    {
        if (_buffer is null)
            return;
        _pool.Return(_buffer);
        _buffer = null;
    }
}
