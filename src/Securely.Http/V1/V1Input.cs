using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The receiving side of one HTTP/1 connection: the buffer with the head, and the body behind it. A head stays where it was parsed until its
/// message ends, so that its fields stay valid; a body that outgrows the rest of the buffer gets a buffer of its own.
/// </summary>
/// <remarks>Lives on the connection's worker. Between messages without left-over bytes it holds no buffer.</remarks>
internal sealed class V1Input
{
    // Also the most that a head of default limits takes: 8 KiB of request line, 64 KiB of fields and the line ends.
    private const int Spare = 4096;

    private const long Never = long.MaxValue;

    private Connection _connection = null!;
    private SlabPool _pool = null!;
    private byte[]? _headBuffer;
    private byte[]? _bodyBuffer;
    private int _headStart;
    private int _headEnd;
    private int _start;
    private int _end;
    private bool _inBodyBuffer;
    private long _remaining;
    private BodyFraming _framing;
    private ChunkedReader _chunks;
    private readonly ErrorSource _source;
    private bool _ended = true;
    private bool _isPaced;
    private Pace _pace;
    private long _until = Never;

    internal V1Input(HttpLimits limits, bool isResponse)
    {
        _chunks = new ChunkedReader(limits, isResponse);
        _source = isResponse ? ErrorSource.Upstream : ErrorSource.Downstream;
    }

    /// <summary>Whether received bytes wait that belong to no message yet.</summary>
    internal bool HasUnread => _start < _end;

    /// <summary>Whether the body of the present message has been read to its end.</summary>
    internal bool IsBodyEnded => _ended;

    internal HeaderMap? Trailers => _chunks.Trailers;

    internal byte[] HeadBuffer => _headBuffer!;

    internal int HeadStart => _headStart;

    internal int End => _end;

    /// <summary>How many bytes of body have been given out.</summary>
    internal long BodyBytes { get; private set; }

    /// <summary>How long one read of a body may take; a change holds from the next read on, even inside of <see cref="ReadBodyAsync"/>.</summary>
    internal TimeSpan BodyTimeout { get; set; }

    /// <summary>The rate that the peer has to send bodies at. It is asked for from the beginning of a message until <see cref="EndPace"/>.</summary>
    internal Pace Pace { set => _pace = value; }

    internal BodyFraming Framing => _framing;

    internal void Open(Connection connection, SlabPool pool)
    {
        _connection = connection;
        _pool = pool;
        _ended = true;
        _headStart = _headEnd = _start = _end = 0;
        BodyBytes = 0;
    }

    /// <summary>Gives all memory back; unread bytes are lost.</summary>
    internal void Close()
    {
        Release(ref _headBuffer);
        Release(ref _bodyBuffer);
        _chunks.Reset();
        _inBodyBuffer = false;
        _headStart = _headEnd = _start = _end = 0;
        _ended = true;
    }

    /// <summary>Prepares for the next head: left-over bytes become its beginning, everything else is given back.</summary>
    internal void BeginMessage()
    {
        _chunks.Reset();
        if (_inBodyBuffer)
        {
            Release(ref _headBuffer);
            _headBuffer = _bodyBuffer;
            _bodyBuffer = null;
            _inBodyBuffer = false;
        }
        else
        {
            Release(ref _bodyBuffer);
        }

        if (_start == _end)
        {
            Release(ref _headBuffer);
            _start = _end = 0;
        }

        _headStart = _start;
        _ended = true;
        _until = Never;
        _isPaced = _pace.IsAsked;
        _pace.Reset();
        BodyBytes = 0;
    }

    /// <summary>Asks no longer for a rate; a read that is pending has the plain timeout from here on.</summary>
    internal void EndPace()
    {
        if (!_isPaced)
            return;
        _isPaced = false;
        if (!_ended)
            _connection.SetReadDeadline(BodyTimeout);
    }

    /// <summary>From now on all reads of a body together end after so many milliseconds, unless such an end has been set for the message already.</summary>
    internal void EndReadsAfter(long milliseconds)
    {
        _isPaced = false;
        if (_until == Never)
            _until = Now + milliseconds;
    }

    /// <summary>Reads more of a head without suspending; 0 bytes is the peer's end.</summary>
    /// <param name="most">The most bytes that a head may have; the buffer grows up to it.</param>
    /// <param name="count">How many bytes came.</param>
    internal bool TryFillHead(int most, out int count)
    {
        MakeRoomForHead(most);
        if (!_connection.TryRead(_headBuffer.AsMemory(_end), out count))
            return false;
        _end += count;
        return true;
    }

    internal ValueTask<int> FillHeadAsync(int most)
    {
        MakeRoomForHead(most);
        var read = _connection.ReadAsync(_headBuffer.AsMemory(_end));
        if (!read.IsCompletedSuccessfully)
            return AwaitFillAsync(read);
        var count = read.Result;
        _end += count;
        return new ValueTask<int>(count);
    }

    /// <summary>Gives the buffer back when nothing has arrived, so that waiting costs no memory.</summary>
    internal void ReleaseIfEmpty()
    {
        if (_start == _end && !_inBodyBuffer)
        {
            Release(ref _headBuffer);
            _headStart = _start = _end = 0;
        }
    }

    /// <summary>The head has been parsed: what follows it is its body.</summary>
    internal void EndHead(int consumed, in MessageFraming framing)
    {
        _headEnd = _headStart + consumed;
        _start = _headEnd;
        BeginBody(framing.Body, framing.Length);
    }

    /// <summary>An informational head has been parsed: another head follows it.</summary>
    internal void SkipHead(int consumed) => _headStart = _start = _headStart + consumed;

