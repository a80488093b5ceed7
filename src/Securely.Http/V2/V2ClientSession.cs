using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One request on a stream of a shared HTTP/2 connection, and its response (H2C rows). It serves one request after another, of one worker, on
/// whatever connection has room.
/// </summary>
internal sealed partial class V2ClientSession : ClientSession
{
    private Http2ClientConnection _owner = null!;
    private PeerOptions _options = PeerOptions.Default;
    private KnownMethod _method;
    private long _remaining;
    private bool _hasBegun;
    private bool _isRequestEnded;
    private bool _wasTurnedAway;
    private bool _isTunnel;
    private byte[]? _accept;

    internal V2ClientSession() => Stream = new Http2Stream { Session = this };

    /// <summary>The stream as a connection of its own: closing or aborting it resets the stream, and leaves the others alone.</summary>
    public override Connection Connection => Stream;

    public override bool HasSent => _hasBegun;

    public override bool IsRequestEnded => _isRequestEnded;

    public override bool HasReceived => _hasReceived;

    public override bool IsTunnel => _isTunnel;

    public override bool IsRefused => !_hasReceived && (_wasTurnedAway || Stream.PeerReset == Http2ErrorCode.RefusedStream
        || (Stream.PeerReset == Http2ErrorCode.Http11Required && _owner.TryFallBack()));

    private Http2Stream Stream { get; }

    /// <summary>The connection that the stream belongs to.</summary>
    internal Http2ClientConnection Owner => _owner;

    public override void WriteHeader(RequestHeader header, bool hasBody)
    {
        var isWebSocket = _owner.AllowsWebSockets && !hasBody && WebSocketHandshake.IsAsked(header);
        _accept = isWebSocket ? WebSocketHandshake.Accept(header.Headers) : null;
        _method = isWebSocket ? KnownMethod.Connect : header.MethodKind;
        hasBody &= Measure(header.Headers, hasBody);
        var isConnect = _method == KnownMethod.Connect;
        try
        {
            _owner.BeginStream(Stream);
        }
        catch (NetException)
        {
            _wasTurnedAway = true;
            throw;
        }

        _hasBegun = true;
        Stream.BodyTimeout = hasBody ? Timeout.InfiniteTimeSpan : _readTimeout;
        Stream.WriteTimeout = _options.WriteTimeout ?? Timeout.InfiniteTimeSpan;
        RequestWriter.Write(_owner.BeginBlock(), header, Stream, isWebSocket);
        // The response to CONNECT decides whether bytes may follow (RFC 9113 8.5).
        _isRequestEnded = !hasBody && !isConnect;
        _owner.SendBlock(Stream, _isRequestEnded);
    }

    public override ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        if (_isRequestEnded)
            return default;
        if (_remaining >= 0)
        {
            // What exceeds an announced length is cut, as in HTTP/1 (H1S-18).
            data = data[..(int)Math.Min(data.Length, _remaining)];
            _remaining -= data.Length;
            if (isEnd && _remaining > 0)
                throw new NetException(NetErrorKind.Internal, "The body is shorter than its Content-Length", ErrorSource.Internal);
        }

        var write = Stream.WriteDataAsync(data, isEnd);
        if (isEnd)
            EndRequest();
        return write;
    }

    public override ValueTask WriteTrailersAsync(HeaderMap? trailers)
    {
        if (_isRequestEnded)
            return default;
        if (trailers is not { Count: > 0 } || _isTunnel)
            return WriteBodyAsync(default, true);
        if ((Stream.Failure ?? Stream.SendFailure) is { } failure)
            throw failure;
        RequestWriter.WriteTrailers(_owner.BeginBlock(), trailers);
        _owner.SendBlock(Stream, isEnd: true);
        EndRequest();
        return default;
    }

    /// <summary>Nothing waits here: what was written goes out when the worker has dealt with what is there now.</summary>
    public override ValueTask FlushAsync() => default;

    public override void BeginTunnel(TimeSpan silence)
    {
        _isTunnel = true;
        _readTimeout = silence;
        _remaining = -1;
        Stream.WriteTimeout = silence;
        Stream.SetBodyTimeout(silence);
    }

    public override void Abort(NetException reason) => Stream.Reset(Http2ErrorCode.Cancel, reason);

    internal void Begin(Http2ClientConnection owner, PeerOptions options, bool isReused)
    {
        _owner = owner;
        _options = options;
        IsReused = isReused;
        _readTimeout = options.ReadTimeout ?? Timeout.InfiniteTimeSpan;
        _hasBegun = _isRequestEnded = _wasTurnedAway = _isTunnel = false;
        _accept = null;
        _remaining = -1;
        BeginResponse();
        // It has a number from its head on: numbers have to be used in their order.
        Stream.Open(owner, 0, 0, 0);
    }

    internal override bool CanReuse(out TimeSpan? keepAlive)
    {
        keepAlive = null;
        return false;
    }

    internal override void End()
    {
        Stream.Close();
        Stream.Release();
        EndResponse();
    }

    /// <summary>The upstream has everything from here on, and its time begins.</summary>
    private void EndRequest()
    {
        _isRequestEnded = true;
        if (!_hasFinalHead)
            Stream.SetBodyTimeout(_readTimeout);
    }

    /// <summary>Finds out how long the body will be. False: it has none.</summary>
    private bool Measure(HeaderMap headers, bool hasBody)
    {
        _remaining = -1;
        if (!headers.TryGetKnown(KnownHeader.ContentLength, out var value))
            return hasBody;
        if (!hasBody)
        {
            // A length without a body is a malformed request (RFC 9113 8.1.1).
            if (!value.SequenceEqual("0"u8))
                headers.RemoveKnown(KnownHeader.ContentLength);
            return false;
        }

        if (!TransferCoding.TryParseLength(value, out var length))
        {
            headers.RemoveKnown(KnownHeader.ContentLength);
            return true;
        }

        TransferCoding.Normalize(headers, value, length);
        _remaining = length;
        return true;
    }
}
