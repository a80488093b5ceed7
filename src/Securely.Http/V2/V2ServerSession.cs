using System.Runtime.CompilerServices;
using System.Text;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The server's side of one stream of HTTP/2 (H2S rows): one request and its response. To its handler it is what a connection of HTTP/1 is, and
/// its <see cref="Connection"/> is the stream. An object serves one stream after another.
/// </summary>
internal sealed partial class V2ServerSession : ServerSession
{
    private readonly RequestHeader _request = new();
    private readonly HeaderMap _trailers = new();
    private readonly HttpServiceOptions _options;
    private readonly Action _served;
    private ValueTaskAwaiter _serving;
    private V2ServerConnection _connection = null!;
    private KnownMethod _method;
    private int _failureStatus;
    private long _remaining;
    private bool _expectsContinue;
    private bool _continueSent;
    private bool _hasTrailers;
    private bool _hasBody;
    private bool _tunnel;
    private bool _noBody;
    private bool _ended;

    internal V2ServerSession(HttpServiceOptions options, HttpEndpointSettings settings)
    {
        _options = options;
        Settings = settings;
        Fields = new RequestFields(_request);
        Stream = new Http2Stream { Session = this };
        _served = OnServed;
    }

    public override RequestHeader Request => _request;

    public override Connection Connection => Stream;

    /// <summary>Whether the connection takes more requests. A stream does not decide that for the others.</summary>
    public override bool KeepAlive
    {
        get => !_connection.IsEndingSoon;
        set
        {
        }
    }

    public override bool HasRequestBody => _hasBody;

    public override bool IsRequestBodyEnded => !_hasBody || Stream.IsBodyEnded;

    public override bool ExpectsContinue => _expectsContinue;

    public override bool WantsUpgrade => Fields.IsWebSocket;

    public override bool IsResponseEnded => _ended;

    public override long BodyBytesRead => Stream.BodyBytes;

    public override HeaderMap? RequestTrailers => _hasTrailers && IsRequestBodyEnded ? _trailers : null;

    internal override HttpEndpointSettings Settings { get; }

    internal Http2Stream Stream { get; }

    /// <summary>Takes the fields of the request's head.</summary>
    internal RequestFields Fields { get; }

    /// <summary>What the request is answered with before anybody sees it; 0 when it is sound.</summary>
    internal int Refusal { get; private set; }

