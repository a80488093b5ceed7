namespace Securely.Net;

/// <summary>
/// The workers of one service; never shared with another service. Start it once; it may be read by any thread.
/// </summary>
public sealed class WorkerGroup : IAsyncDisposable
{
    private readonly Worker[] _workers;
    private int _started;
    private volatile bool _draining;

    /// <summary>Makes the workers; their threads begin with <see cref="Start"/>.</summary>
    /// <param name="name">The service's name; the threads are called <c>NAME/0</c>, <c>NAME/1</c> ...</param>
    /// <param name="threads">How many workers: 1 to 1,024.</param>
    /// <param name="options">Clock, logger, poller; defaults when null.</param>
    public WorkerGroup(string name, int threads, WorkerGroupOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 1024);
        Name = name;
        Options = options ?? new WorkerGroupOptions();
        Poller = Resolve(Options.Poller);
        _workers = new Worker[threads];
        for (var i = 0; i < threads; i++)
            _workers[i] = new Worker(this, i, $"{name}/{i}");
    }

    /// <summary>The service's name.</summary>
    public string Name { get; }

    /// <summary>The workers, by index.</summary>
    public IReadOnlyList<Worker> Workers => _workers;

    /// <summary>What the group was made with.</summary>
    public WorkerGroupOptions Options { get; }

    /// <summary>The poller in use, never <see cref="PollerKind.Default"/>.</summary>
    public PollerKind Poller { get; }

    /// <summary>Set when the service ends: a connection that arrives at a worker from now on does not wait for another message.</summary>
    internal bool IsDraining
    {
        get => _draining;
        set => _draining = value;
    }

    internal WorkerMetrics? Metrics { get; private set; }

    /// <summary>Starts the threads; further calls do nothing.</summary>
    /// <exception cref="NetException">The pollers cannot be made, for want of descriptors (<see cref="NetErrorKind.Internal"/>).</exception>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 1)
            return;
        try
        {
            foreach (var worker in _workers)
                worker.Open();
        }
        catch (NetException)
        {
            foreach (var worker in _workers)
                worker.Discard();
            throw;
        }

        if (Options.Metrics is { } registry)
            Metrics = new WorkerMetrics(registry, this);
        foreach (var worker in _workers)
            worker.Start();
    }

    /// <summary>Aborts what is left and ends the threads.</summary>
    /// <param name="timeout">How long to wait for them; a worker that is blocked by user code is left behind after it.</param>
    /// <returns>A task that ends with the threads, or after the timeout.</returns>
    public async Task StopAsync(TimeSpan timeout)
    {
        foreach (var worker in _workers)
            worker.Stop();
        Metrics?.Dispose();
        if (Volatile.Read(ref _started) == 0)
            return;
        try
        {
            await Task.WhenAll(_workers.Select(w => w.Ended)).WaitAsync(timeout, TimeProvider.System).ConfigureAwait(false);
            foreach (var worker in _workers)
                worker.DiscardPosted();
        }
        catch (TimeoutException)
        {
            // The threads are background threads: they cannot keep the process.
        }
    }

    /// <summary>Stops the workers, waiting 5 s at most.</summary>
    /// <returns>A task that ends with the threads.</returns>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.FromSeconds(5)).ConfigureAwait(false);

    /// <summary>The worker with the fewest connections; with equals, the lowest index, so that a lone client always meets the same worker.</summary>
    internal Worker LeastLoaded()
    {
        var best = _workers[0];
        var load = best.ConnectionCount;
        for (var i = 1; i < _workers.Length && load > 0; i++)
        {
            var other = _workers[i].ConnectionCount;
            if (other >= load)
                continue;
            best = _workers[i];
            load = other;
        }

        return best;
    }

    /// <summary>A worker that has time for a connection of a busy one.</summary>
    internal Worker? Idle(Worker busy)
    {
        foreach (var worker in _workers)
        {
            if (!ReferenceEquals(worker, busy) && worker.ConnectionCount < busy.ConnectionCount && worker.Load.IsIdle(worker.ElapsedTicks()))
                return worker;
        }

        return null;
    }

    internal IPoller CreatePoller(Worker worker) => Poller == PollerKind.Epoll ? new EpollPoller(worker) : new PortablePoller(worker);

    private static PollerKind Resolve(PollerKind kind)
    {
        if (kind != PollerKind.Default)
            return kind == PollerKind.Epoll && !EpollPoller.IsSupported ? throw new PlatformNotSupportedException("Poller [epoll] needs 64-bit Linux; use [portable].") : kind;
        var name = Environment.GetEnvironmentVariable("SECURELY_POLLER");
        return name switch
        {
            null or "" => EpollPoller.IsSupported ? PollerKind.Epoll : PollerKind.Portable,
            "epoll" => Resolve(PollerKind.Epoll),
            "portable" => PollerKind.Portable,
            _ => throw new ArgumentException($"SECURELY_POLLER [{name}] is not a poller; use epoll or portable."),
        };
    }
}
