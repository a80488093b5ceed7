using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The sending side of one HTTP/1 connection: a buffer for heads, framing and small bodies, which goes out together with the first body that does
/// not fit, in one call. It holds the buffer only while something waits in it.
/// </summary>
internal sealed class V1Output
{
    // A body up to this size is copied behind the head; a larger one is worth a vectored call.
    private const int CopyLimit = 4096;

    private Connection _connection = null!;
    private SlabPool _pool = null!;
    private byte[]? _buffer;
    private int _length;
    private int _sends;
    private long _remaining;

    /// <summary>How the present body is delimited.</summary>
    internal BodyFraming Framing { get; private set; }

    /// <summary>Whether the present message has been written to its end.</summary>
    internal bool IsEnded { get; private set; } = true;

    /// <summary>Whether the kernel has taken anything of the present message.</summary>
    internal bool HasSent => _sends > 1 || (_sends == 1 && !_connection.HasLostWrite);

    internal TimeSpan Timeout { get; set; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How many bytes a second the peer has to take, so that being slow is not being dead; 0 asks for nothing.</summary>
    internal long MinRate { get; set; }

    internal void Open(Connection connection, SlabPool pool)
    {
        _connection = connection;
        _pool = pool;
        IsEnded = true;
        _sends = 0;
    }

    internal void Close()
    {
        _length = 0;
        Release();
    }

    /// <summary>Room for so many bytes behind what waits; <see cref="Advance"/> takes them.</summary>
    internal Span<byte> GetSpan(int size)
    {
        if (_buffer is null)
        {
            _buffer = _pool.Rent(size);
        }
        else if (_buffer.Length - _length < size)
        {
            var larger = _pool.Rent(_length + size);
            _buffer.AsSpan(0, _length).CopyTo(larger);
            _pool.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsSpan(_length);
    }

    internal void Advance(int count) => _length += count;

    internal void BeginMessage()
    {
        _sends = 0;
        IsEnded = false;
    }

    internal void BeginBody(BodyFraming framing, long length)
    {
        Framing = framing;
        _remaining = length;
        IsEnded = framing == BodyFraming.None;
    }

    /// <summary>Writes body bytes; what exceeds an announced length is cut (H1S-18). Gives how many were taken.</summary>
    internal ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd, out int taken)
    {
        taken = data.Length;
        switch (Framing)
        {
            case BodyFraming.None:
            case BodyFraming.Chunked when IsEnded:
                taken = 0;
                return isEnd ? FlushAsync() : default;
            case BodyFraming.ContentLength:
                taken = (int)Math.Min(data.Length, _remaining);
                data = data[..taken];
                _remaining -= taken;
                IsEnded = _remaining == 0;
                if (isEnd && !IsEnded)
                    throw new NetException(NetErrorKind.Internal, "The body is shorter than its Content-Length", ErrorSource.Internal);
                break;
            case BodyFraming.Chunked when isEnd:
                return WriteLastChunkAsync(data);
            case BodyFraming.Chunked:
                return data.IsEmpty ? default : WriteChunkAsync(data);
            default:
                IsEnded = isEnd;
                break;
        }

        if (data.Length <= CopyLimit)
        {
            data.Span.CopyTo(GetSpan(data.Length));
            _length += data.Length;
            return isEnd || _length > SlabPool.Small - CopyLimit ? FlushAsync() : default;
        }

        return SendAsync(data);
    }

    /// <summary>Ends a chunked body with trailers; any other body just ends.</summary>
    internal ValueTask WriteTrailersAsync(HeaderMap? trailers)
    {
        if (IsEnded)
            return FlushAsync();
        if (Framing != BodyFraming.Chunked || trailers is null)
            return WriteBodyAsync(default, true, out _);
        IsEnded = true;
        Advance(ChunkedWriter.WriteLast(GetSpan(ChunkedWriter.GetMaxLastLength(trailers)), trailers));
        return FlushAsync();
    }

    internal ValueTask FlushAsync() => _length == 0 ? default : SendAsync(default);

    private ValueTask WriteChunkAsync(ReadOnlyMemory<byte> data)
    {
        Advance(ChunkedWriter.WriteHead(GetSpan(ChunkedWriter.MaxHeadLength), data.Length));
        if (data.Length <= CopyLimit)
        {
            var span = GetSpan(data.Length + 2);
            data.Span.CopyTo(span);
            ChunkedWriter.ChunkEnd.CopyTo(span[data.Length..]);
            _length += data.Length + 2;
            return _length > SlabPool.Small - CopyLimit - ChunkedWriter.MaxOverhead ? FlushAsync() : default;
        }

        return SendThenAsync(data, isLast: false);
    }

    private ValueTask WriteLastChunkAsync(ReadOnlyMemory<byte> data)
    {
        IsEnded = true;
        if (!data.IsEmpty)
        {
            Advance(ChunkedWriter.WriteHead(GetSpan(ChunkedWriter.MaxHeadLength), data.Length));
            if (data.Length > CopyLimit)
                return SendThenAsync(data, isLast: true);
            data.Span.CopyTo(GetSpan(data.Length));
            _length += data.Length;
            Put(ChunkedWriter.ChunkEnd);
        }

        Put(ChunkedWriter.Last);
        return FlushAsync();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask SendThenAsync(ReadOnlyMemory<byte> data, bool isLast)
    {
        await SendAsync(data);
        Put(ChunkedWriter.ChunkEnd);
        if (!isLast)
            return;
        Put(ChunkedWriter.Last);
        await FlushAsync();
    }

    /// <summary>Sends what waits and the bytes behind it in one call.</summary>
    private ValueTask SendAsync(ReadOnlyMemory<byte> data)
    {
        if (MinRate == 0)
            _connection.SetWriteDeadline(Timeout);
        else
            _connection.SetWriteDeadline(Timeout, MinRate);
        var write = _connection.WriteAsync(_buffer.AsMemory(0, _length), data);
        _sends++;
        if (!write.IsCompletedSuccessfully)
            return FinishAsync(write);
        write.GetAwaiter().GetResult();
        _length = 0;
        Release();
        return default;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask write)
    {
        await write;
        _length = 0;
        Release();
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _length += bytes.Length;
    }

    private void Release()
    {
        if (_buffer is null)
            return;
        _pool.Return(_buffer);
        _buffer = null;
    }
}
