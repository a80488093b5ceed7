using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// The core of an awaitable that is completed on the worker that awaits it: its continuation runs inline, on that worker's stack.
/// A mutable struct: keep it in a field and never copy it. Only the owning worker touches it.
/// </summary>
/// <typeparam name="T">The result.</typeparam>
public struct InlineCompletion<T>
{
    private Action<object?>? _continuation;
    private object? _state;
    private object? _error;
    private T _result;
    private short _version;
    private bool _completed;

    /// <summary>The token of the present use.</summary>
    public readonly short Version => _version;

    /// <summary>Whether somebody waits for the result.</summary>
    public readonly bool HasWaiter => _continuation is not null;

    /// <summary>Makes it ready for another use; tokens of the last use are invalid from here on.</summary>
    public void Reset()
    {
        _version++;
        _completed = false;
        _result = default!;
        _error = null;
        _continuation = null;
        _state = null;
    }

    /// <summary>Completes with a result and runs the continuation inline.</summary>
    /// <param name="result">The result.</param>
    public void SetResult(T result)
    {
        _result = result;
        Complete();
    }

    /// <summary>Completes with an error and runs the continuation inline.</summary>
    /// <param name="error">The error that the awaiter sees.</param>
    public void SetException(Exception error)
    {
        _error = error;
        Complete();
    }

    /// <summary>Completes with an error that was caught elsewhere, keeping its stack trace.</summary>
    /// <param name="error">The captured error.</param>
    public void SetException(ExceptionDispatchInfo error)
    {
        _error = error;
        Complete();
    }

    /// <inheritdoc cref="IValueTaskSource{T}.GetStatus"/>
    public readonly ValueTaskSourceStatus GetStatus(short token)
    {
        Check(token);
        return !_completed ? ValueTaskSourceStatus.Pending : _error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    /// <inheritdoc cref="IValueTaskSource{T}.GetResult"/>
    public readonly T GetResult(short token)
    {
        Check(token);
        if (!_completed)
            throw new InvalidOperationException("The operation has not completed yet; await it.");
        if (_error is not null)
            Throw(_error);
        return _result;
    }

    /// <inheritdoc cref="IValueTaskSource{T}.OnCompleted"/>
    public void OnCompleted(Action<object?> continuation, object? state, short token)
    {
        Check(token);
        if (_completed)
        {
            if (Worker.Current is { } worker)
                worker.Post(continuation, state);
            else
                ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: true);
            return;
        }

        if (_continuation is not null)
            throw new InvalidOperationException("The operation is awaited already; a ValueTask may be awaited once.");
        _state = state;
        _continuation = continuation;
    }

    private void Complete()
    {
        if (_completed)
            throw new InvalidOperationException("The operation has completed already.");
        _completed = true;
        var continuation = _continuation;
        if (continuation is null)
            return;
        var state = _state;
        _continuation = null;
        _state = null;
        continuation(state);
    }

    private readonly void Check(short token)
    {
        if (token != _version)
            ThrowStale();
    }

    private static void ThrowStale() => throw new InvalidOperationException("The result was taken already; a ValueTask may be awaited once.");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(object error)
    {
        if (error is ExceptionDispatchInfo captured)
            captured.Throw();
        ExceptionDispatchInfo.Throw((Exception)error);
    }
}