    public override bool TryReadBody(out BodyChunk chunk)
    {
        if (!_hasBody && !_tunnel)
        {
            chunk = new BodyChunk(default, true);
            return true;
        }

        if (MustContinue)
        {
            chunk = default;
            return false;
        }

        if (!Stream.TryReadBody(out chunk))
            return false;
        CheckLimit();
        return true;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public override async ValueTask<BodyChunk> ReadBodyAsync()
    {
        if (MustContinue && ResponseWritten is null)
            await WriteInformationalAsync(new ResponseHeader(100));
        BodyChunk chunk;
        while (!TryReadBody(out chunk))
            await Stream.WhenReadableAsync();
        return chunk;
    }

    public override void Abort(NetException reason) => Stream.Abort(reason);

    public override void BeginTunnel()
    {
        _tunnel = true;
        Stream.EndPace();
        Stream.Expect(-1);
        Stream.BodyTimeout = _options.TunnelTimeout;
        Stream.WriteTimeout = _options.TunnelTimeout;
        Stream.MinSendRate = 0;
    }

    public override void DiscardBody() => Stream.Discard();

    public override void InterruptRead() => Stream.InterruptRead();

    /// <summary>Reads what the fields have brought, and begins. The stream is in the table.</summary>
    internal void Begin(V2ServerConnection connection, bool isEnd, bool isTooLarge)
    {
        _connection = connection;
        _request.Version = HttpVersion.Http2;
        _method = _request.MethodKind;
        _hasBody = !isEnd && !Fields.IsWebSocket && _method != KnownMethod.Connect;
        _failureStatus = 500;
        _remaining = -1;
        _expectsContinue = _hasBody && AsksForContinue();
        _continueSent = _hasTrailers = _tunnel = _noBody = _ended = false;
        IgnoreInformational = false;
        AutoContinue = true;
        ResponseWritten = null;
        BodyBytesSent = 0;
        var timeouts = Settings.Timeouts;
        Stream.BodyTimeout = timeouts.Body;
        Stream.WriteTimeout = timeouts.Write;
        Stream.MinSendRate = timeouts.MinSendRate;
        Stream.BeginPace(new Pace(timeouts.MinReceiveRate, timeouts.Body));
        Refusal = isTooLarge ? 431 : Fields.Refusal;
        if (_method == KnownMethod.Connect && !_options.AllowConnect)
            Refusal = 405;
        if (_request.Headers.TryGetKnown(KnownHeader.Priority, out var priority))
            Stream.SetPriority(StreamPriority.Parse(priority));
    }

    /// <summary>Takes the announced length. False: it contradicts the message.</summary>
    internal bool TryTakeLength(bool isEnd)
    {
        if (!_request.Headers.TryGetKnown(KnownHeader.ContentLength, out var value))
            return true;
        if (!TransferCoding.TryParseLength(value, out var length) || (isEnd && length > 0))
            return false;
        Stream.Expect(length);
        if (Settings.Limits.Body > 0 && length > Settings.Limits.Body)
            Refusal = 413;
        return true;
    }

    /// <summary>Where the trailers go, which come with the end of the stream.</summary>
    internal TrailerFields BeginTrailers()
    {
        _hasTrailers = true;
        return new TrailerFields(_trailers);
    }

    internal void EndTrailers() => HeaderRules.RemoveForbiddenTrailers(_trailers);

    /// <summary>Waits for the handler, which answers the request.</summary>
    internal void Watch(ValueTask serving)
    {
        _serving = serving.GetAwaiter();
        if (_serving.IsCompleted)
            OnServed();
        else
            _serving.UnsafeOnCompleted(_served);
    }

    /// <summary>Gives all memory back; the object can serve another stream.</summary>
    internal void Close()
    {
        Stream.Release();
        _request.Reset();
        _trailers.Reset();
        Fields.Clear();
        _connection = null!;
        ConnectionState = null;
        ResponseWritten = null;
        Refusal = 0;
    }

    internal override void Fail(int statusCode, Exception error)
    {
        _failureStatus = statusCode;
        if (statusCode == 0 || (ResponseWritten is not null && !_ended))
            Abort(new NetException(NetErrorKind.Internal, "The handler failed", ErrorSource.Internal, error));
    }

    /// <summary>The handler has returned: whatever it has left undone is done.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask FinishAsync()
    {
        if (Stream.IsClosed)
            return;
        if (ResponseWritten is null)
            await RespondAsync(_failureStatus);
        if (!_ended)
        {
            if (_remaining > 0)
            {
                Abort(new NetException(NetErrorKind.ConnectionClosed, "The response ended before its Content-Length", ErrorSource.Internal));
                return;
            }

            await WriteTrailersAsync(null);
        }

        // A short rest is waited for, unless it is too much already.
        if (_hasBody && !_tunnel && !Stream.IsRemoteEnded && !Stream.IsClosed && ResponseWritten!.StatusCode != 413)
            await Stream.LingerAsync();
        // A client that still sends is told that nobody reads it, and that its response is whole (RFC 9113 8.1).
        if (!Stream.IsRemoteEnded && !Stream.IsClosed)
            Stream.Reset(Http2ErrorCode.NoError, new NetException(NetErrorKind.ConnectionClosed, "The response is complete", ErrorSource.Internal));
    }

    private bool MustContinue => _expectsContinue && !_continueSent && AutoContinue && !Stream.IsRemoteEnded && Stream.IsQuiet(probe: false);

    private void OnServed()
    {
        var connection = _connection;
        var serving = _serving;
        _serving = default;
        connection.OnServed(this);
        serving.GetResult();
    }

    private void CheckLimit()
    {
        if (!_tunnel && Settings.Limits.Body > 0 && Stream.BodyBytes > Settings.Limits.Body)
            throw new HttpBodyException(413, "The body is over the limit", ErrorSource.Downstream);
    }

    private bool AsksForContinue()
    {
        var headers = _request.Headers;
        return headers.TryGetKnown(KnownHeader.Expect, out var value) && Ascii.EqualsIgnoreCase(value, "100-continue"u8);
    }
}
