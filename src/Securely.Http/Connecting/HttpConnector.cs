using System.Net.Sockets;
using Securely.Net;

namespace Securely.Http;

/// <summary>Gives connections to upstreams: pooled ones, streams of shared ones, or new ones. Call it on a worker of the group that it was made for.</summary>
public sealed partial class HttpConnector
{
    // Upstreams that send a body to HEAD, or with a 204 or 304, do it in a segment of its own soon after the head: what is not taken for a
    // while is closed by it, and nobody gets that body for an answer.
    private static readonly TimeSpan _restWithoutBody = TimeSpan.FromMilliseconds(2);

    private readonly ConnectionPool _pool;
    private readonly HttpConnectorOptions _options;
    private readonly ClientConnections[] _shared;

    /// <summary>Makes a connector with an empty pool.</summary>
    /// <param name="workers">The workers that use it.</param>
    /// <param name="options">Defaults when null.</param>
    public HttpConnector(WorkerGroup workers, HttpConnectorOptions? options = null)
    {
        _options = options ?? new HttpConnectorOptions();
        _pool = new ConnectionPool(workers, new PoolOptions { Size = _options.PoolSize });
        _shared = [.. workers.Workers.Select(_ => new ClientConnections())];
    }

    /// <summary>How many connections are idle. Any thread may read it.</summary>
    public int IdleCount => _pool.IdleCount;

    /// <summary>Takes a pooled connection of the current worker.</summary>
    /// <param name="peer">The upstream.</param>
    /// <param name="probe">Ask the kernel whether it still lives, for a request that must not be sent twice.</param>
    /// <param name="upgrade">What the request asks its connection to become.</param>
    /// <returns>Null when there is none.</returns>
    public ClientSession? TryTake(HttpPeer peer, bool probe, UpgradeKind upgrade = UpgradeKind.None)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.MaySpeakHttp2 && upgrade != UpgradeKind.Other)
        {
            if (Shared.TryTake(peer, upgrade) is { } stream)
                return stream;
            if (!Shared.WantsHttp1(peer, upgrade))
                return null;
        }

        while (_pool.TryTake(peer.ReuseKey) is { } connection)
        {
            if ((probe || connection.Attachment is V1ClientSession { MayBeFollowedByBody: true }) && !connection.IsQuiet(probe: true))
            {
                connection.Close();
                continue;
            }

            return Begin(connection, peer, isReused: true);
        }

        return null;
    }

    /// <summary>Takes a connection that another worker has to spare, or makes a new one.</summary>
    /// <param name="peer">The upstream.</param>
    /// <param name="onlyNew">Whether a connection that somebody else has made will not do.</param>
    /// <param name="upgrade">What the request asks its connection to become. Where HTTP/2 does not carry that, HTTP/1.1 is spoken.</param>
    /// <returns>A session on an established connection.</returns>
    /// <exception cref="NetException">It cannot be reached; the kind says why.</exception>
    public async ValueTask<ClientSession> ConnectAsync(HttpPeer peer, bool onlyNew, UpgradeKind upgrade = UpgradeKind.None)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.MaySpeakHttp2 && upgrade != UpgradeKind.Other && !Shared.WantsHttp1(peer, upgrade))
        {
            var connect = upgrade == UpgradeKind.WebSocket ? ConnectWebSocketAsync(peer) : ConnectHttp2Async(peer, onlyNew);
            if (await connect is { } shared)
                return shared;
        }

        while (!onlyNew && await _pool.TakeFromOthersAsync(peer.ReuseKey) is { } spare)
        {
            // Nobody has watched it on its way.
            if (spare.IsQuiet(probe: true))
                return Begin(spare, peer, isReused: true);
            spare.Close();
        }

        return Begin(await DialAsync(peer, onlyHttp1: true), peer, isReused: false);
    }

    /// <summary>Ends a request: its connection goes back to the pool when it can carry another one, else it is closed.</summary>
    /// <param name="session">The session; not used afterwards.</param>
    /// <param name="peer">The upstream.</param>
    public void Release(ClientSession session, HttpPeer peer)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(peer);
        if (session is V2ClientSession stream)
        {
            stream.Owner.Return(stream);
            return;
        }

        var connection = session.Connection;
        var canReuse = session.CanReuse(out var promised);
        session.End();
        if (!canReuse)
        {
            connection.Close();
            return;
        }

        var idle = peer.Options.IdleTimeout ?? Timeout.InfiniteTimeSpan;
        if (promised is { } limit && (idle == Timeout.InfiniteTimeSpan || limit < idle))
            idle = limit;
        _pool.Return(peer.ReuseKey, connection, idle, session is V1ClientSession { MayBeFollowedByBody: true } ? _restWithoutBody : TimeSpan.Zero);
    }

    private async ValueTask<Connection> DialAsync(HttpPeer peer, bool onlyHttp1)
    {
        var started = peer.Tls is null ? 0 : Worker.Current!.Now;
        var connection = peer.Options.Connect is { } connect
            ? await MakeAsync(connect, peer)
            : await TcpConnector.ConnectAsync(peer.Address, peer.ConnectOptions(_options.SourceAddresses));
        return peer.Tls is null
            ? connection
            : await TlsConnector.HandshakeAsync(connection, peer.OfferTls(onlyHttp1), peer.HandshakeTimeout(Worker.Current!.Now - started));
    }

    private static V1ClientSession Begin(Connection connection, HttpPeer peer, bool isReused)
    {
        var session = connection.Attachment as V1ClientSession;
        if (session is null)
        {
            session = new V1ClientSession(connection);
            connection.Attachment = session;
        }

        session.Begin(peer.Options, isReused);
        return session;
    }

    private static async ValueTask<Connection> MakeAsync(Func<HttpPeer, ValueTask<Connection>> connect, HttpPeer peer)
    {
        try
        {
            var limit = peer.ConnectTimeout;
            return limit == Timeout.InfiniteTimeSpan ? await connect(peer) : await MakeWithinAsync(connect(peer), limit);
        }
        catch (TimeoutException)
        {
            throw new NetException(NetErrorKind.ConnectTimedOut, $"Peer [{peer}] was not dialled in time", ErrorSource.Upstream);
        }
        catch (Exception e) when (e is SocketException or IOException and not NetException)
        {
            throw new NetException(NetErrorKind.ConnectError, $"Peer [{peer}] cannot be dialled: {e.Message}", ErrorSource.Upstream, e);
        }
    }

    private static async ValueTask<Connection> MakeWithinAsync(ValueTask<Connection> pending, TimeSpan limit)
    {
        if (pending.IsCompleted)
            return await pending;
        var task = pending.AsTask();
        try
        {
            return await task.WaitAsync(limit, Worker.Current!.Time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            CloseWhenMadeAsync(task).Forget();
            throw;
        }
    }

    private static async ValueTask CloseWhenMadeAsync(Task<Connection> late)
    {
        try
        {
            (await late).Close();
        }
        catch (Exception)
        {
            // It was given up already.
        }
    }
}
