using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// A suspended method of <see cref="PooledMethodBuilder"/>: its awaitable result, and in the derived class its state.
/// One made on a worker is touched by that worker alone. One made elsewhere may end on one thread while another awaits it: a lock orders the two.
/// </summary>
/// <typeparam name="T">The result.</typeparam>
internal abstract class PooledBox<T> : IValueTaskSource<T>, IValueTaskSource
{
    private readonly Lock? _order = Worker.Current is null ? new Lock() : null;
    private InlineCompletion<T> _completion;

    private protected PooledBox() => MoveNextAction = MoveNext;

    internal Action MoveNextAction { get; }

    internal short Version => _completion.Version;

    private protected bool IsOfWorker => _order is null;

    public ValueTaskSourceStatus GetStatus(short token)
    {
        if (_order is null)
            return _completion.GetStatus(token);
        lock (_order)
            return _completion.GetStatus(token);
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (_order is null)
        {
            _completion.OnCompleted(continuation, state, token);
            return;
        }

        lock (_order)
            _completion.OnCompleted(continuation, state, token);
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public T GetResult(short token)
    {
        // Asking too early is an error of the caller's, and no reason to give away the state of a method that still runs.
        if (GetStatus(token) == ValueTaskSourceStatus.Pending)
            return _completion.GetResult(token);
        try
        {
            return _completion.GetResult(token);
        }
        finally
        {
            _completion.Reset();
            Return();
        }
    }

    /// <summary>Gives the continuation of a method that suspends, taking a box on its first suspension.</summary>
    internal static Action Suspend<TStateMachine>(ref PooledBox<T>? box, ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (box is not null)
            return box.MoveNextAction;
        var taken = PooledBox<TStateMachine, T>.Rent();
        // The builder lives inside the state machine: it has to know its box before the copy is made.
        box = taken;
        taken.StateMachine = stateMachine;
        return taken.MoveNextAction;
    }

    internal void SetResult(T result) => End(result, null);

    internal void SetException(ExceptionDispatchInfo error) => End(default!, error);

    private protected abstract void MoveNext();

    private protected abstract void Return();

    private void End(T result, ExceptionDispatchInfo? error)
    {
        if (_order is not null)
        {
            lock (_order)
            {
                if (!_completion.HasWaiter)
                {
                    Complete(result, error);
                    return;
                }
            }
        }

        // A waiter stays until it is called, and it is not called inside the lock: it may run for long.
        Complete(result, error);
    }

    private void Complete(T result, ExceptionDispatchInfo? error)
    {
        if (error is null)
            _completion.SetResult(result);
        else
            _completion.SetException(error);
    }
}

/// <summary>The box of one method. Free boxes are kept per worker: workers share none, and other threads keep none.</summary>
/// <typeparam name="TStateMachine">The compiler's state machine.</typeparam>
/// <typeparam name="T">The result.</typeparam>
internal sealed class PooledBox<TStateMachine, T> : PooledBox<T>
    where TStateMachine : IAsyncStateMachine
{
    private const int MostFree = 1024;

    [ThreadStatic]
    private static FreeList? _free;

    internal TStateMachine StateMachine = default!;
    private PooledBox<TStateMachine, T>? _next;

    internal static PooledBox<TStateMachine, T> Rent()
    {
        if (_free is not { First: { } box } free)
            return Make();
        free.First = box._next;
        free.Count--;
        box._next = null;
        return box;
    }

    private protected override void MoveNext() => StateMachine.MoveNext();

    private protected override void Return()
    {
        StateMachine = default!;
        if (_free is not { Count: < MostFree } free || !IsOfWorker)
            return;
        _next = free.First;
        free.First = this;
        free.Count++;
    }

    private static PooledBox<TStateMachine, T> Make()
    {
        if (Worker.Current is not null)
            _free ??= new FreeList();
        return new PooledBox<TStateMachine, T>();
    }

    private sealed class FreeList
    {
        internal PooledBox<TStateMachine, T>? First;
        internal int Count;
    }
}
