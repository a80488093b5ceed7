using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One worker's HTTP/2 connections to upstreams, by what decides whether they may be shared, and which upstreams want HTTP/1.1 instead. Only its
/// worker touches it: a connection's streams, buffers and timers belong to one worker, so no other one can use it.
/// </summary>
internal sealed class ClientConnections
{
    private const int MostFreeSessions = 256;
    private const int MostUpstreams = 1024;
    private const long FallbackTime = 10 * 60 * 1000;

    private readonly Dictionary<PoolKey, ClientConnectionGroup> _groups = [];
    private readonly Stack<V2ClientSession> _free = new();

    /// <summary>How many connections there are; for tests.</summary>
    internal int Count => _groups.Values.Sum(group => group.Count);

    /// <summary>A stream of the connection that carries the fewest.</summary>
    /// <returns>Null when all are full, or there is none.</returns>
    internal V2ClientSession? TryTake(HttpPeer peer, UpgradeKind upgrade = UpgradeKind.None) =>
        _groups.TryGetValue(peer.ReuseKey, out var group) && group.FindLeastLoaded(peer.Options.MaxHttp2Streams, upgrade == UpgradeKind.WebSocket) is { } connection
            ? connection.Take(peer.Options)
            : null;

    /// <summary>Whether the upstream has asked for HTTP/1.1 a short while ago, or has it for what the request asks for.</summary>
    internal bool WantsHttp1(HttpPeer peer, UpgradeKind upgrade = UpgradeKind.None) => _groups.TryGetValue(peer.ReuseKey, out var group)
        && ((peer.Options.Protocol == PeerProtocol.Auto && group.Http1Until > Worker.Current!.Now) || (upgrade == UpgradeKind.WebSocket && group.RefusesWebSockets));

    /// <summary>Remembers that the upstream wants HTTP/1.1. It is asked again after ten minutes.</summary>
    internal void PreferHttp1(PoolKey key) => GroupOf(key).Http1Until = Worker.Current!.Now + FallbackTime;

    /// <summary>The connections to an upstream; made on first use.</summary>
    internal ClientConnectionGroup GroupOf(PoolKey key)
    {
        if (_groups.TryGetValue(key, out var group))
            return group;
        if (_groups.Count >= MostUpstreams)
            ForgetUnused();
        group = new ClientConnectionGroup();
        _groups.Add(key, group);
        return group;
    }

    /// <summary>Runs a connection that has just been dialled, and shares it.</summary>
    internal Http2ClientConnection Start(HttpPeer peer, Connection transport)
    {
        var connection = new Http2ClientConnection(this, peer);
        GroupOf(peer.ReuseKey).Add(connection);
        connection.Start(transport);
        return connection;
    }

    /// <summary>A connection takes no more streams.</summary>
    internal void Remove(Http2ClientConnection connection)
    {
        if (_groups.TryGetValue(connection.Key, out var group))
            group.Remove(connection);
    }

    internal V2ClientSession Rent() => _free.TryPop(out var session) ? session : new V2ClientSession();

    internal void Return(V2ClientSession session)
    {
        if (_free.Count < MostFreeSessions)
            _free.Push(session);
    }

    /// <summary>Upstreams that come and go must not fill the memory; one of those in use is never forgotten.</summary>
    private void ForgetUnused()
    {
        var now = Worker.Current!.Now;
        var isFull = true;
        foreach (var (key, group) in _groups)
        {
            if (group.IsUnused && (group.Http1Until <= now))
            {
                _groups.Remove(key);
                isFull = false;
            }
        }

        if (!isFull)
            return;
        foreach (var (key, group) in _groups)
        {
            if (group.IsUnused)
                _groups.Remove(key);
        }
    }
}

/// <summary>The connections of one worker to one upstream.</summary>
internal sealed class ClientConnectionGroup
{
    private readonly List<Http2ClientConnection> _connections = [];
    private TaskCompletionSource? _dialled;

    internal int Count => _connections.Count;

    /// <summary>Until when HTTP/1.1 is spoken, by the clock of the worker.</summary>
    internal long Http1Until { get; set; }

    internal bool IsUnused => _connections.Count == 0 && _dialled is null;

    /// <summary>Whether somebody dials already: whoever else needs a connection waits for that one.</summary>
    internal Task? Dialling => _dialled?.Task;

    /// <summary>Whether a connection has said that its streams cannot become WebSockets, and none that they can.</summary>
    internal bool RefusesWebSockets
    {
        get
        {
            var refuses = false;
            foreach (var connection in _connections)
            {
                if (connection.AllowsWebSockets)
                    return false;
                refuses |= connection.IsIntroduced;
            }

            return refuses;
        }
    }

    internal Http2ClientConnection? FindLeastLoaded(int mostStreams, bool forWebSocket)
    {
        Http2ClientConnection? best = null;
        foreach (var connection in _connections)
        {
            if (connection.HasRoom(mostStreams) && (!forWebSocket || connection.AllowsWebSockets) && (best is null || connection.InUse < best.InUse))
                best = connection;
        }

        return best;
    }

    internal void Add(Http2ClientConnection connection) => _connections.Add(connection);

    internal void Remove(Http2ClientConnection connection) => _connections.Remove(connection);

    internal void BeginDial() => _dialled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void EndDial()
    {
        var dialled = _dialled;
        _dialled = null;
        dialled!.SetResult();
    }
}
