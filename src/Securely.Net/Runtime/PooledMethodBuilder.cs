using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Securely.Net;

/// <summary>
/// Builds an <c>async ValueTask</c> method whose suspended state comes from a free list of the worker, so that suspending costs no allocation
/// however many connections are suspended in the same method (the framework's pooling builder keeps a few boxes only).
/// It flows no execution context: the engine's own methods start from the worker's empty one.
/// A method that first suspends on a worker has to stay there and to be awaited there; off workers it may end on one thread and be
/// awaited on another, and each suspended method is allocated.
/// Use it with <c>[AsyncMethodBuilder(typeof(PooledMethodBuilder))]</c>; the result may be awaited once.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct PooledMethodBuilder
{
    private PooledBox<byte>? _box;
    private ExceptionDispatchInfo? _error;

    /// <summary>What the method returns.</summary>
    public readonly ValueTask Task => _box is not null ? new ValueTask(_box, _box.Version) : _error is null ? default : ValueTask.FromException(_error.SourceException);

    /// <summary>Makes a builder.</summary>
    /// <returns>An empty builder.</returns>
    public static PooledMethodBuilder Create() => default;

    /// <summary>Runs the method up to its first suspension.</summary>
    /// <typeparam name="TStateMachine">The compiler's state machine.</typeparam>
    /// <param name="stateMachine">The state machine.</param>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <summary>Not used: the state machine is copied into its box once.</summary>
    /// <param name="stateMachine">The state machine.</param>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => ArgumentNullException.ThrowIfNull(stateMachine);

    /// <summary>Completes the method.</summary>
    public readonly void SetResult() => _box?.SetResult(0);

    /// <summary>Completes the method with an error.</summary>
    /// <param name="exception">The error.</param>
    public void SetException(Exception exception)
    {
        var error = ExceptionDispatchInfo.Capture(exception);
        if (_box is null)
            _error = error;
        else
            _box.SetException(error);
    }

    /// <summary>Suspends the method.</summary>
    /// <typeparam name="TAwaiter">The awaiter.</typeparam>
    /// <typeparam name="TStateMachine">The compiler's state machine.</typeparam>
    /// <param name="awaiter">What is waited for.</param>
    /// <param name="stateMachine">The state machine.</param>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(PooledBox<byte>.Suspend(ref _box, ref stateMachine));

    /// <summary>Suspends the method without flowing the execution context.</summary>
    /// <typeparam name="TAwaiter">The awaiter.</typeparam>
    /// <typeparam name="TStateMachine">The compiler's state machine.</typeparam>
    /// <param name="awaiter">What is waited for.</param>
    /// <param name="stateMachine">The state machine.</param>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(PooledBox<byte>.Suspend(ref _box, ref stateMachine));
}

/// <summary>The builder of an <c>async ValueTask&lt;T&gt;</c> method; see <see cref="PooledMethodBuilder"/>.</summary>
/// <typeparam name="T">The result.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct PooledMethodBuilder<T>
{
    private PooledBox<T>? _box;
    private ExceptionDispatchInfo? _error;
    private T _result;

    /// <summary>What the method returns.</summary>
    public readonly ValueTask<T> Task => _box is not null ? new ValueTask<T>(_box, _box.Version) : _error is null ? new ValueTask<T>(_result) : ValueTask.FromException<T>(_error.SourceException);

    /// <summary>Makes a builder.</summary>
    /// <returns>An empty builder.</returns>
    public static PooledMethodBuilder<T> Create() => default;

    /// <inheritdoc cref="PooledMethodBuilder.Start"/>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    /// <inheritdoc cref="PooledMethodBuilder.SetStateMachine"/>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine) => ArgumentNullException.ThrowIfNull(stateMachine);

    /// <summary>Completes the method.</summary>
    /// <param name="result">The result.</param>
    public void SetResult(T result)
    {
        if (_box is null)
            _result = result;
        else
            _box.SetResult(result);
    }

    /// <inheritdoc cref="PooledMethodBuilder.SetException"/>
    public void SetException(Exception exception)
    {
        var error = ExceptionDispatchInfo.Capture(exception);
        if (_box is null)
            _error = error;
        else
            _box.SetException(error);
    }

    /// <inheritdoc cref="PooledMethodBuilder.AwaitOnCompleted"/>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(PooledBox<T>.Suspend(ref _box, ref stateMachine));

    /// <inheritdoc cref="PooledMethodBuilder.AwaitUnsafeOnCompleted"/>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(PooledBox<T>.Suspend(ref _box, ref stateMachine));
}
