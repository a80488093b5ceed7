using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// The server's side of HTTP/1 (H1S rows). An object serves one request after another, of one connection after another: an idle connection has
/// none.
/// </summary>
internal sealed partial class V1ServerSession : ServerSession
{
    private const int MostDiscarded = 64 * 1024;
    private static readonly TimeSpan _discardTime = TimeSpan.FromSeconds(2);

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
    private bool _keepAlive;
    private bool _continueSent;
    private bool _discarding;
    private bool _tunnel;

    internal V1ServerSession(HttpServiceOptions options, HttpEndpointSettings settings)
    {
        _options = options;
        _settings = settings;
        _parser = new RequestParser(settings.Limits);
        _input = new V1Input(settings.Limits, isResponse: false);
        _output.Timeout = settings.Timeouts.Write;
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

    public override bool WantsUpgrade => _framing.Upgrade;

    public override long BodyBytesRead => _input.BodyBytes;

    public override HeaderMap? RequestTrailers => _input.Trailers;

    internal HttpEndpointSettings Settings => _settings;

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
        return _input.ReadBodyAsync(_tunnel ? _options.TunnelTimeout : _settings.Timeouts.Body);
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
        _input.BeginBody(BodyFraming.Tunnel, 0);
        _output.BeginBody(BodyFraming.Tunnel, 0);
    }

    public override void DiscardBody()
    {
        if (_discarding || _input.IsBodyEnded)
            return;
        _discarding = true;
        _keepAlive = false;
        _connection.SetReadDeadline(_discardTime);
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
        _ownHeader.Headers.Clear();
    }

    /// <summary>Reads the rest of a head of which something has come. False: the connection is of no use any more, and was told so.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<bool> ReadRequestAsync()
    {
        var isDeadlineSet = false;
        while (true)
        {
            var status = _input.HasUnread ? _parser.Parse(_request, _input.HeadBuffer, _input.HeadStart, _input.End) : HeadStatus.NeedMore;
            if (status == HeadStatus.Done)
                break;
            if (status == HeadStatus.Error)
            {
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

            try
            {
                if (await _input.FillHeadAsync(MostHeadBytes) == 0)
                    return false;
            }
            catch (NetException e) when (e.Kind == NetErrorKind.ReadTimedOut)
            {
                await RefuseAsync(408);
                return false;
            }
        }

        _framing = _parser.Framing;
        _keepAlive = _framing.KeepAlive;
        _input.EndHead(_parser.Consumed, _framing);
        if (_request.MethodKind == KnownMethod.Connect && !_options.AllowConnect)
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

    /// <summary>Reads on and throws away, until the body ends, the bound is reached or the client goes.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask DiscardAsync()
    {
        try
        {
            for (var left = MostDiscarded; left > 0 && !_input.IsBodyEnded;)
            {
                if (!_input.TryReadBody(out var chunk))
                    chunk = await _input.ReadBodyAsync(_discardTime);
                left -= chunk.Data.Length;
            }
        }
        catch (IOException)
        {
            // The client has gone or sends nonsense: either way nobody reads the rest.
        }
    }

    private int MostHeadBytes => _settings.Limits.HeaderBytes + _settings.Limits.RequestLine + 8;

    private void Begin()
    {
        _request.Clear();
        _parser.Reset();
        _input.BeginMessage();
        _output.BeginMessage();
        _framing = default;
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
    private async ValueTask<bool> FinishSlowlyAsync()
    {
        if (ResponseWritten is null)
            await RespondAsync(500);
        if (!_output.IsEnded)
        {
            if (_output.Framing == BodyFraming.ContentLength)
            {
                Abort(new NetException(NetErrorKind.ConnectionClosed, "The response ended before its Content-Length", ErrorSource.Internal));
                return false;
            }

            await _output.WriteTrailersAsync(null);
        }

        await _output.FlushAsync();
        if (_keepAlive && _input.IsBodyEnded)
        {
            RequestsBefore++;
            Begin();
            return true;
        }

        await LingerAsync();
        return false;
    }

    /// <summary>
    /// Sends the end and reads on for a while: closing with unread bytes in the kernel would reset the connection and could take the response
    /// with it.
    /// </summary>
    private async ValueTask LingerAsync()
    {
        if (_input.IsBodyEnded && !_input.HasUnread && _connection.IsQuiet(probe: true))
            return;
        _connection.ShutdownWrite();
        _connection.SetReadDeadline(_discardTime);
        _input.BeginBody(BodyFraming.Tunnel, 0);
        await DiscardAsync();
    }

    private async ValueTask RefuseAsync(int statusCode)
    {
        _keepAlive = false;
        await RespondAsync(statusCode);
        await LingerAsync();
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<BodyChunk> ContinueThenReadAsync()
    {
        await WriteInformationalAsync(new ResponseHeader(100));
        return await _input.ReadBodyAsync(_settings.Timeouts.Body);
    }

    private static NetException Gone() => new(NetErrorKind.ConnectionClosed, "The rest of the request's body is not wanted", ErrorSource.Downstream);
}
