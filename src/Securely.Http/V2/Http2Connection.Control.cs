using System.Buffers.Binary;

namespace Securely.Http;

/// <content>Frames of the connection: settings, pings, windows, and the end.</content>
internal abstract partial class Http2Connection
{
    // How many items of SETTINGS cost as much as a frame; sound peers send fewer in all.
    private const int ItemsForOne = 16;

    private void OnConnectionFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Type)
        {
            case FrameType.Settings:
                OnSettingsFrame(in header, payload);
                break;
            case FrameType.PushPromise:
                throw Wrong("PUSH_PROMISE is not asked for");
            case FrameType.Ping:
                OnPing(in header, payload);
                break;
            case FrameType.GoAway:
                OnGoAwayFrame(in header, payload);
                break;
            case FrameType.PriorityUpdate:
                OnPriorityUpdateFrame(in header, payload);
                break;
            default:
                CountCheap();
                break;
        }
    }

    private void OnSettingsFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
            throw Wrong("SETTINGS came on a stream");
        CountCheap();
        if (header.Has(FrameFlags.Ack))
        {
            if (payload.Length != 0)
                throw WrongSize(in header);
            OnSettingsAck();
            return;
        }

        if (payload.Length % Http2Settings.ItemSize != 0)
            throw WrongSize(in header);
        CountCheap(payload.Length / Http2Settings.ItemSize / ItemsForOne);
        Apply(payload);
        HasPeerSettings = true;
        WriteFrame(FrameType.Settings, FrameFlags.Ack, 0, default);
        OnSettings();
    }

    /// <summary>Takes all items. However many there are, the streams are looked at once: what counts for them is the last size, and the largest.</summary>
    private void Apply(ReadOnlySpan<byte> items)
    {
        var before = _peer.InitialWindowSize;
        var most = before;
        for (; !items.IsEmpty; items = items[Http2Settings.ItemSize..])
        {
            _peer.Apply(items[..Http2Settings.ItemSize], PeerSource == Net.ErrorSource.Upstream);
            most = Math.Max(most, _peer.InitialWindowSize);
            // The encoder has to know the smallest as well (RFC 7541 4.2).
            Encoder.SetPeerTableSize(_peer.HeaderTableSize);
        }

        if (most != before || _peer.InitialWindowSize != before)
            WidenAll(_peer.InitialWindowSize - before, most - before);
    }

    private void WidenAll(int difference, int most)
    {
        // Waking a stream only queues it, so that the table stays as it is.
        foreach (var (_, stream) in _streams)
        {
            if (!stream.SendWindow.CanAdd(most) || !stream.TryWiden(difference))
                throw new Http2Exception(Http2ErrorCode.FlowControlError, "INITIAL_WINDOW_SIZE makes a window too large");
        }
    }

    private void OnPing(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
            throw Wrong("PING came on a stream");
        if (payload.Length != 8)
            throw WrongSize(in header);
        CountCheap();
        if (header.Has(FrameFlags.Ack))
            OnPong(payload);
        else
            WriteFrame(FrameType.Ping, FrameFlags.Ack, 0, payload);
    }

    private void OnGoAwayFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
            throw Wrong("GOAWAY came on a stream");
        if (payload.Length < 8)
            throw WrongSize(in header);
        CountCheap();
        OnGoAway(BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue, (Http2ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
    }

    private void OnWindowUpdate(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 4)
            throw WrongSize(in header);
        CountCheap();
        var increment = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (header.StreamId == 0)
        {
            if (increment == 0)
                throw Wrong("WINDOW_UPDATE adds nothing");
            if (!_sendWindow.TryAdd(increment))
                throw new Http2Exception(Http2ErrorCode.FlowControlError, "WINDOW_UPDATE makes the connection's window too large");
            return;
        }

        if (!_streams.TryGetValue(header.StreamId, out var stream))
        {
            if (IsIdle(header.StreamId))
                throw Wrong("WINDOW_UPDATE came for a stream that has not begun");
            return;
        }

        if (increment == 0)
            stream.OnBroken(Http2ErrorCode.ProtocolError, "WINDOW_UPDATE adds nothing");
        else if (!stream.TryWiden(increment))
            stream.OnBroken(Http2ErrorCode.FlowControlError, "WINDOW_UPDATE makes its window too large");
    }

    private void OnPriorityUpdateFrame(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.StreamId != 0)
            throw Wrong("PRIORITY_UPDATE came on a stream");
        if (payload.Length < 4)
            throw WrongSize(in header);
        CountCheap();
        var streamId = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
        if (streamId == 0)
            throw Wrong("PRIORITY_UPDATE names no stream");
        OnPriorityUpdate(streamId, payload[4..]);
    }
}
