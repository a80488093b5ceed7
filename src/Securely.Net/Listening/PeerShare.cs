namespace Securely.Net;

/// <summary>The connections of one peer, oldest first. All of it is guarded by the lock of the <see cref="ConnectionLimit"/>.</summary>
internal sealed class PeerShare(ConnectionLimit limit, ulong key)
{
    // The other peers that hold as many, and the other peers of the same bucket.
    internal PeerShare? Next;
    internal PeerShare? Previous;
    internal PeerShare? NextInBucket;

    // A ring: the one before the first is the last.
    private SocketConnection? _first;

    internal ConnectionLimit Limit { get; } = limit;

    internal ulong Key { get; } = key;

    /// <summary>How many places it has, those of connections included that have not begun yet.</summary>
    internal int Count { get; set; }

    internal void Append(SocketConnection connection)
    {
        connection.Peer = this;
        if (_first is null)
        {
            _first = connection.NextOfPeer = connection.PreviousOfPeer = connection;
            return;
        }

        var last = _first.PreviousOfPeer!;
        last.NextOfPeer = _first.PreviousOfPeer = connection;
        connection.PreviousOfPeer = last;
        connection.NextOfPeer = _first;
    }

    internal void Remove(SocketConnection connection)
    {
        var next = connection.NextOfPeer!;
        var previous = connection.PreviousOfPeer!;
        next.PreviousOfPeer = previous;
        previous.NextOfPeer = next;
        if (ReferenceEquals(_first, connection))
            _first = ReferenceEquals(next, connection) ? null : next;
        connection.NextOfPeer = connection.PreviousOfPeer = null;
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
            // Turning the ring makes it the youngest.
            _first = connection.NextOfPeer;
        }

        return unfinished;
    }
}
