using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Securely.Net;

namespace Securely.Http;

/// <summary>An HTTP server: reads requests from its connections and hands each one to a handler.</summary>
/// <remarks>
/// Life of a connection: 1. it waits, holding no memory but itself; 2. bytes arrive: it borrows a session of its worker; 3. the head is read
/// and checked; 4. the handler answers; 5. with another request there already, go to 3; 6. the session goes back; 7. go to 1, or close.
/// </remarks>
public partial class HttpService : ListeningService
{
    private readonly IHttpHandler? _handler;
    private readonly HttpServiceOptions _options;
    private readonly HttpEndpointSettings _settings;
    private FreeSessions<V1ServerSession>[] _sessions = [];
    private RequestCounts _requests = new(0);
    private bool _moves;

    /// <summary>Makes a service; add endpoints to it before it runs.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="handler">Answers the requests.</param>
    /// <param name="options">Defaults when null.</param>
    public HttpService(string name, IHttpHandler handler, HttpServiceOptions? options = null)
        : this(name, options)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _handler = handler;
    }

    /// <summary>For a derived service that answers the requests itself.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="options">Defaults when null.</param>
    protected HttpService(string name, HttpServiceOptions? options)
        : base(name, options ?? new HttpServiceOptions())
    {
        _options = options ?? new HttpServiceOptions();
        _settings = new HttpEndpointSettings(_options.Timeouts, _options.Limits, _options.Http2);
    }

    /// <summary>How many requests it has read whose heads are sound, answered or not. Any thread may read it; approximate under load.</summary>
    public long RequestCount => Volatile.Read(ref _requests).Total;

    /// <summary>The service's logger; does nothing before it runs.</summary>
    protected ILogger Logger { get; private set; } = NullLogger.Instance;

    /// <inheritdoc/>
    protected override ValueTask OnStartedAsync(ServiceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Logger = context.Logger;
        _moves = context.Workers.Options.WorkStealing && context.Workers.Workers.Count > 1;
        _sessions = [.. context.Workers.Workers.Select(_ => new FreeSessions<V1ServerSession>())];
        _streams = [.. context.Workers.Workers.Select(_ => new FreeSessions<V2ServerSession>())];
        Volatile.Write(ref _requests, new RequestCounts(context.Workers.Workers.Count));
        return default;
    }

    /// <summary>Makes what a derived service keeps with each session object, so that serving a request allocates nothing.</summary>
    /// <returns>Default: null.</returns>
    protected virtual object? CreateSessionState() => null;

    /// <summary>Answers one request; the default asks the handler.</summary>
    /// <param name="session">The request and its response.</param>
    /// <param name="shutdown">Cancelled when the service begins to stop.</param>
    /// <returns>A task that ends when the response has been written.</returns>
    protected virtual ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) => _handler!.HandleAsync(session, shutdown);

    /// <summary>
    /// Told of a request that could not be read and that was answered with an error for that; it never reaches <see cref="HandleAsync"/>. Of the
    /// request nothing may be looked at.
    /// </summary>
    /// <param name="session">The client's session, with what it was answered.</param>
    protected virtual void OnRefused(ServerSession session)
    {
    }

    /// <summary>
    /// Whether clients that have nothing to do with each other come from an address, as they do through a balancer, so that none of them suffers for
    /// what another one did. Asked, on the worker, when a client of HTTP/2 has gone too far.
    /// </summary>
    /// <param name="address">The address; null for a Unix socket.</param>
    /// <returns>Default: false.</returns>
    protected virtual bool IsShared(IPAddress? address) => false;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    protected sealed override async ValueTask ServeAsync(Connection connection, CancellationToken shutdown)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var settings = connection.EndpointSettings as HttpEndpointSettings ?? _settings;
        if (settings.Http2 && HasChosenHttp2(connection))
        {
            await ServeHttp2Async(connection, settings, default, shutdown);
            return;
        }

        var patience = settings.Timeouts.Header;
        V1ServerSession? session = null;
        object? state = null;
        var served = 0;
        try
        {
            while (true)
            {
                connection.SetReadDeadline(patience);
                if (!await connection.WaitReadableAsync())
                    return;
                session = Rent(settings, connection, served, state, shutdown);
                do
                {
                    if (!await session.ReadRequestAsync())
                    {
                        if (session.ResponseWritten is not null)
                            OnRefused(session);
                        if (!session.IsHttp2)
                            return;
                        var upgraded = ServeHttp2Async(connection, settings, session.Unread, shutdown);
                        Return(ref session);
                        await upgraded;
                        return;
                    }

                    _requests.Add(connection.Worker!.Index);
                    try
                    {
                        await HandleAsync(session, shutdown);
                    }
                    catch (Exception e) when (e is not NetException error || !IsOfClient(error, connection))
                    {
                        OnHandlerFailed(session, e);
                    }

                    if (!await session.FinishAsync())
                        return;
                }
                while (session.HasUnread);
                served = session.RequestsBefore;
                state = session.ConnectionState;
                Return(ref session);
                patience = settings.Timeouts.Idle;
                if (_moves && !shutdown.IsCancellationRequested && connection.ShouldMove(out var target))
                    await connection.MoveToAsync(target);
            }
        }
        catch (NetException e) when (e.Kind == NetErrorKind.ReadTimedOut && session is null)
        {
            // An idle connection that has waited long enough ends without a word.
        }
        finally
        {
            if (session is not null)
                Return(ref session);
        }
    }

    /// <summary>Whether the client has gone, so that nobody is left to answer. One that is slow still is.</summary>
    private static bool IsOfClient(NetException error, Connection connection) =>
        connection.IsClosed || (ReferenceEquals(error.Connection, connection) && error.Kind != NetErrorKind.ReadTimedOut);

    private void OnHandlerFailed(ServerSession session, Exception error)
    {
        var statusCode = error switch
        {
            HttpBodyException { Origin: ErrorSource.Downstream } e => e.StatusCode,
            NetException { Kind: NetErrorKind.ReadTimedOut } e when ReferenceEquals(e.Connection, session.Connection) => 408,
            _ => 500,
        };
        if (statusCode == 500)
            LogHandlerFailed(Logger, error, session.Request.MethodText, session.Request.PathText);
        session.Fail(statusCode, error);
    }

    private V1ServerSession Rent(HttpEndpointSettings settings, Connection connection, int served, object? state, CancellationToken shutdown)
    {
        if (!_sessions[connection.Worker!.Index].TryTake(settings, out var session))
            session = new V1ServerSession(_options, settings) { SessionState = CreateSessionState() };
        session.Open(connection, served, state, shutdown);
        return session;
    }

    private void Return(ref V1ServerSession? session)
    {
        var free = _sessions[session!.Connection.Worker!.Index];
        session.Close();
        free.Add(session);
        session = null;
    }
}
