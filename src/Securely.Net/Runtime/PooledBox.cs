using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>A suspended method of <see cref="PooledMethodBuilder"/>: its awaitable result, and in the derived class its state.</summary>
/// <typeparam name="T">The result.</typeparam>
internal abstract class PooledBox<T> : IValueTaskSource<T>, IValueTaskSource
{
    private InlineCompletion<T> _completion;

    private protected PooledBox() => MoveNextAction = MoveNext;

    internal Action MoveNextAction { get; }

    internal short Version => _completion.Version;

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token);

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public T GetResult(short token)
    {
        // Asking too early is an error of the caller's, and no reason to give away the state of a method that still runs.
        if (_completion.GetStatus(token) == ValueTaskSourceStatus.Pending)
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

    internal void SetResult(T result) => _completion.SetResult(result);

    internal void SetException(ExceptionDispatchInfo error) => _completion.SetException(error);

    private protected abstract void MoveNext();

    private protected abstract void Return();
}

/// <summary>The box of one method. Free boxes are kept per thread: workers share none.</summary>
/// <typeparam name="TStateMachine">The compiler's state machine.</typeparam>
/// <typeparam name="T">The result.</typeparam>
internal sealed class PooledBox<TStateMachine, T> : PooledBox<T>
    where TStateMachine : IAsyncStateMachine
{
    private const int MostFree = 1024;

    [ThreadStatic]
    private static PooledBox<TStateMachine, T>? _free;

    internal TStateMachine StateMachine = default!;
    private PooledBox<TStateMachine, T>? _next;
    private int _depth;

    internal static PooledBox<TStateMachine, T> Rent()
    {
        var box = _free;
        if (box is null)
            return new PooledBox<TStateMachine, T>();
        _free = box._next;
        box._next = null;
        return box;
    }

    private protected override void MoveNext() => StateMachine.MoveNext();

    private protected override void Return()
    {
        StateMachine = default!;
        var depth = _free is null ? 1 : _free._depth + 1;
        if (depth > MostFree)
            return;
        _depth = depth;
        _next = _free;
        _free = this;
    }
}
