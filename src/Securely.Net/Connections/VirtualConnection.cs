using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// A connection without a socket of its own (LIS-13): its worker, its deadlines, its watcher and its end. Derived classes move the bytes.
/// </summary>
/// <remarks>
/// It belongs to the worker that uses it first. Whatever happens elsewhere, at the other end or on a clock, is noted under one lock; continuations
/// and the watcher run on the worker, or on the thread pool without one, and never on the stack of whoever caused them.
/// </remarks>
internal abstract partial class VirtualConnection : Connection, IValueTaskSource<int>, IValueTaskSource<bool>, IValueTaskSource
{
    private readonly OperationDeadline _readDeadline;
    private readonly OperationDeadline _writeDeadline;
    private Worker? _worker = Worker.Current;
    private NetException? _reason;
    private bool _isSettled;
    private volatile bool _isClosed;

    private protected VirtualConnection(Lock gate)
    {
        Gate = gate;
        _readDeadline = new OperationDeadline(() => Post(static self => ((VirtualConnection)self!).OnReadDeadline()));
        _writeDeadline = new OperationDeadline(() => Post(static self => ((VirtualConnection)self!).OnWriteDeadline()));
    }

    public sealed override Worker? Worker => _worker;

    public sealed override bool IsClosed => _isClosed;

    /// <summary>Guards what the two sides of the connection, and its clocks, have in common.</summary>
    private protected Lock Gate { get; }

    /// <summary>What errors call the connection.</summary>
    private protected abstract string Name { get; }

    public sealed override void Abort(NetException reason)
    {
        if (_isClosed)
            return;
        if (IsElsewhere)
        {
            _worker!.Post(static call =>
            {
                var (connection, why) = ((VirtualConnection, NetException))call!;
                connection.Abort(why);
            }, (this, reason));
            return;
        }

        End(reason, isReset: true);
    }

    public sealed override void Close()
    {
        if (_isClosed)
            return;
        if (IsElsewhere)
            _worker!.Post(static connection => ((VirtualConnection)connection!).Close(), this);
        else
            End(Broken(NetErrorKind.ConnectionClosed, "is closed"), isReset: false);
    }

    /// <summary>Tells the other side, under the lock.</summary>
    private protected abstract void Leave(bool isReset);

    /// <summary>Lets go of what the connection was made of, outside of the lock.</summary>
    private protected virtual void OnEnded(bool isReset)
    {
    }

    private protected NetException Broken(NetErrorKind kind, string what, Exception? cause = null) =>
        new(kind, $"Connection [{Name}] {what}", innerException: cause) { Connection = this };

    private protected void ThrowIfClosed()
    {
        if (_isClosed)
            throw _reason!;
    }

    /// <summary>Whoever uses it first has it.</summary>
    private protected void Settle()
    {
        if (_isSettled)
            return;
        _isSettled = true;
        _worker = Worker.Current;
    }

    /// <summary>Whether the worker has time left for what runs now; bytes that never end must not take it away from the others.</summary>
    private protected bool HasTurn => _worker is not { } worker || !ReferenceEquals(Worker.Current, worker) || (worker.OperationsLeft > 0 && worker.BytesLeft > 0);

    /// <summary>Takes a finished operation off what runs now.</summary>
    private protected void Spend(int bytes)
    {
        if (_worker is not { } worker || !ReferenceEquals(Worker.Current, worker))
            return;
        worker.OperationsLeft--;
        worker.BytesLeft -= bytes;
    }

    private bool IsElsewhere => _worker is { } worker && !ReferenceEquals(Worker.Current, worker);

    private TimeProvider Time => _worker?.Time ?? TimeProvider.System;

    private void CheckOwner()
    {
        if (IsElsewhere)
            throw new InvalidOperationException($"The connection belongs to worker [{_worker!.Name}]; use it there, without ConfigureAwait(false) before it.");
    }

    private void End(NetException reason, bool isReset)
    {
        lock (Gate)
        {
            if (_isClosed)
                return;
            _reason = reason;
            _isClosed = true;
            Leave(isReset);
            _readDeadline.Close();
            _writeDeadline.Close();
            QueueRead();
            QueueWrite();
        }

        base.Watcher = null;
        OnEnded(isReset);
        OnClosed();
    }

    /// <summary>On its worker the connection is awaited inline, as sockets are; elsewhere as the awaiter wants it.</summary>
    private ValueTaskSourceOnCompletedFlags Here(ValueTaskSourceOnCompletedFlags flags) => _worker is null ? flags : ValueTaskSourceOnCompletedFlags.None;

    private void Post(Action<object?> work)
    {
        if (_worker is { } worker)
            worker.Post(work, this);
        else
            ThreadPool.UnsafeQueueUserWorkItem(work, this, preferLocal: false);
    }
}
