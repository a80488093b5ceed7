using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <content>Bodies: their framing, and how long and how slowly they may come.</content>
internal sealed partial class V1Input
{
    internal void BeginBody(BodyFraming framing, long length)
    {
        _framing = framing;
        _remaining = length;
        _ended = framing == BodyFraming.None;
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

    /// <summary>Where the next read goes. A peer is given a larger buffer only when it has filled the one before, so that slow ones hold little.</summary>
    private Memory<byte> BodyTarget()
    {
        if (_inBodyBuffer)
        {
            if (_end == _bodyBuffer!.Length && _end < SlabPool.Large && IsLargeAhead)
            {
                Release(ref _bodyBuffer);
                _bodyBuffer = _pool.Rent(SlabPool.Large);
            }
        }
        else
        {
            var room = _headBuffer!.Length - _headEnd;
            var isFilled = _end == _headBuffer.Length;
            if (_framing == BodyFraming.ContentLength ? _remaining <= room : !isFilled && room >= LeastRoom)
            {
                _start = _end = _headEnd;
                return _headBuffer.AsMemory(_headEnd);
            }

            _bodyBuffer = _pool.Rent(isFilled && IsLargeAhead ? SlabPool.Large : SlabPool.Small);
            _inBodyBuffer = true;
        }

        _start = _end = 0;
        return _bodyBuffer!;
    }

    private bool IsLargeAhead => _framing != BodyFraming.ContentLength || _remaining > SlabPool.Small;

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
}
