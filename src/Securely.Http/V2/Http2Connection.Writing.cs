using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <content>
/// The output that all streams share. What is written in one turn of the worker goes out in one call, after it; bodies wait on their streams
/// while it is full, so that a slow peer costs no more than that.
/// </content>
internal abstract partial class Http2Connection
{
    // How much waits in the output before bodies have to wait elsewhere.
    private const int MostWaiting = SlabPool.Large;

    // Answers to a peer that does not read them; more than that is no accident.
    private const int MostAnswers = 4 * SlabPool.Large;

    // How many frames a sound peer may answer to one of ours.
    private const int AnswersToData = 4;

    private readonly Action<object?> _flush;
    private readonly Action _written;
    private ValueTaskAwaiter _writeAwaiter;
    private FlowWindow _sendWindow = new(FlowWindow.Initial);
    private byte[]? _output;
    private byte[]? _sending;
    private int _outputLength;
    private bool _isReading;
    private bool _isQueued;
    private bool _isFlushing;
    private bool _isWriting;
    private bool _isShut;
    private bool _shutsAfterWrite;

    /// <summary>Puts a frame into the output.</summary>
    internal void WriteFrame(FrameType type, FrameFlags flags, int streamId, ReadOnlySpan<byte> payload)
    {
        if (_isShut)
            return;
        var span = Reserve(FrameHeader.Size + payload.Length);
        new FrameHeader(payload.Length, type, flags, streamId).Write(span);
        payload.CopyTo(span[FrameHeader.Size..]);
        Written(FrameHeader.Size + payload.Length);
    }

    internal void WriteWindowUpdate(int streamId, int increment)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, increment);
        WriteFrame(FrameType.WindowUpdate, FrameFlags.None, streamId, payload);
    }

    /// <summary>Resets a stream and takes it out of the table.</summary>
    internal void WriteReset(Http2Stream stream, Http2ErrorCode code)
    {
        if (_isOver)
            return;
        var id = stream.Id;
        if (_streams.ContainsKey(id))
            WriteReset(id, code);
        RemoveStream(stream, StreamEnd.ResetByUs);
    }

    /// <summary>Ends a stream without more data.</summary>
    internal void WriteEnd(Http2Stream stream)
    {
        WriteFrame(FrameType.Data, FrameFlags.EndStream, stream.Id, default);
        stream.OnLocalEnd();
        EndIfDone(stream);
    }

    /// <summary>Puts as much of a body into the output as fits now, unless others have waited longer. True: all of it.</summary>
    internal bool TryWrite(Http2Stream stream, ref ReadOnlyMemory<byte> data, bool isEnd)
    {
        if (data.IsEmpty)
        {
            WriteEnd(stream);
            return true;
        }

        while (Scheduler.IsEmpty && WriteDataFrame(stream, data.Span, isEnd) is > 0 and var count)
        {
            data = data[count..];
            if (data.IsEmpty)
                return true;
        }

        return false;
    }

    /// <summary>A stream that waits may send again.</summary>
    internal void Wake(Http2Stream stream)
    {
        Scheduler.Add(stream);
        FlushSoon();
    }

    /// <summary>Lets what waits go out when the worker has dealt with what is there now.</summary>
    internal void FlushSoon()
    {
        if (_isReading || _isQueued || _isWriting || _isFlushing)
            return;
        _isQueued = true;
        Worker.Post(_flush, this);
    }

    /// <summary>Writes a header block, in as many frames as the peer's frame size asks for (RFC 9113 4.3).</summary>
    private protected void WriteHeaders(int streamId, ReadOnlySpan<byte> block, bool isEnd)
    {
        var type = FrameType.Headers;
        var flags = isEnd ? FrameFlags.EndStream : FrameFlags.None;
        while (true)
        {
            var count = Math.Min(block.Length, FrameReader.MostPayload);
            WriteFrame(type, count == block.Length ? flags | FrameFlags.EndHeaders : flags, streamId, block[..count]);
            block = block[count..];
            if (block.IsEmpty)
                return;
            type = FrameType.Continuation;
            flags = FrameFlags.None;
        }
    }

    private protected void WriteReset(int streamId, Http2ErrorCode code)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)code);
        WriteFrame(FrameType.RstStream, FrameFlags.None, streamId, payload);
        // What ends without the peer's doing does not count.
        if (CountsResets && code is not (Http2ErrorCode.NoError or Http2ErrorCode.InternalError) && !_guard.TryReset(Worker.Now))
            FailSoon(new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "Too many streams end in vain"));
    }

    private protected void WriteGoAway(int lastStreamId, Http2ErrorCode code)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, lastStreamId);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
        WriteFrame(FrameType.GoAway, FrameFlags.None, 0, payload);
    }

    /// <summary>Writes bytes that are no frame: the preface of a client.</summary>
    private protected void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        Written(bytes.Length);
    }

    /// <summary>Writes one DATA frame, as large as windows and output allow. 0: they allow none.</summary>
    private int WriteDataFrame(Http2Stream stream, ReadOnlySpan<byte> data, bool isEnd)
    {
        var count = Math.Min(Math.Min(data.Length, FrameReader.MostPayload), Math.Min(stream.SendWindow.Available, _sendWindow.Available));
        if (count <= 0 || _outputLength >= MostWaiting || _isOver)
            return 0;
        var isLast = isEnd && count == data.Length;
        stream.SendWindow.Take(count);
        _sendWindow.Take(count);
        WriteFrame(FrameType.Data, isLast ? FrameFlags.EndStream : FrameFlags.None, stream.Id, data[..count]);
        _guard.Allow(AnswersToData);
        if (isLast)
        {
            stream.OnLocalEnd();
            EndIfDone(stream);
        }

        return count;
    }

    /// <summary>Lets the streams that wait fill the output.</summary>
    private void FillOutput()
    {
        while (Scheduler.Peek() is { } stream)
        {
            var count = WriteDataFrame(stream, stream.Pending.Span, stream.PendingEnd);
            if (count == 0)
            {
                if (stream.SendWindow.Available > 0)
                    return;
                Scheduler.Remove(stream);
                continue;
            }

            stream.OnSent(count);
            if (!stream.Pending.IsEmpty)
            {
                Scheduler.Rotate(stream);
                continue;
            }

            Scheduler.Remove(stream);
            stream.FinishWrite(null);
        }
    }

    private Span<byte> Reserve(int size)
    {
        if (_output is null)
        {
            _output = Pool.Rent(size);
        }
        else if (_output.Length - _outputLength < size)
        {
            var larger = Pool.Rent(Math.Max(_outputLength + size, SlabPool.Large));
            _output.AsSpan(0, _outputLength).CopyTo(larger);
            Pool.Return(_output);
            _output = larger;
        }

        return _output.AsSpan(_outputLength);
    }

    private void Written(int count)
    {
        _outputLength += count;
        if (_outputLength > MostAnswers)
            FailSoon(new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "The peer does not take what it asks for"));
        FlushSoon();
    }
}
