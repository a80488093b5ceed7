namespace Securely.Net;

/// <summary>The connections of one peer, oldest first. All of it is guarded by the lock of the <see cref="ConnectionLimit"/>.</summary>
internal sealed class PeerShare(ConnectionLimit limit, ulong key)
{
    internal PeerShare? Next;
    internal PeerShare? Previous;

    private SocketConnection? _first;
    private SocketConnection? _last;

    internal ConnectionLimit Limit { get; } = limit;

    internal ulong Key { get; } = key;

    /// <summary>How many places it has, those of connections included that have not begun yet.</summary>
    internal int Count { get; set; }

    internal void Append(SocketConnection connection)
    {
        connection.Peer = this;
        Link(connection);
    }

    internal void Remove(SocketConnection connection)
    {
        Unlink(connection);
        connection.Peer = null;
    }

    /// <summary>The oldest connection that seems to be idle, else the oldest whose request has not arrived.</summary>
    /// <param name="left">How many more may be looked at.</param>
    internal SocketConnection? Choose(ref int left)
    {
        SocketConnection? unfinished = null;
        for (var looks = Count; looks > 0 && left > 0 && _first is { } connection; looks--)
        {
            left--;
            if (connection.SeemsIdle)
                return connection;
            if (unfinished is null && connection.IsExpendable)
                unfinished = connection;
            // Its peer stays noted meanwhile: a connection that closes now looks for it before it takes the lock.
            Unlink(connection);
            Link(connection);
        }

        return unfinished;
    }

    private void Link(SocketConnection connection)
    {
        connection.PreviousOfPeer = _last;
        if (_last is null)
            _first = connection;
        else
            _last.NextOfPeer = connection;
        _last = connection;
    }

    private void Unlink(SocketConnection connection)
    {
        if (connection.PreviousOfPeer is { } previous)
            previous.NextOfPeer = connection.NextOfPeer;
        else
            _first = connection.NextOfPeer;
        if (connection.NextOfPeer is { } next)
            next.PreviousOfPeer = connection.PreviousOfPeer;
        else
            _last = connection.PreviousOfPeer;
        connection.NextOfPeer = connection.PreviousOfPeer = null;
    }
}
