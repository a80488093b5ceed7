using Securely.Net;

namespace Securely.Http;

/// <summary>The client's side of HTTP/1 (H1C rows). It is kept with its connection and serves one request after another.</summary>
internal sealed class V1ClientSession : ClientSession
{
    private const int MostInformational = 32;
    private const int MostAddedBytes = 128;
    private const int MostHeadBytes = (256 + 16) * 1024;
    private static readonly HttpLimits _limits = new() { HeaderBytes = 256 * 1024, Headers = 256, RequestLine = 16 * 1024 };

    private readonly Connection _connection;
    private readonly ResponseHeader _response = new();
    private readonly V1Input _input = new(_limits, isResponse: true);
    private readonly V1Output _output = new();
    private ResponseParser _parser;
    private MessageFraming _framing;
    private TimeSpan _readTimeout;
    private KnownMethod _method;
    private bool _wantsUpgrade;
    private bool _expectsContinue;
    private bool _hasHead;
    private bool _hasFinalHead;
    private bool _hasReceived;
    private bool _isTunnel;
    private int _informational;
    private TimeSpan? _promised;

    internal V1ClientSession(Connection connection) => _connection = connection;

    public override Connection Connection => _connection;

    /// <summary>Whether the last answer had to be without a body, which not every upstream keeps to (A21).</summary>
    internal bool MayBeFollowedByBody { get; private set; }

    public override ResponseHeader Response => _response;

    public override bool HasSent => _output.HasSent;

    public override bool IsRequestEnded => _output.IsEnded;

    public override bool HasReceived => _hasReceived;

    public override bool IsTunnel => _isTunnel;

    public override bool HasMoreBody => !_input.IsBodyEnded;

    public override long BodyBytesReceived => _input.BodyBytes;

    public override HeaderMap? Trailers => _input.Trailers;

    public override void WriteHeader(RequestHeader header, bool hasBody)
    {
        var headers = header.Headers;
        _method = header.MethodKind;
        _wantsUpgrade = headers.ContainsKnown(KnownHeader.Upgrade);
        _parser.Reset(_method, _wantsUpgrade);
        headers.Remove(HeaderName.Connection);
        headers.Remove(HeaderName.TransferEncoding);
        header.Version = HttpVersion.Http11;
        if (!headers.ContainsKnown(KnownHeader.Host))
            headers.Set(HeaderName.Host, HostOf(_connection));
        _expectsContinue = hasBody && headers.ContainsKnown(KnownHeader.Expect);
        var framing = Frame(headers, hasBody, out var length);
        var span = _output.GetSpan(HeaderSerializer.GetMaxLength(header) + MostAddedBytes);
        var written = HeaderSerializer.Write(header, span) - 2;
        if (framing == BodyFraming.Chunked)
            written = Put("Transfer-Encoding: chunked\r\n"u8, span, written);
        if (_wantsUpgrade)
            written = Put("Connection: upgrade\r\n"u8, span, written);
        else if (headers.ContainsKnown(KnownHeader.TE))
            written = Put("Connection: TE\r\n"u8, span, written);
        _output.Advance(Put("\r\n"u8, span, written));
        _output.BeginBody(framing, length);
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        var write = _output.WriteBodyAsync(data, isEnd, out _);
        ExpectResponse();
        return write;
    }

    public override ValueTask WriteTrailersAsync(HeaderMap? trailers)
    {
        var write = _output.WriteTrailersAsync(trailers);
        ExpectResponse();
        return write;
    }

    public override ValueTask FlushAsync() => _output.FlushAsync();

    public override bool TryReadHeader()
    {
        if (_hasHead)
            SkipInformational();
        while (true)
        {
            var status = _input.HasUnread ? _parser.Parse(_response, _input.HeadBuffer, _input.HeadStart, _input.End) : HeadStatus.NeedMore;
            if (status == HeadStatus.Done)
                break;
            if (status == HeadStatus.Error)
                throw new HttpProtocolException($"Upstream [{_connection.Digest.RemoteEndPoint}] sent a response that cannot be read: {_parser.Error.Problem}");
            if (!_input.TryFillHead(MostHeadBytes, out var count))
            {
                // Holding no buffer while the upstream thinks keeps what is in use small and warm.
                _input.ReleaseIfEmpty();
                return false;
            }

            if (count == 0)
                throw new NetException(NetErrorKind.ConnectionClosed, $"Upstream [{_connection.Digest.RemoteEndPoint}] closed the connection before its response was whole", ErrorSource.Upstream);
            _hasReceived = true;
        }

        EndHead();
        return true;
    }

