namespace Securely.Net;

/// <summary>The connections of one worker that hold a small write until the end of a group of events.</summary>
internal sealed class HeldSends(Worker worker)
{
    private const int Most = 64;

    private readonly SocketConnection[] _connections = new SocketConnection[Most];
    private int _count;

    /// <summary>Whether writes may be held: <see cref="End"/> is sure to follow in this turn.</summary>
    internal bool IsOpen { get; private set; }

    internal void Begin() => IsOpen = true;

    internal void Add(SocketConnection connection)
    {
        _connections[_count++] = connection;
        if (_count == Most)
            Flush();
    }

    internal void End()
    {
        IsOpen = false;
        Flush();
    }

    /// <summary>Sends everything that is held, in the order in which it was written.</summary>
    internal void Flush()
    {
        for (var i = 0; i < _count; i++)
        {
            var connection = _connections[i];
            // One that has moved on has taken what it held with it.
            if (ReferenceEquals(connection.Worker, worker))
                connection.EndHold();
        }

        Array.Clear(_connections, 0, _count);
        _count = 0;
    }
}
