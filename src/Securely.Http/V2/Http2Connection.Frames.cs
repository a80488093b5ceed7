using System.Buffers.Binary;
using Securely.Net;

namespace Securely.Http;

/// <content>What each frame does, and which error each breach of its rules is (RFC 9113 6).</content>
internal abstract partial class Http2Connection
{
    // What one frame costs of the budget of cheap ones: an empty DATA is never of use.
    private const int EmptyDataCost = 10;

    private readonly EndedStreams _ended = new();
    private Http2Settings _peer = new();
    private AbuseGuard _guard;
    private ReceiveWindow _window;

    /// <summary>What somebody keeps no longer may come again.</summary>
    internal void Consumed(int count)
    {
        var increment = _window.Consume(count);
        if (increment > 0 && !_isOver)
            WriteWindowUpdate(0, increment);
    }

    /// <summary>The stream broke a rule that only it suffers from.</summary>
    private protected void ResetStream(int streamId, Http2ErrorCode code, string problem)
    {
        if (_streams.TryGetValue(streamId, out var stream))
            stream.OnBroken(code, problem);
        else if (IsIdle(streamId))
            throw new Http2Exception(code, problem);
        else if (!IsIgnored(streamId))
            WriteReset(streamId, code);
    }

    /// <summary>A stream that never was in the table has been reset by us.</summary>
    private protected void Ended(int streamId) => _ended.Add(streamId, StreamEnd.ResetByUs);

    /// <summary>The peer has said that it does not look at streams after the last one: they are refused (RFC 9113 6.8).</summary>
    private protected void RefuseAfter(int lastStreamId)
    {
        while (true)
        {
            // Whoever is told may end others: the table is looked at anew each time.
            Http2Stream? refused = null;
            foreach (var (id, stream) in _streams)
                refused = id > lastStreamId ? stream : refused;
            if (refused is null)
                return;
            RemoveStream(refused, StreamEnd.ResetByPeer, Http2ErrorCode.RefusedStream);
        }
    }

    /// <summary>Counts a stream that came to nothing, or one that costs as much as so many of them.</summary>
    private protected void CountReset(int cost = 1)
    {
        if (CountsResets && !_guard.TryReset(Worker.Now, cost))
            throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "Too many streams end in vain");
    }

    private void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!HasPeerSettings && (header.Type != FrameType.Settings || header.Has(FrameFlags.Ack)))
            throw Wrong("The first frame is not SETTINGS");
        if (_blockStream != 0 && (header.Type != FrameType.Continuation || header.StreamId != _blockStream))
            throw Wrong("A header block is interrupted");
        switch (header.Type)
        {
            case FrameType.Data:
                OnData(in header, payload);
                break;
            case FrameType.Headers:
                OnHeadersFrame(in header, payload);
                break;
            case FrameType.Priority:
                OnPriority(in header, payload);
                break;
            case FrameType.RstStream:
                OnRstStream(in header, payload);
                break;
            case FrameType.WindowUpdate:
                OnWindowUpdate(in header, payload);
                break;
            case FrameType.Continuation:
                OnContinuation(in header, payload);
                break;
            default:
                OnConnectionFrame(in header, payload);
                break;
        }
    }

    private void OnData(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        RequireStream(in header);
        if (!_window.TryReceive(payload.Length))
            throw new Http2Exception(Http2ErrorCode.FlowControlError, "More DATA came than the connection's window allows");
        var data = WithoutPadding(in header, payload);
        var isEnd = header.Has(FrameFlags.EndStream);
        if (data.IsEmpty && !isEnd)
            CountCheap(EmptyDataCost);
        if (!_streams.TryGetValue(header.StreamId, out var stream))
        {
            Consumed(payload.Length);
            OnLateFrame(header.StreamId, "DATA");
            return;
        }

        if (stream.IsRemoteEnded)
        {
            Consumed(payload.Length);
            stream.OnBroken(Http2ErrorCode.StreamClosed, "DATA came after its end");
            return;
        }

        if (!stream.TryReceive(payload.Length))
        {
            Consumed(payload.Length);
            stream.OnBroken(Http2ErrorCode.FlowControlError, "more DATA came than its window allows");
            return;
        }

        OnStreamData(stream, data, payload.Length - data.Length, isEnd);
    }

    /// <summary>DATA that both windows allow.</summary>
    private protected virtual void OnStreamData(Http2Stream stream, ReadOnlySpan<byte> data, int padding, bool isEnd) => stream.OnData(data, padding, isEnd);

    /// <summary>A frame came for a stream that has ended (RFC 9113 5.1).</summary>
    private protected void OnLateFrame(int streamId, string frame)
    {
        if (IsIdle(streamId))
            throw Wrong($"{frame} came for a stream that has not begun");
        if (IsIgnored(streamId))
        {
            CountCheap();
            return;
        }

        switch (_ended.Find(streamId))
        {
            case StreamEnd.ResetByUs:
                CountCheap();
                break;
            case StreamEnd.ResetByPeer:
                WriteReset(streamId, Http2ErrorCode.StreamClosed);
                break;
            case StreamEnd.Complete:
                throw new Http2Exception(Http2ErrorCode.StreamClosed, $"{frame} came for a stream that has ended");
            default:
                throw new Http2Exception(frame == "DATA" ? Http2ErrorCode.StreamClosed : Http2ErrorCode.ProtocolError, $"{frame} came for a stream that is over");
        }
    }

    private void OnPriority(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        RequireStream(in header);
        CountCheap();
        if (payload.Length != 5)
            ResetStream(header.StreamId, Http2ErrorCode.FrameSizeError, "PRIORITY has not 5 bytes");
        else if ((BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue) == header.StreamId)
            ResetStream(header.StreamId, Http2ErrorCode.ProtocolError, "it depends on itself");
    }

    private void OnRstStream(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        RequireStream(in header);
        if (payload.Length != 4)
            throw WrongSize(in header);
        if (IsIdle(header.StreamId))
            throw Wrong("RST_STREAM came for a stream that has not begun");
        if (!_streams.TryGetValue(header.StreamId, out var stream))
        {
            CountCheap();
            return;
        }

        // Told first, so that what the end of the stream begins cannot overtake it. One whose response is whole has not come to nothing.
        if (stream.IsLocalEnded)
            CountCheap();
        else
            CountReset();
        RemoveStream(stream, StreamEnd.ResetByPeer, (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload));
    }

    private void RemoveStream(Http2Stream stream, StreamEnd end, Http2ErrorCode code)
    {
        _streams.Remove(stream.Id);
        _ended.Add(stream.Id, end);
        stream.OnReset(code);
        OnStreamEnded(stream);
    }

    private void CountCheap(int cost = 1)
    {
        if (!_guard.TryCheap(Worker.Now, cost))
            throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "Too many frames carry nothing");
    }

    private ReadOnlySpan<byte> WithoutPadding(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!header.Has(FrameFlags.Padded))
            return payload;
        if (payload.IsEmpty)
            throw WrongSize(in header);
        var padding = payload[0];
        if (padding >= payload.Length)
            throw Wrong("A frame has more padding than bytes");
        return payload[1..^padding];
    }

    private static void RequireStream(in FrameHeader header)
    {
        if (header.StreamId == 0)
            throw Wrong($"{header.Type} came on no stream");
    }

    private protected static Http2Exception Wrong(string problem) => new(Http2ErrorCode.ProtocolError, problem);

    private static Http2Exception WrongSize(in FrameHeader header) => new(Http2ErrorCode.FrameSizeError, $"{header.Type} has [{header.Length}] bytes");
}
