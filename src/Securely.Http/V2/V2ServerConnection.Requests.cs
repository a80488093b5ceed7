namespace Securely.Http;

/// <content>Header blocks of clients: they begin a request, end one with trailers, or come too late to do either.</content>
internal sealed partial class V2ServerConnection
{
    // What a block that is too large costs of the budget of streams that come to nothing: to decode it is most of the work.
    private const int TooLargeCost = 25;

    private protected override void OnHeaders(int streamId, ReadOnlySpan<byte> block, bool isEnd)
    {
        if ((streamId & 1) == 0)
            throw Wrong("A client's stream has an even number");
        if (TryGetStream(streamId, out var stream))
        {
            OnTrailers(stream, block, isEnd);
            return;
        }

        if (streamId <= _lastBegun)
        {
            DecodeForNobody(block);
            OnLateFrame(streamId, "HEADERS");
            return;
        }

        if (!IsGoingAway)
        {
            OnRequest(streamId, block, isEnd);
            return;
        }

        // A client may have begun it before it learned of the end, and begins it elsewhere (RFC 9113 6.8).
        DecodeForNobody(block);
        _lastBegun = streamId;
        CountReset();
    }

    private void OnRequest(int streamId, ReadOnlySpan<byte> block, bool isEnd)
    {
        var session = _service.RentStream(_settings, Worker);
        var sink = new RequestSink(session.Fields);
        var status = Decode(block, ref sink);
        _last = _lastBegun = streamId;
        if (!TryBegin(session, streamId, status == HpackStatus.TooLarge, isEnd))
        {
            session.Close();
            _service.Return(session, Worker);
            return;
        }

        _serving++;
        BegunInTurn++;
        session.Watch(_service.ServeStreamAsync(session, _shutdown));
        if (_serviceOptions.KeepAliveRequestLimit is { } most && (_last + 1) / 2 >= most)
            GoAway(Http2ErrorCode.NoError);
        if (status == HpackStatus.TooLarge)
            CountReset(TooLargeCost);
    }

    private HpackStatus Decode<TSink>(ReadOnlySpan<byte> block, ref TSink sink)
        where TSink : IHpackSink
    {
        var status = Decoder.Decode(block, ref sink);
        return status != HpackStatus.Error ? status : throw new Http2Exception(Http2ErrorCode.CompressionError, Decoder.Problem!);
    }

    /// <summary>Keeps the table in step. What nobody reads costs as much as what somebody does.</summary>
    private void DecodeForNobody(ReadOnlySpan<byte> block)
    {
        var nobody = default(NoFields);
        if (Decode(block, ref nobody) == HpackStatus.TooLarge)
            CountReset(TooLargeCost);
    }

    /// <summary>Puts the stream of a request into the table, unless the request is malformed or one too many.</summary>
    private bool TryBegin(V2ServerSession session, int streamId, bool isTooLarge, bool isEnd)
    {
        // A stream counts until its handler has ended, however early the client, or we, have reset it.
        if (_serving >= Options.MaxStreams)
            return Refuse(streamId, Http2ErrorCode.RefusedStream);
        // Of a head that is too large the rest is not known, and what is known is not looked at.
        if (BlockDependsOnSelf || (!isTooLarge && !session.Fields.TryFinish(_settings.Limits)))
            return Refuse(streamId, Http2ErrorCode.ProtocolError);
        AddStream(session.Stream, streamId);
        session.RequestsBefore = _served;
        session.ConnectionState = _state;
        session.Begin(this, isEnd, isTooLarge);
        if (_early is not null && _early.TryTake(streamId, out var priority))
            session.Stream.SetPriority(priority);
        if (!isTooLarge && !session.TryTakeLength(isEnd))
        {
            session.Stream.OnBroken(Http2ErrorCode.ProtocolError, "Content-Length is not that of its body");
            return false;
        }

        if (isEnd)
            session.Stream.OnRemoteEnd();
        return true;
    }

    private bool Refuse(int streamId, Http2ErrorCode code)
    {
        Ended(streamId);
        WriteReset(streamId, code);
        return false;
    }

    private void OnTrailers(Http2Stream stream, ReadOnlySpan<byte> block, bool isEnd)
    {
        var session = (V2ServerSession)stream.Session!;
        if (stream.IsRemoteEnded || !isEnd || BlockDependsOnSelf)
        {
            DecodeForNobody(block);
            stream.OnBroken(stream.IsRemoteEnded ? Http2ErrorCode.StreamClosed : Http2ErrorCode.ProtocolError, "HEADERS came in the middle of it");
            return;
        }

        var trailers = session.BeginTrailers();
        var status = Decode(block, ref trailers);
        if (status == HpackStatus.TooLarge)
            CountReset(TooLargeCost);
        if (status == HpackStatus.TooLarge || trailers.IsMalformed)
        {
            stream.OnBroken(Http2ErrorCode.ProtocolError, "its trailers are malformed or too large");
            return;
        }

        session.EndTrailers();
        stream.OnRemoteEnd();
    }
}
