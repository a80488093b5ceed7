namespace Securely.Net;

/// <summary>What other threads may ask.</summary>
public partial class ListeningService
{
    /// <summary>How many connections it serves now. Any thread may read it.</summary>
    public int ActiveConnections
    {
        get
        {
            var connections = 0;
            foreach (var listener in _open)
                connections += listener.Connections;
            return connections;
        }
    }

    /// <summary>The workers that serve its connections; empty before it runs. Any thread may read it.</summary>
    public IReadOnlyList<Worker> Workers => Volatile.Read(ref _workers)?.Workers ?? [];

    /// <summary>What its listeners do at this moment, in the order of the calls; empty before it is ready. Any thread may call it.</summary>
    public IReadOnlyList<ListenerStatus> ReadListeners() =>
        [.. _open.Select(listener => new ListenerStatus(listener.Address, listener.EndPoint, listener.Connections))];
}
