using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// The life of one request through a proxy. The numbers are those of <see cref="HttpProxy{TContext}"/>. An object serves one request after another
/// on its worker; while an upstream is asked it watches the client's connection.
/// </summary>
internal sealed partial class ProxyExchange<TContext>(
    HttpProxy<TContext> proxy, ProxyPhases phases, ProxyServiceOptions options, HttpConnector connector, ILogger logger, FailureLog failures,
    RequestObserver? observer) : IExchange, IConnectionWatcher
{
    private readonly RequestHeader _upstreamRequest = new("GET", "/");
    private readonly RetryBuffer _retryBuffer = new();
    private Session _session = null!;
    private ServerSession _down = null!;
    private ClientSession? _up;
    private HttpPeer? _peer;
    private TContext _context = default!;
    private RequestCourse _course;
    private IPAddress? _client;
    private CancellationTokenSource? _aborted;
    private CancellationToken _shutdown;
    private int _tries;
    private bool _hasContext;
    private bool _hasChosenPeer;
    private bool _isGone;
    private bool _mustBeNew;

    public ServerSession Downstream => _down;

    public ClientSession? Upstream => _up;

    public int Tries => _tries;

    public HttpPeer? Peer => _peer;

    public SiteFigures? Site
    {
        get => _course.Site;
        set => _course.Site = value;
    }

    public UpstreamFigures? UpstreamFigures
    {
        get => _course.Upstream;
        set => _course.Upstream = value;
    }

    public string? RouteName
    {
        get => _course.Route;
        set => _course.Route = value;
    }

    public IPAddress? ClientAddress => _client ??= options.TrustedProxies.ClientOf(_down.Connection.RemoteAddress, _down.Request.Headers);

    public bool IsShuttingDown => _shutdown.IsCancellationRequested;

    public bool CanSendAgain => !_retryBuffer.IsTruncated && (_up is not { HasSent: true } || IsIdempotent(_upstreamRequest.MethodKind));

    public CancellationToken Aborted
    {
        get
        {
            _aborted ??= new CancellationTokenSource();
            if (_isGone && !_aborted.IsCancellationRequested)
                _aborted.Cancel();
            return _aborted.Token;
        }
    }

    /// <summary>Runs one request. It never throws: what happens is answered, logged and over.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask RunAsync(ServerSession down, CancellationToken shutdown)
    {
        Begin(down, shutdown);
        Exception? failure = null;
        ProxyError? error = null;
        try
        {
            HeaderRules.RemoveHopByHop(down.Request.Headers, keepUpgrade: down.WantsUpgrade);
            if (!_hasContext)
                _context = proxy.NewContext();
            if ((phases & ProxyPhases.ConnectionReuse) != 0 && down.ConnectionState is { } previous)
                proxy.OnConnectionReuse(_session, _context, previous);
            if ((phases & ProxyPhases.EarlyRequest) != 0)
                await proxy.EarlyRequestFilterAsync(_session, _context, Aborted);
            var result = FilterResult.Continue;
            if ((phases & ProxyPhases.Request) != 0)
                result = await proxy.RequestFilterAsync(_session, _context, Aborted);
            if (result == FilterResult.Responded && down.ResponseWritten is null)
                throw Fault("RequestFilterAsync says that it has answered, and has not");
            if (result == FilterResult.Continue && (phases & ProxyPhases.ProxyUpstream) != 0)
                result = await DeclineAsync(await proxy.ProxyUpstreamFilterAsync(_session, _context, Aborted));
            // A filter that has answered but lets the request go on has answered all the same.
            if (result == FilterResult.Continue && down.ResponseWritten is null)
                await TryAsync();
        }
        catch (Exception e)
        {
            failure = e;
        }

        if (failure is not null)
        {
            error = _tries == 0 ? ToError(failure) : await TryAgainAsync(failure);
            if (error is not null)
                await FailAsync(error);
            await StopPumpAsync();
        }

        if ((phases & ProxyPhases.Logging) != 0)
            await LogAsync(error);
        observer?.End(ref _course, this, error);
        End(error);
    }

    public void OnInput(Connection connection, bool ended)
    {
        if (!ended || !_session.AbortOnClose)
            return;
        _isGone = true;
        _up?.Abort(new NetException(NetErrorKind.ConnectionClosed, "The client has gone", ErrorSource.Downstream));
        // Last, because it runs what filters have registered.
        _aborted?.Cancel();
    }

    public async ValueTask<BodyChunk> ReadBodyAsync()
    {
        // Nobody else asks a client for its body that waits to be asked; the 100 of the upstream is not sent a second time.
        _down.AutoContinue = true;
        var chunk = await _down.ReadBodyAsync();
        _retryBuffer.Add(chunk.Data.Span);
        if (_retryBuffer.IsTruncated)
            throw new ProxyException(ProxyError.Status(413, $"The request's body is larger than the {RetryBuffer.Size} bytes that can be kept for the upstream"));
        return chunk;
    }

    /// <summary>5. An upstream that is declined without a response gets 502.</summary>
    private async ValueTask<FilterResult> DeclineAsync(FilterResult result)
    {
        if (result == FilterResult.Responded && _down.ResponseWritten is null)
            await _session.RespondErrorAsync(502);
        return result;
    }

    /// <summary>6. to 13. once more after a failed try, until a response has begun or trying again cannot help.</summary>
    private async ValueTask<ProxyError?> TryAgainAsync(Exception failure)
    {
        while (true)
        {
            var error = await EndTryAsync(failure);
            if (error.Retry != RetryKind.Always || _tries >= options.MaxTries || _down.ResponseWritten is not null || _isGone)
                return error;
            observer?.Retried(ref _course);
            if (failures.Retries.TryEnter(Worker.Current!, out var skipped))
                LogRetry(logger, _tries, Summary(), FailureLog.Describe(error), skipped);
            try
            {
                await TryAsync();
                return null;
            }
            catch (Exception e)
            {
                failure = e;
            }
        }
    }

    private async ValueTask LogAsync(ProxyError? error)
    {
        try
        {
            await proxy.LoggingAsync(_session, error, _context);
        }
        catch (Exception e)
        {
            LogPhaseFailed(logger, e, "LoggingAsync", Summary());
        }
    }

    private void Begin(ServerSession down, CancellationToken shutdown)
    {
        _session ??= new Session(this);
        _down = down;
        _shutdown = shutdown;
        _tries = 0;
        _isGone = false;
        _hasChosenPeer = false;
        _mustBeNew = false;
        _pumpError = null;
        _client = null;
        _course = default;
        observer?.Begin(ref _course);
        _session.AbortOnClose = true;
        down.AutoContinue = false;
        down.Connection.Watcher = this;
        BeginTrace();
    }

    private void End(ProxyError? error)
    {
        _trace?.End(error);
        _trace = null;
        _down.Connection.Watcher = null;
        if (_up is not null)
            ReleaseUpstream();
        _peer = null;
        _retryBuffer.Clear();
        if ((phases & ProxyPhases.Persist) != 0 && _down.KeepAlive)
            Persist();
        _hasContext = (phases & ProxyPhases.ResetContext) != 0 && TryResetContext();
        if (!_hasContext)
            _context = default!;
        if (_aborted is { } aborted && !aborted.TryReset())
        {
            aborted.Dispose();
            _aborted = null;
        }

        _down = null!;
    }

    private void Persist()
    {
        try
        {
            _down.ConnectionState = proxy.PersistConnectionContext(_session, _context);
        }
        catch (Exception e)
        {
            _down.ConnectionState = null;
            LogPhaseFailed(logger, e, "PersistConnectionContext", Summary());
        }
    }

    private bool TryResetContext()
    {
        try
        {
            return proxy.TryResetContext(_context);
        }
        catch (Exception e)
        {
            LogPhaseFailed(logger, e, "TryResetContext", Summary());
            return false;
        }
    }

    private void ReleaseUpstream()
    {
        connector.Release(_up!, _peer!);
        _up = null;
    }

    private string Summary()
    {
        try
        {
            return LogText.Quote(proxy.RequestSummary(_session, _context));
        }
        catch (Exception e)
        {
            return $"unknown ({e.Message})";
        }
    }

    private static bool IsIdempotent(KnownMethod method) => method
        is KnownMethod.Get or KnownMethod.Head or KnownMethod.Options or KnownMethod.Trace or KnownMethod.Put or KnownMethod.Delete;
}
