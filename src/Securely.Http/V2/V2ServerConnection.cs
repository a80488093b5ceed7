using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Securely.Net;

namespace Securely.Http;

/// <summary>The server's side of a connection of HTTP/2: each stream that a client begins is served as a request, all on the connection's worker.</summary>
internal sealed partial class V2ServerConnection : Http2Connection, IValueTaskSource<bool>
{
    private readonly HttpService _service;
    private readonly HttpEndpointSettings _settings;
    private readonly HttpServiceOptions _serviceOptions;
    private readonly HpackBuffer _block = new();
    private InlineCompletion<bool> _whenServed;
    private CancellationToken _shutdown;
    private EarlyPriorities? _early;
    private object? _state;
    private int _last;
    private int _lastBegun;
    private int _serving;
    private int _served;
    private bool _endsWithLast;

    internal V2ServerConnection(HttpService service, HttpServiceOptions serviceOptions, HttpEndpointSettings settings, bool isCalmed)
        : base(OptionsOf(settings, isCalmed), ErrorSource.Downstream)
    {
        _service = service;
        _serviceOptions = serviceOptions;
        _settings = settings;
    }

    /// <summary>What a client of HTTP/2 sends first (RFC 9113 3.4).</summary>
    internal static ReadOnlySpan<byte> ClientPreface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>Whether no further requests are taken.</summary>
    internal bool IsEndingSoon => IsGoingAway || IsOver || _shutdown.IsCancellationRequested;

    private protected override bool IsBusy => _serving > 0;

    private protected override bool IsStopping => _shutdown.IsCancellationRequested;

    private protected override ReadOnlySpan<byte> PeerPreface => ClientPreface;

    private protected override int LastStreamId => _last;

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _whenServed.GetStatus(token);

    bool IValueTaskSource<bool>.GetResult(short token) => _whenServed.GetResult(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _whenServed.OnCompleted(continuation, state, token);

    /// <summary>Serves the connection to its end.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask ServeAsync(Connection transport, ReadOnlyMemory<byte> received, CancellationToken shutdown)
    {
        _shutdown = shutdown;
        var running = RunAsync(transport, received);
        var worker = Worker;
        using var stopping = shutdown.UnsafeRegister(state => worker.Post(static connection => ((V2ServerConnection)connection!).BeginDrain(), state), this);
        await running;
    }

    /// <summary>Writes a head of a response.</summary>
    internal void WriteResponse(V2ServerSession session, ResponseHeader header, int statusCode, bool addDate, bool isEnd)
    {
        Encoder.Begin(_block);
        Encoder.WriteStatus(statusCode);
        var headers = header.Headers;
        var isTunnel = header.StatusCode == 101;
        for (var index = 0; index < headers.Count; index++)
        {
            var known = headers[index].Known;
            if (!IsOfConnection(known) && !(isTunnel && known == KnownHeader.SecWebSocketAccept))
                Encoder.Write(headers, index);
        }

        if (addDate && !headers.ContainsKnown(KnownHeader.Date))
            Encoder.Write(KnownHeader.Date, default, HttpDate.Get(Worker));
        EndBlock(session.Stream, isEnd);
    }

    /// <summary>Writes trailers, which end the response.</summary>
    internal void WriteTrailers(V2ServerSession session, HeaderMap trailers)
    {
        Encoder.Begin(_block);
        for (var index = 0; index < trailers.Count; index++)
        {
            if (!IsOfConnection(trailers[index].Known))
                Encoder.Write(trailers, index);
        }

        EndBlock(session.Stream, isEnd: true);
    }

    /// <summary>The handler of a stream has ended, so that the stream does not count any more.</summary>
    internal void OnServed(V2ServerSession session)
    {
        session.Stream.Close();
        _state = session.ConnectionState;
        _served++;
        _serving--;
        session.Close();
        _service.Return(session, Worker);
        if (_serving > 0)
            return;
        if (_endsWithLast)
            _whenServed.SetResult(true);
        else if (!IsOver)
            OnQuiet();
    }

    private protected override bool IsIdle(int streamId) => (streamId & 1) == 0 || streamId > _lastBegun;

    private protected override bool IsIgnored(int streamId) => streamId > _last && !IsIdle(streamId);

    private protected override void WritePreface()
    {
        Span<byte> settings = stackalloc byte[5 * Http2Settings.ItemSize];
        var length = Http2Settings.Write(settings, Http2Setting.MaxConcurrentStreams, (uint)Options.MaxStreams);
        length += Http2Settings.Write(settings[length..], Http2Setting.InitialWindowSize, (uint)Options.StreamWindow);
        length += Http2Settings.Write(settings[length..], Http2Setting.MaxHeaderListSize, (uint)Options.HeaderListSize);
        length += Http2Settings.Write(settings[length..], Http2Setting.EnableConnectProtocol, 1);
        length += Http2Settings.Write(settings[length..], Http2Setting.NoRfc7540Priorities, 1);
        WriteFrame(FrameType.Settings, FrameFlags.None, 0, settings[..length]);
        WriteWindowUpdate(0, Options.ConnectionWindow - FlowWindow.Initial);
    }

    private protected override void OnStreamEnded(Http2Stream stream)
    {
    }

    private protected override void OnPriorityUpdate(int streamId, ReadOnlySpan<byte> value)
    {
        if ((streamId & 1) == 0)
            throw Wrong("PRIORITY_UPDATE names a stream that is pushed");
        if (TryGetStream(streamId, out var stream))
            stream.SetPriority(StreamPriority.Parse(value));
        else if (streamId > _lastBegun)
            (_early ??= new EarlyPriorities()).Add(streamId, StreamPriority.Parse(value));
    }

    private protected override async ValueTask OnEndAsync()
    {
        if (_serving > 0)
        {
            _whenServed.Reset();
            _endsWithLast = true;
            await new ValueTask<bool>(this, _whenServed.Version);
        }

        _block.Release();
    }

    private protected override void OnFailing(Http2Exception error)
    {
        if (error is { Code: Http2ErrorCode.EnhanceYourCalm, IsLate: false })
            _service.Calm(Transport.RemoteAddress, Worker.Now);
    }

    private static Http2Options OptionsOf(HttpEndpointSettings settings, bool isCalmed) => new()
    {
        MaxStreams = isCalmed ? CalmedPeers.MostStreams : Http2Options.Default.MaxStreams,
        HeaderListSize = settings.Limits.HeaderBytes,
        // The head of HTTP/1 has its first line besides.
        Headers = settings.Limits.Headers + 5,
        HeaderTimeout = settings.Timeouts.Header,
        IdleTimeout = settings.Timeouts.Idle,
        WriteTimeout = settings.Timeouts.Write,
        MinSendRate = settings.Timeouts.MinSendRate,
    };

    private static bool IsOfConnection(KnownHeader known) => known
        is KnownHeader.Connection or KnownHeader.KeepAlive or KnownHeader.ProxyConnection or KnownHeader.TransferEncoding or KnownHeader.Upgrade;

    private void EndBlock(Http2Stream stream, bool isEnd)
    {
        stream.HasSentHeaders = true;
        WriteHeaders(stream.Id, _block.Written, isEnd);
        _block.Clear();
        if (!isEnd)
            return;
        stream.OnLocalEnd();
        EndIfDone(stream);
    }
}
