namespace Securely.Net;

/// <summary>
/// A connection without a socket of its own (LIS-13): its worker, its deadlines, its watcher and its end. Derived classes move the bytes.
/// </summary>
/// <remarks>
/// It belongs to the worker that uses it first. Whatever happens elsewhere, at the other end or on a clock, is noted under one lock; continuations
/// and the watcher run on the worker, never on the stack of whoever caused them.
/// </remarks>
internal abstract partial class VirtualConnection : Connection
{
    private readonly DeadlineWait _read;
    private readonly DeadlineWait _write;
    private Worker? _worker = Worker.Current;
    private NetException? _reason;
    private bool _isSettled;
    private bool _isWriting;
    private volatile bool _isClosed;

    private protected VirtualConnection(Lock gate)
    {
        Gate = gate;
        _read = new DeadlineWait(gate, OnReadDeadline);
        _write = new DeadlineWait(gate, OnWriteDeadline);
    }

    public sealed override Worker? Worker => _worker;

    public sealed override bool IsClosed => _isClosed;

    /// <summary>Guards what the two sides of the connection, and its clocks, have in common.</summary>
    private protected Lock Gate { get; }

    /// <summary>What errors call the connection.</summary>
    private protected abstract string Name { get; }

    /// <summary>Whether the worker has time left for what runs now; bytes that never end must not take it away from the others.</summary>
    private protected bool HasTurn => _worker is not { } worker || !ReferenceEquals(Worker.Current, worker) || (worker.OperationsLeft > 0 && worker.BytesLeft > 0);

    public sealed override void SetReadDeadline(TimeSpan fromNow)
    {
        Settle();
        lock (Gate)
            _read.SetDeadline(_worker?.Time ?? TimeProvider.System, fromNow);
    }

    public sealed override void SetWriteDeadline(TimeSpan fromNow)
    {
        Settle();
        lock (Gate)
            _write.SetDeadline(_worker?.Time ?? TimeProvider.System, fromNow);
    }

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

    /// <summary>Takes a finished operation off what runs now.</summary>
    private protected void Spend(int bytes)
    {
        if (_worker is not { } worker || !ReferenceEquals(Worker.Current, worker))
            return;
        worker.OperationsLeft--;
        worker.BytesLeft -= bytes;
    }

    /// <summary>What a write needs before it takes anything; under the lock.</summary>
    private protected void CheckWritable()
    {
        ThrowIfClosed();
        if (_isWriting)
            throw new InvalidOperationException("A write is pending already.");
    }

    private protected void BeginWrite()
    {
        Settle();
        CheckOwner();
        lock (Gate)
        {
            CheckWritable();
            _isWriting = true;
        }
    }

    private protected void EndWrite() => _isWriting = false;

    /// <summary>Waits for <see cref="ReleaseWrite"/>, within the write deadline; under the lock.</summary>
    private protected Task WaitToWrite() => _write.Begin();

    /// <summary>Lets a pending write look again; under the lock.</summary>
    private protected void ReleaseWrite() => _write.Release();

    /// <summary>Lets go of the worker until the others have had their turn.</summary>
    private protected static async Task YieldAsync() => await Task.Yield();

    private bool IsElsewhere => _worker is { } worker && !ReferenceEquals(Worker.Current, worker);

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
            _read.Close();
            _write.Close();
        }

        base.Watcher = null;
        OnEnded(isReset);
        OnClosed();
    }

    private void OnReadDeadline() => Post(static self =>
    {
        var connection = (VirtualConnection)self!;
        lock (connection.Gate)
        {
            if (connection._read.HasExpired)
                connection._read.Fail(connection.Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline"));
        }
    });

    private void OnWriteDeadline() => Post(static self =>
    {
        var connection = (VirtualConnection)self!;
        bool hasExpired;
        lock (connection.Gate)
            hasExpired = connection._write.HasExpired;
        // Part of the bytes is on its way: the stream cannot be used any further.
        if (hasExpired)
            connection.Abort(connection.Broken(NetErrorKind.WriteTimedOut, "took nothing before the write deadline"));
    });

    private void Post(Action<object?> work)
    {
        if (_worker is { } worker)
            worker.Post(work, this);
        else
            ThreadPool.UnsafeQueueUserWorkItem(work, this, preferLocal: false);
    }
}
