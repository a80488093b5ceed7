namespace Securely.Net;

/// <summary>
/// One worker's part of a pool: the idle connections of each key, newest first, and all of them in the order of their last use. Only its worker
/// touches it, but for <see cref="Count"/>.
/// </summary>
internal sealed class PoolShare(Worker worker, PoolOptions options)
{
    private const int MostEmptyKeys = 256;

    private readonly Dictionary<PoolKey, Idle> _newestByKey = [];
    private readonly Idle _lru = new();
    private Idle? _free;
    private int _count;
    private int _emptyKeys;

    internal Worker Worker { get; } = worker;

    internal int Count => Volatile.Read(ref _count);

    /// <summary>Whether the connection is idle in some pool.</summary>
    internal static bool Holds(Connection connection) => (connection.Wrapper ?? connection).Watcher is Idle;

    internal Connection? TryTake(PoolKey key)
    {
        if (!_newestByKey.TryGetValue(key, out var ring) || ring.NewerOfKey == ring)
            return null;
        var idle = ring.NewerOfKey!;
        if (idle.RestsUntil > Worker.Now)
        {
            // Where the newest rests, the oldest is the likeliest to have rested.
            idle = ring.OlderOfKey!;
            if (idle.RestsUntil > Worker.Now)
                return null;
        }

        return Remove(idle);
    }

    /// <summary>Gives the connection of the key that has been idle longest, if it is surplus here. It is detached and belongs to the taker.</summary>
    internal Connection? GiveAway(PoolKey key, Worker taker)
    {
        if (!_newestByKey.TryGetValue(key, out var ring))
            return null;
        for (var idle = ring.OlderOfKey!; idle != ring; idle = idle.OlderOfKey!)
        {
            if (idle.Connection is not { CanDetach: true } connection || idle.RestsUntil > Worker.Now)
                continue;
            if (Worker.Now - idle.Since < options.SurplusAge.TotalMilliseconds)
                return null;
            Remove(idle);
            connection.Detach(taker);
            return connection;
        }

        return null;
    }

    internal void Return(PoolKey key, Connection connection, TimeSpan idleTimeout, TimeSpan rest)
    {
        if (Holds(connection))
            throw new InvalidOperationException($"Connection [{connection.Digest.RemoteEndPoint}] is in a pool already; a connection is returned once.");
        // What lives on another thread could not be watched from here.
        if (idleTimeout == TimeSpan.Zero || options.Size == 0 || !ReferenceEquals(connection.Worker, Worker) || !connection.IsQuiet(probe: false))
        {
            connection.Close();
            return;
        }

        if (_count >= options.Size)
            Remove(_lru.Newer!).Close();
        var idle = _free ?? new Idle { Share = this };
        _free = idle.Next;
        idle.Next = null;
        idle.Connection = connection;
        idle.Since = Worker.Now;
        idle.RestsUntil = rest == TimeSpan.Zero ? 0 : Worker.Now + (long)rest.TotalMilliseconds;
        idle.Ring = RingOf(key);
        if (idle.Ring.NewerOfKey == idle.Ring)
            _emptyKeys--;
        idle.Link(_lru);
        connection.Watcher = idle;
        if (idleTimeout != Timeout.InfiniteTimeSpan)
        {
            idle.Timer ??= new WorkerTimer(static self => ((Idle)self!).Drop(), idle);
            idle.Timer.Set(Worker, idleTimeout);
        }

        Volatile.Write(ref _count, _count + 1);
    }

    private Connection Remove(Idle idle)
    {
        var connection = idle.Connection!;
        connection.Watcher = null;
        idle.Unlink();
        if (idle.Ring!.NewerOfKey == idle.Ring)
            _emptyKeys++;
        idle.Timer?.Clear();
        idle.Connection = null;
        idle.Ring = null;
        idle.Next = _free;
        _free = idle;
        Volatile.Write(ref _count, _count - 1);
        return connection;
    }

    private Idle RingOf(PoolKey key)
    {
        if (_newestByKey.TryGetValue(key, out var ring))
            return ring;
        if (_emptyKeys > MostEmptyKeys)
            ForgetEmptyKeys();
        ring = new Idle();
        _newestByKey.Add(key, ring);
        _emptyKeys++;
        return ring;
    }

    private void ForgetEmptyKeys()
    {
        foreach (var (key, ring) in _newestByKey)
        {
            if (ring.NewerOfKey == ring)
                _newestByKey.Remove(key);
        }

        _emptyKeys = 0;
    }

    /// <summary>
    /// An idle connection as a node of two rings, and its watcher. A ring's own head is a node without a connection. In the ring of a key the
    /// head's newer neighbour is the newest; in the ring of all, the head's newer neighbour is the least recently used.
    /// </summary>
    private sealed class Idle : IConnectionWatcher
    {
        internal Idle? Next;
        internal Idle? Newer;
        internal Idle? Older;
        internal Idle? NewerOfKey;
        internal Idle? OlderOfKey;
        internal Idle? Ring;
        internal PoolShare? Share;
        internal Connection? Connection;
        internal WorkerTimer? Timer;
        internal long Since;
        internal long RestsUntil;

        internal Idle() => Newer = Older = NewerOfKey = OlderOfKey = this;

        public void OnInput(Connection connection, bool ended) => Drop();

        internal void Link(Idle all)
        {
            Older = all.Older;
            Newer = all;
            all.Older!.Newer = this;
            all.Older = this;
            OlderOfKey = Ring!;
            NewerOfKey = Ring!.NewerOfKey;
            Ring.NewerOfKey!.OlderOfKey = this;
            Ring.NewerOfKey = this;
        }

        internal void Unlink()
        {
            Older!.Newer = Newer;
            Newer!.Older = Older;
            OlderOfKey!.NewerOfKey = NewerOfKey;
            NewerOfKey!.OlderOfKey = OlderOfKey;
            Newer = Older = NewerOfKey = OlderOfKey = this;
        }

        internal void Drop()
        {
            if (Connection is not null)
                Share!.Remove(this).Close();
        }
    }
}
