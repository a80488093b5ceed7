namespace Securely.Net;

/// <summary>
/// The idle connections of one service. Each worker has its own share, which no other worker touches: taking and returning need no lock. What a
/// worker lacks it asks the others for by message.
/// </summary>
public sealed class ConnectionPool
{
    private readonly PoolShare[] _shares;
    private readonly WorkerGroup _workers;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="workers">The workers that use it.</param>
    /// <param name="options">Defaults when null.</param>
    public ConnectionPool(WorkerGroup workers, PoolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(workers);
        _workers = workers;
        options ??= new PoolOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.Size);
        _shares = [.. workers.Workers.Select(w => new PoolShare(w, options))];
    }

    /// <summary>How many connections are idle on all workers. Any thread may read it; approximate under load.</summary>
    public int IdleCount => _shares.Sum(s => s.Count);

    /// <summary>Takes the most recently used idle connection of the current worker.</summary>
    /// <param name="key">What it must have been returned with.</param>
    /// <returns>Null when this worker has none.</returns>
    public Connection? TryTake(PoolKey key)
    {
        var share = Share();
        return share.Count == 0 ? null : share.TryTake(key);
    }

    /// <summary>Takes an idle connection that another worker of the service does not need.</summary>
    /// <param name="key">What it must have been returned with.</param>
    /// <returns>Null when there is none; completes at once when no other worker has anything idle.</returns>
    public ValueTask<Connection?> TakeFromOthersAsync(PoolKey key)
    {
        var own = Share().Worker;
        foreach (var share in _shares)
        {
            if (share.Count > 0 && !ReferenceEquals(share.Worker, own))
                return AskOthersAsync(own, key);
        }

        return default;
    }

    /// <summary>Keeps a connection for another use; it is watched, and closed when its peer ends it or sends anything.</summary>
    /// <param name="key">What it may be taken with.</param>
    /// <param name="connection">A connection of the current worker, between two messages. Another worker's is closed.</param>
    /// <param name="idleTimeout">How long it is kept; <see cref="Timeout.InfiniteTimeSpan"/> for ever, zero not at all.</param>
    /// <param name="rest">How long it is watched before it can be taken, in whole milliseconds; none by default.</param>
    /// <exception cref="InvalidOperationException">It is in a pool already, or the call does not come from a worker of the pool.</exception>
    public void Return(PoolKey key, Connection connection, TimeSpan idleTimeout, TimeSpan rest = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Share().Return(key, connection, idleTimeout, rest);
    }

    private PoolShare Share()
    {
        var worker = Worker.Current;
        if (worker is null || !ReferenceEquals(worker.Group, _workers))
            throw new InvalidOperationException($"The pool belongs to the workers of [{_workers.Name}]; use it there.");
        return _shares[worker.Index];
    }

    private async ValueTask<Connection?> AskOthersAsync(Worker own, PoolKey key)
    {
        for (var i = 1; i < _shares.Length; i++)
        {
            var share = _shares[(own.Index + i) % _shares.Length];
            if (share.Count == 0)
                continue;
            var connection = await share.Worker.RunAsync(() => new ValueTask<Connection?>(share.GiveAway(key, own)));
            if (connection is null)
                continue;
            connection.Attach();
            if (!connection.IsClosed)
                return connection;
        }

        return null;
    }
}