    public override ValueTask<bool> WaitAsync()
    {
        // An upstream may want the whole request before it answers, and that is as slow as the client: its time begins when it has everything.
        _connection.SetReadDeadline(_output.IsEnded ? _readTimeout : Timeout.InfiniteTimeSpan);
        return _connection.WaitReadableAsync();
    }

    public override bool TryReadBody(out BodyChunk chunk) => _input.TryReadBody(out chunk);

    public override ValueTask<BodyChunk> ReadBodyAsync() => _input.ReadBodyAsync();

    public override void BeginTunnel(TimeSpan silence)
    {
        _isTunnel = true;
        _readTimeout = _input.BodyTimeout = silence;
        _output.Timeout = silence;
        _output.BeginBody(BodyFraming.Tunnel, 0);
    }

    public override void Abort(NetException reason) => _connection.Abort(reason);

    internal void Begin(PeerOptions options, bool isReused)
    {
        IsReused = isReused;
        var pool = _connection.Worker?.Buffers ?? new SlabPool();
        _input.Open(_connection, pool);
        _output.Open(_connection, pool);
        _output.Timeout = options.WriteTimeout ?? Timeout.InfiniteTimeSpan;
        _output.BeginMessage();
        _readTimeout = _input.BodyTimeout = options.ReadTimeout ?? Timeout.InfiniteTimeSpan;
        _parser = new ResponseParser(_limits, options.AllowInvalidContentLength);
        _framing = default;
        _expectsContinue = _hasHead = _hasFinalHead = _hasReceived = _isTunnel = false;
        _informational = 0;
    }

    internal override bool CanReuse(out TimeSpan? keepAlive)
    {
        // Nothing has happened on it: what was said last still holds.
        if (!HasSent && !_hasReceived)
        {
            keepAlive = _promised;
            return !_connection.IsClosed;
        }

        // A second less than promised: the upstream's clock runs from when it sent, and the next request needs time to arrive.
        keepAlive = _promised = _framing.KeepAliveTimeout > 0 ? TimeSpan.FromSeconds(Math.Max(_framing.KeepAliveTimeout - 1, 0.5)) : null;
        MayBeFollowedByBody = _method == KnownMethod.Head || _response.StatusCode is 204 or 304;
        // An upstream that has not said 100 may take the body, if the client has sent it all the same, for its next request (RFC 9110 10.1.1).
        return _hasFinalHead && _framing.KeepAlive && !_isTunnel && !_expectsContinue && _framing.KeepAliveTimeout != 0
            && _input.IsBodyEnded && !_input.HasUnread && _output.IsEnded && !_connection.IsClosed;
    }

    internal override void End()
    {
        _input.Close();
        _output.Close();
        _response.Reset();
    }

    /// <summary>An informational head lies before: the next one begins behind it.</summary>
    private void SkipInformational()
    {
        _input.SkipHead(_parser.Consumed);
        _parser.Reset(_method, _wantsUpgrade);
        _response.Clear();
        _hasHead = false;
    }

    private void ExpectResponse()
    {
        if (_output.IsEnded && !_hasFinalHead)
            _connection.SetReadDeadline(_readTimeout);
    }

    private void EndHead()
    {
        _framing = _parser.Framing;
        _hasHead = true;
        _expectsContinue &= _response.StatusCode != 100;
        if (!_response.IsInformational || _response.StatusCode == 101)
        {
            _hasFinalHead = true;
            _input.EndHead(_parser.Consumed, _framing);
            _isTunnel = _framing.Body == BodyFraming.Tunnel;
        }
        else if (++_informational > MostInformational)
        {
            throw new HttpProtocolException($"Upstream [{_connection.Digest.RemoteEndPoint}] sent more than {MostInformational} informational responses");
        }
    }

    /// <summary>What a client of HTTP/1.0 may leave out, and HTTP/1.1 must have (RFC 9112 3.2).</summary>
    private static string HostOf(Connection connection) => connection.Digest.RemoteEndPoint is System.Net.IPEndPoint address ? address.ToString() : "localhost";

    private static BodyFraming Frame(HeaderMap headers, bool hasBody, out long length)
    {
        length = 0;
        if (!hasBody)
        {
            // A length without a body would make the upstream take the next request for it.
            if (headers.TryGetKnown(KnownHeader.ContentLength, out var announced) && !announced.SequenceEqual("0"u8))
                headers.RemoveKnown(KnownHeader.ContentLength);
            return BodyFraming.None;
        }

        if (headers.TryGetKnown(KnownHeader.ContentLength, out var value) && TransferCoding.TryParseLength(value, out length))
        {
            TransferCoding.Normalize(headers, value, length);
            return length == 0 ? BodyFraming.None : BodyFraming.ContentLength;
        }

        headers.Remove(HeaderName.ContentLength);
        return BodyFraming.Chunked;
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }
}