    internal void BeginBody(BodyFraming framing, long length)
    {
        _framing = framing;
        _remaining = length;
        _ended = framing == BodyFraming.None;
    }

    /// <summary>Whether these bytes lie where the next read will write.</summary>
    internal bool Holds(ReadOnlyMemory<byte> bytes) => MemoryMarshal.TryGetArray(bytes, out var part) && part.Count > 0
        && (ReferenceEquals(part.Array, _headBuffer) || ReferenceEquals(part.Array, _bodyBuffer));

    /// <summary>Gives body bytes that are there now.</summary>
    /// <exception cref="HttpBodyException">The framing is wrong, or the peer has ended in the middle.</exception>
    internal bool TryReadBody(out BodyChunk chunk)
    {
        if (_ended)
        {
            chunk = new BodyChunk(default, true);
            return true;
        }

        while (true)
        {
            if (_start == _end)
            {
                var target = BodyTarget();
                if (!_connection.TryRead(target, out var count))
                {
                    chunk = default;
                    return false;
                }

                Filled(count);
                if (count == 0)
                    return TakeEnd(out chunk);
            }

            if (TakeBody(out chunk))
                return true;
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<BodyChunk> ReadBodyAsync()
    {
        while (true)
        {
            if (TryReadBody(out var chunk))
                return chunk;
            var began = Now;
            _connection.SetReadDeadline(TimeLeft(began));
            var count = await _connection.ReadAsync(BodyTarget());
            if (_isPaced)
                _pace.Waited(Now - began);
            Filled(count);
            if (count == 0)
            {
                TakeEnd(out chunk);
                return chunk;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> AwaitFillAsync(ValueTask<int> read)
    {
        var count = await read;
        _end += count;
        return count;
    }

    private bool TakeBody(out BodyChunk chunk)
    {
        var buffer = _inBodyBuffer ? _bodyBuffer! : _headBuffer!;
        if (_framing == BodyFraming.Chunked)
            return TakeChunk(buffer, out chunk);
        var count = _end - _start;
        if (_framing == BodyFraming.ContentLength)
        {
            count = (int)Math.Min(count, _remaining);
            _remaining -= count;
            _ended = _remaining == 0;
        }

        chunk = new BodyChunk(buffer.AsMemory(_start, count), _ended);
        _start += count;
        BodyBytes += count;
        return true;
    }

    private bool TakeChunk(byte[] buffer, out BodyChunk chunk)
    {
        var status = _chunks.Read(buffer.AsSpan(_start, _end - _start), out var consumed, out var offset, out var length);
        if (status == HeadStatus.Error)
            throw new HttpBodyException(_chunks.Error.StatusCode, _chunks.Error.Problem, _source);
        var data = length == 0 ? default : buffer.AsMemory(_start + offset, length);
        _start += consumed;
        _ended = status == HeadStatus.Done;
        BodyBytes += length;
        chunk = new BodyChunk(data, _ended);
        return length > 0 || _ended;
    }

    private bool TakeEnd(out BodyChunk chunk)
    {
        if (_framing is not (BodyFraming.UntilClose or BodyFraming.Tunnel))
            throw new HttpBodyException(0, "The peer ended in the middle of the body", _source);
        _ended = true;
        chunk = new BodyChunk(default, true);
        return true;
    }

    private long Now => _connection.Worker?.Now ?? Environment.TickCount64;

    private Memory<byte> BodyTarget()
    {
        if (!_inBodyBuffer)
        {
            var room = _headBuffer!.Length - _headEnd;
            var wanted = _framing == BodyFraming.ContentLength ? _remaining : _end == _headBuffer.Length ? long.MaxValue : Spare;
            if (wanted <= room)
            {
                _start = _end = _headEnd;
                return _headBuffer.AsMemory(_headEnd);
            }

            _bodyBuffer = _pool.Rent(_framing == BodyFraming.ContentLength && _remaining <= SlabPool.Small ? SlabPool.Small : SlabPool.Large);
            _inBodyBuffer = true;
        }

        _start = _end = 0;
        return _bodyBuffer!;
    }

    private void Filled(int count)
    {
        _end = _start + count;
        if (_isPaced)
            _pace.Moved(count);
    }

    /// <summary>How long the next read of a body may wait.</summary>
    private TimeSpan TimeLeft(long now)
    {
        if (_isPaced && (BodyTimeout == Timeout.InfiniteTimeSpan || _pace.Left < BodyTimeout))
            return _pace.Left;
        return _until == Never ? BodyTimeout : TimeSpan.FromMilliseconds(Math.Max(0, _until - now));
    }

    private void MakeRoomForHead(int most)
    {
        if (_headBuffer is null)
        {
            _headBuffer = _pool.Rent();
            return;
        }

        if (_end < _headBuffer.Length)
            return;
        var used = _end - _headStart;
        if (_headStart > 0 && used <= _headBuffer.Length / 2)
        {
            _headBuffer.AsSpan(_headStart, used).CopyTo(_headBuffer);
        }
        else
        {
            var larger = _pool.Rent(Math.Min(Math.Max(_headBuffer.Length * 4, SlabPool.Large), Math.Max(most + Spare, used + Spare)));
            _headBuffer.AsSpan(_headStart, used).CopyTo(larger);
            _pool.Return(_headBuffer);
            _headBuffer = larger;
        }

        _headStart = 0;
        _start = 0;
        _end = used;
    }

    private void Release(ref byte[]? buffer)
    {
        if (buffer is null)
            return;
        _pool.Return(buffer);
        buffer = null;
    }
}
