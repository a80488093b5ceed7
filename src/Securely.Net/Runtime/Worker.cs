using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Securely.Net;

/// <summary>
/// One thread that owns a poller, a run queue, a timer wheel, its buffers and its connections. What belongs to a worker is touched by that
/// worker only, so nothing of it needs a lock. Awaits of the library's own operations resume inline on it; its synchronization context brings
/// everything else back.
/// </summary>
/// <remarks>
/// A loop turn: 1. the poller's events, in groups whose input is received first and whose small answers are sent last, 2. work posted by other
/// threads, 3. the run queue as it stood, 4. timers that are due.
/// Blocking a worker blocks all of its connections: a turn of over 100 ms is logged with what ran.
/// </remarks>
public sealed partial class Worker
{
    /// <summary>The longest turn that is not logged, in milliseconds.</summary>
    internal const int SlowTurn = 100;

    /// <summary>What one callback may do before it yields to the other connections: operations.</summary>
    internal const int OperationBudget = 64;

    /// <summary>What one callback may do before it yields to the other connections: bytes.</summary>
    internal const int ByteBudget = 128 * 1024;

    [ThreadStatic]
    private static Worker? _current;

    private readonly ConcurrentQueue<(Delegate Work, object? State)> _posted = new();
    private readonly Queue<IRunnable> _ready = new();
    private readonly WorkerGroup _group;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WorkerSynchronizationContext _context;
    private ITimer? _alarm;
    private ExecutionContext? _empty;
    private long _turnStarted;
    private int _sleeping;
    private volatile bool _stopping;

    internal Worker(WorkerGroup group, int index, string name)
    {
        _group = group;
        _time = group.Options.Time;
        _origin = _time.GetTimestamp();
        _logger = group.Options.Logger;
        Index = index;
        Name = name;
        Timers = new TimerWheel(0, RunTimer, HasTimersLongEnough);
        _context = new WorkerSynchronizationContext(this);
        Buffers = new SlabPool(this);
        Held = new HeldSends(this);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    /// <summary>The worker whose thread this is; null on every other thread.</summary>
    public static Worker? Current => _current;

    /// <summary>Its number inside its group, from 0.</summary>
    public int Index { get; }

    /// <summary>The service's name and the number; also the thread's name.</summary>
    public string Name { get; }

    /// <summary>The workers of the same service.</summary>
    public WorkerGroup Group => _group;

    /// <summary>Milliseconds since the worker began, monotonic, read once a loop turn.</summary>
    public long Now { get; private set; }

    /// <summary>The clock of the group.</summary>
    public TimeProvider Time => _time;

    /// <summary>The buffers of this worker.</summary>
    public SlabPool Buffers { get; }

    /// <summary>How many connections it serves; other threads may read it.</summary>
    public int ConnectionCount => Volatile.Read(ref _load);

    /// <summary>The share of the last tenth of a second in which it was busy, from 0 to 1; other threads may read it.</summary>
    public double LoadRatio => Load.Ratio(ElapsedTicks());

    /// <summary>What the engine does right now, for the log of a slow turn.</summary>
    public object? Activity { get; set; }

    internal TimerWheel Timers { get; }

    internal WorkerLoad Load { get; } = new();

    /// <summary>Small writes that wait for the end of a group of events.</summary>
    internal HeldSends Held { get; }

    /// <summary>What is counted on this worker; null when its group has no registry.</summary>
    internal MetricCells? Cells { get; private set; }

    internal IPoller Poller { get; private set; } = null!;

    internal int OperationsLeft { get; set; }

    internal int BytesLeft { get; set; }

    internal SocketConnection? FirstConnection { get; set; }

    internal Task Ended => _ended.Task;

    private int _load;

    /// <summary>Runs work on this worker, after what it does now. Any thread may call it.</summary>
    /// <param name="work">What to run.</param>
    /// <param name="state">Handed to it.</param>
    public void Post(Action<object?> work, object? state)
    {
        ArgumentNullException.ThrowIfNull(work);
        Enqueue(work, state);
    }

    /// <summary>Runs asynchronous work on this worker from any thread.</summary>
    /// <typeparam name="T">The result.</typeparam>
    /// <param name="work">What to run; its awaits resume on this worker.</param>
    /// <returns>Its result.</returns>
    public Task<T> RunAsync<T>(Func<ValueTask<T>> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(static state => _ = CompleteAsync(((Func<ValueTask<T>>, TaskCompletionSource<T>))state!), (work, result));
        return result.Task;

        static async Task CompleteAsync((Func<ValueTask<T>> Work, TaskCompletionSource<T> Result) call)
        {
            try
            {
                call.Result.TrySetResult(await call.Work());
            }
            catch (OperationCanceledException e)
            {
                call.Result.TrySetCanceled(e.CancellationToken);
            }
            catch (Exception e)
            {
                call.Result.TrySetException(e);
            }
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<ValueTask> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    internal void PostCallback(SendOrPostCallback work, object? state) => Enqueue(work, state);

    /// <summary>Makes the poller, before the thread starts, so that whoever starts the workers learns when that fails.</summary>
    /// <exception cref="NetException">There are no descriptors left.</exception>
    internal void Open()
    {
        Poller = _group.CreatePoller(this);
        Cells = _group.Options.Metrics?.AddWorker();
    }

    internal void Start() => _thread.UnsafeStart();

    /// <summary>Ends a worker whose thread never starts.</summary>
    internal void Discard()
    {
        Poller?.Dispose();
        EndCells();
        _ended.TrySetResult();
    }

    /// <summary>Gives up what was posted and never ran; the thread has ended.</summary>
    internal void DiscardPosted()
    {
        while (_posted.TryDequeue(out var item))
            (item.State as IUndelivered)?.Discard();
    }

    internal void Stop()
    {
        _stopping = true;
        Poller?.Wake();
    }

    /// <summary>Runs the item in a later part of the loop, on this worker only.</summary>
    internal void Yield(IRunnable item) => _ready.Enqueue(item);

    internal void AddLoad(int by) => Interlocked.Add(ref _load, by);

    /// <summary>Gives a fresh budget to what runs next.</summary>
    internal void RefillBudget()
    {
        OperationsLeft = OperationBudget;
        BytesLeft = ByteBudget;
    }

    private void EndCells()
    {
        if (Cells is not null)
            Cells.Registry.Retire(Cells);
    }

    private void Enqueue(Delegate work, object? state)
    {
        _posted.Enqueue((work, state));
        if (!ReferenceEquals(_current, this) && Interlocked.Exchange(ref _sleeping, 0) == 1)
            Poller?.Wake();
    }
}

/// <summary>Something in a worker's run queue.</summary>
internal interface IRunnable
{
    void Run();
}

/// <summary>Something posted that holds a resource, which is given back when nobody takes it any more.</summary>
internal interface IUndelivered
{
    void Discard();
}
