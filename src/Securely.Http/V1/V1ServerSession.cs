using System.Runtime.CompilerServices;
using System.Text;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The server's side of HTTP/1 (H1S rows). An object serves one request after another, of one connection after another: an idle connection has
/// none.
/// </summary>
internal sealed partial class V1ServerSession : ServerSession
{
    private readonly RequestHeader _request = new();
    private readonly V1Input _input;
    private readonly V1Output _output = new();
    private readonly HttpEndpointSettings _settings;
    private readonly HttpServiceOptions _options;
    private RequestParser _parser;
    private Connection _connection = null!;
    private Worker? _worker;
    private MessageFraming _framing;
    private CancellationToken _shutdown;
    private KnownMethod _method;
    private HttpVersion _version;
    private bool _keepAlive;
    private bool _continueSent;
    private bool _discarding;
    private bool _tunnel;

    internal V1ServerSession(HttpServiceOptions options, HttpEndpointSettings settings)
    {
        _options = options;
        _settings = settings;
        _parser = new RequestParser(settings.Limits);
        _input = new V1Input(settings.Limits, isResponse: false) { Pace = new Pace(settings.Timeouts.MinReceiveRate, settings.Timeouts.Body) };
        _output.Timeout = settings.Timeouts.Write;
        _output.MinRate = settings.Timeouts.MinSendRate;
    }

    public override RequestHeader Request => _request;

    public override Connection Connection => _connection;

    public override bool KeepAlive
    {
        get => _keepAlive;
        set => _keepAlive = _keepAlive && value;
    }

    public override bool HasRequestBody => _framing.Body != BodyFraming.None;

    public override bool IsRequestBodyEnded => _input.IsBodyEnded;

    public override bool ExpectsContinue => _framing.ExpectsContinue;

    public override bool WantsUpgrade => _framing.Upgrade && !AsksForHttp2();

    public override long BodyBytesRead => _input.BodyBytes;

    public override HeaderMap? RequestTrailers => _input.Trailers;

    public override bool IsResponseEnded => ResponseWritten is not null && _output.IsEnded;

    internal override HttpEndpointSettings Settings => _settings;

    /// <summary>Whether bytes of another request have arrived already.</summary>
    internal bool HasUnread => _input.HasUnread;

    public override bool TryReadBody(out BodyChunk chunk)
    {
        if (_framing.ExpectsContinue && !_continueSent && AutoContinue && !_input.IsBodyEnded)
        {
            chunk = default;
            return false;
        }

        return !_discarding ? _input.TryReadBody(out chunk) : throw Gone();
    }

    public override ValueTask<BodyChunk> ReadBodyAsync()
    {
        if (_discarding)
            throw Gone();
        if (_framing.ExpectsContinue && !_continueSent && AutoContinue && ResponseWritten is null && !_input.IsBodyEnded)
            return ContinueThenReadAsync();
        _input.BodyTimeout = _tunnel ? _options.TunnelTimeout : _settings.Timeouts.Body;
        return _input.ReadBodyAsync();
    }

    public override void Abort(NetException reason)
    {
        _keepAlive = false;
        _connection.Abort(reason);
    }

    public override void BeginTunnel()
    {
        _tunnel = true;
        _keepAlive = false;
        _input.EndPace();
        _input.BeginBody(BodyFraming.Tunnel, 0);
        _output.BeginBody(BodyFraming.Tunnel, 0);
    }

    public override void DiscardBody()
    {
        if (_discarding || _input.IsBodyEnded)
            return;
        _discarding = true;
        _keepAlive = false;
        _input.EndReadsAfter(LongestLinger);
        _connection.SetReadDeadline(TimeSpan.FromMilliseconds(LongestLinger));
    }

    public override void InterruptRead()
    {
        _input.BodyTimeout = TimeSpan.Zero;
        _connection.SetReadDeadline(TimeSpan.Zero);
    }

    internal void Open(Connection connection, int requestsBefore, object? connectionState, CancellationToken shutdown)
    {
        _connection = connection;
        _worker = connection.Worker;
        _shutdown = shutdown;
        ConnectionState = connectionState;
        RequestsBefore = requestsBefore;
        var pool = _worker?.Buffers ?? new SlabPool();
        _input.Open(connection, pool);
        _output.Open(connection, pool);
        Begin();
    }

    /// <summary>Gives all rented memory back; the object can serve another connection.</summary>
    internal void Close()
    {
        _request.Reset();
        _input.Close();
        _output.Close();
        _connection = null!;
        ConnectionState = null;
        ResponseWritten = null;
    }

