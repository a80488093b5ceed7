namespace Securely.Http;

/// <content>The response: its heads, which may come faster than they are read, its body and its trailers.</content>
internal sealed partial class V2ClientSession
{
    private const int MostInformational = 32;
    private const int KeptHeads = 2;

    private ResponseHeader[] _heads = [new ResponseHeader()];
    private HeaderMap? _trailers;
    private TimeSpan _readTimeout;
    private int _headsCome;
    private int _headsRead;
    private bool _hasReceived;
    private bool _hasFinalHead;
    private bool _hasTrailers;

    public override ResponseHeader Response => _heads[Math.Max(_headsRead - 1, 0)];

    public override bool HasMoreBody => !Stream.IsBodyEnded;

    public override long BodyBytesReceived => Stream.BodyBytes;

    public override HeaderMap? Trailers => _hasTrailers && Stream.IsBodyEnded ? _trailers : null;

    /// <summary>Whether the final head has come, so that DATA may.</summary>
    internal bool MayHaveBody => _hasFinalHead;

    public override bool TryReadHeader()
    {
        if (_headsRead < _headsCome)
        {
            _headsRead++;
            if (_headsRead == _headsCome && _hasFinalHead)
                OnFinalHead();
            return true;
        }

        if (Stream.Failure is { } failure)
            throw failure;
        return false;
    }

    public override ValueTask<bool> WaitAsync()
    {
        // An upstream may want the whole request before it answers, and that is as slow as the client: its time begins when it has everything.
        Stream.BodyTimeout = _isRequestEnded || _method == KnownMethod.Connect ? _readTimeout : Timeout.InfiniteTimeSpan;
        return Stream.WhenReadableAsync();
    }

    public override bool TryReadBody(out BodyChunk chunk)
    {
        Stream.BodyTimeout = _readTimeout;
        return Stream.TryReadBody(out chunk);
    }

    public override ValueTask<BodyChunk> ReadBodyAsync()
    {
        Stream.BodyTimeout = _readTimeout;
        return Stream.ReadBodyAsync();
    }

    /// <summary>Where the fields of a head or of trailers go that have begun to come.</summary>
    internal ResponseFields BeginFields()
    {
        _hasReceived = true;
        if (_hasFinalHead)
            return new ResponseFields(_trailers ??= new HeaderMap(), isTrailers: true);
        if (_headsCome == _heads.Length)
            Array.Resize(ref _heads, _headsCome * 2);
        return new ResponseFields((_heads[_headsCome] ??= new ResponseHeader()).Headers, isTrailers: false);
    }

    /// <summary>The fields have come.</summary>
    internal void OnFields(ref ResponseFields fields, bool isTooLarge, bool isEnd)
    {
        if (Stream.IsRemoteEnded)
            Stream.OnBroken(Http2ErrorCode.StreamClosed, "a head came after its end");
        else if (isTooLarge)
            Stream.OnBroken(Http2ErrorCode.EnhanceYourCalm, "its header fields are too large");
        else if (fields.Problem is { } problem)
            Stream.OnBroken(Http2ErrorCode.ProtocolError, problem);
        else if (_hasFinalHead)
            OnTrailers(isEnd);
        else
            OnHead(fields.Status, isEnd);
    }

    /// <summary>A success is the tunnel that was asked for. That of a WebSocket is shown as HTTP/1 has it (RFC 8441 5).</summary>
    private void OnFinalHead()
    {
        var response = Response;
        _isTunnel = _method == KnownMethod.Connect && response.StatusCode is >= 200 and <= 299;
        if (!_isTunnel || _accept is not { } accept)
            return;
        response.StatusCode = 101;
        response.Headers.RemoveKnown(KnownHeader.ContentLength);
        response.Headers.SetKnown(KnownHeader.Upgrade, "websocket"u8);
        response.Headers.SetKnown(KnownHeader.SecWebSocketAccept, accept);
    }

    private void BeginResponse()
    {
        _headsCome = _headsRead = 0;
        _hasReceived = _hasFinalHead = _hasTrailers = false;
    }

    private void EndResponse()
    {
        for (var i = 0; i < _headsCome; i++)
            _heads[i].Reset();
        if (_heads.Length > KeptHeads)
            Array.Resize(ref _heads, KeptHeads);
        _heads[0].Reset();
        _trailers?.Reset();
        _options = PeerOptions.Default;
        _owner = null!;
    }

    private void OnHead(int status, bool isEnd)
    {
        var head = _heads[_headsCome];
        if (status is 0 or 101 || (status < 200 && isEnd))
        {
            Stream.OnBroken(Http2ErrorCode.ProtocolError, status == 0 ? "it has no status" : $"status [{status}] is not allowed there");
            return;
        }

        head.StatusCode = status;
        head.Version = HttpVersion.Http11;
        if (status < 200)
        {
            if (_headsCome == MostInformational)
                Stream.OnBroken(Http2ErrorCode.EnhanceYourCalm, $"it has more than {MostInformational} informational responses");
            else
                _headsCome++;
        }
        else if (!TryExpect(head.Headers, status))
        {
            Stream.OnBroken(Http2ErrorCode.ProtocolError, "its Content-Length cannot be read");
        }
        else
        {
            _headsCome++;
            _hasFinalHead = true;
        }

        if (isEnd && !Stream.IsClosed)
            Stream.OnRemoteEnd();
        else
            Stream.OnHead();
    }

    private void OnTrailers(bool isEnd)
    {
        if (!isEnd)
        {
            Stream.OnBroken(Http2ErrorCode.ProtocolError, "a second head came");
            return;
        }

        HeaderRules.RemoveForbiddenTrailers(_trailers!);
        _hasTrailers = _trailers!.Count > 0;
        Stream.OnRemoteEnd();
    }

    /// <summary>Says how long the body has to be (RFC 9113 8.1.1). False: that cannot be told.</summary>
    private bool TryExpect(HeaderMap headers, int status)
    {
        if (_method == KnownMethod.Head || status is 204 or 304)
        {
            Stream.Expect(0);
            return true;
        }

        if (!headers.TryGetKnown(KnownHeader.ContentLength, out var value) || (_method == KnownMethod.Connect && status < 300))
            return true;
        if (headers.CountKnown(KnownHeader.ContentLength) > 1 || !TransferCoding.TryParseLength(value, out var length))
            return false;
        TransferCoding.Normalize(headers, value, length);
        Stream.Expect(length);
        return true;
    }
}