    /// <summary>Reads the rest of a head of which something has come. False: the connection is of no use any more, and was told so.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<bool> ReadRequestAsync()
    {
        // The deadline of a connection's first request is that of the accept, which nothing extends.
        var isDeadlineSet = RequestsBefore == 0;
        while (true)
        {
            var status = !_input.HasUnread || IsPreface() ? HeadStatus.NeedMore : _parser.Parse(_request, _input.HeadBuffer, _input.HeadStart, _input.End);
            if (IsHttp2)
                return false;
            if (status == HeadStatus.Done)
                break;
            if (status == HeadStatus.Error)
            {
                if (BeginsNeither())
                    return false;
                await RefuseAsync(_parser.Error.StatusCode);
                return false;
            }

            if (_input.TryFillHead(MostHeadBytes, out var count))
            {
                if (count == 0)
                    return false;
                continue;
            }

            if (!isDeadlineSet)
            {
                _connection.SetReadDeadline(_settings.Timeouts.Header);
                isDeadlineSet = true;
            }

            _connection.IsExpendable = true;
            try
            {
                if (await _input.FillHeadAsync(MostHeadBytes) == 0)
                    return false;
                _connection.IsExpendable = false;
            }
            catch (NetException e) when (e.Kind == NetErrorKind.ReadTimedOut)
            {
                await RefuseAsync(408);
                return false;
            }
        }

        _framing = _parser.Framing;
        _keepAlive = _framing.KeepAlive && !IsOfUnclearLength();
        // Filters may change the request, but not what this client has to get.
        _method = _request.MethodKind;
        _version = _request.Version;
        _input.EndHead(_parser.Consumed, _framing);
        if (_method == KnownMethod.Connect && !_options.AllowConnect)
        {
            await RefuseAsync(405);
            return false;
        }

        return true;
    }

    /// <summary>Ends the request. True: the connection may serve another one.</summary>
    internal ValueTask<bool> FinishAsync()
    {
        if (_connection.IsClosed)
            return new ValueTask<bool>(false);
        if (ResponseWritten is null || !_output.IsEnded || !_keepAlive || !_input.IsBodyEnded)
            return FinishSlowlyAsync();
        var flush = _output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            return AfterAsync(flush);
        flush.GetAwaiter().GetResult();
        RequestsBefore++;
        Begin();
        return new ValueTask<bool>(true);
    }

    private int MostHeadBytes => _settings.Limits.HeaderBytes + _settings.Limits.RequestLine + 8;

    private void Begin()
    {
        _request.Clear();
        _parser.Reset();
        _input.BeginMessage();
        _output.BeginMessage();
        _framing = default;
        _method = KnownMethod.Other;
        _version = HttpVersion.Http11;
        _failureStatus = 500;
        IsHttp2 = false;
        _continueSent = false;
        _discarding = false;
        _tunnel = false;
        IgnoreInformational = false;
        AutoContinue = true;
        ResponseWritten = null;
        BodyBytesSent = 0;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> AfterAsync(ValueTask flush)
    {
        await flush;
        RequestsBefore++;
        Begin();
        return true;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<BodyChunk> ContinueThenReadAsync()
    {
        await WriteInformationalAsync(new ResponseHeader(100));
        _input.BodyTimeout = _settings.Timeouts.Body;
        return await _input.ReadBodyAsync();
    }

    /// <summary>Whether what a client of HTTP/1.0 sends next may be what it takes for the body of this request (row A4).</summary>
    private bool IsOfUnclearLength() => _request.Version == HttpVersion.Http10 && _request.MethodKind is not (KnownMethod.Get or KnownMethod.Head)
        && !_request.Headers.ContainsKnown(KnownHeader.ContentLength);

    /// <summary>
    /// Whether the Upgrade field names HTTP/2 over cleartext. It is not passed on: what follows would be requests that nobody here sees
    /// (RFC 9113 has given it up).
    /// </summary>
    private bool AsksForHttp2()
    {
        var headers = _request.Headers;
        for (var index = headers.IndexOfKnown(KnownHeader.Upgrade); index >= 0; index = headers.IndexOfKnown(KnownHeader.Upgrade, index + 1))
        {
            foreach (var protocol in new HeaderList(headers.ValueAt(index)))
            {
                if (Ascii.EqualsIgnoreCase(protocol, "h2c"u8))
                    return true;
            }
        }

        return false;
    }

    private static NetException Gone() => new(NetErrorKind.ConnectionClosed, "The rest of the request's body is not wanted", ErrorSource.Downstream);
}
