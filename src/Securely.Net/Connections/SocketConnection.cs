using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// A socket on a worker: readiness, pending operations and deadlines, whatever the poller. Derived classes make the system calls.
/// </summary>
/// <remarks>
/// A read is tried first; a short read clears readiness, because an edge will announce the next bytes. Pending operations are completed inline
/// from the poller's dispatch, but an abort, which comes from another connection's stack, completes them from the run queue.
/// </remarks>
internal abstract partial class SocketConnection : Connection, IRunnable, IValueTaskSource<int>, IValueTaskSource<bool>, IValueTaskSource
{
    internal SocketConnection? NextConnection;
    private SocketConnection? _previousConnection;

    // The row of its peer's connections, guarded by the lock of the peer's limit. Null where connections are not limited.
    internal PeerShare? Peer;
    internal SocketConnection? NextOfPeer;
    internal SocketConnection? PreviousOfPeer;

    private readonly long _establishedAt;
    private NetException? _abortReason;
    private bool _queued;
    private bool _counted;
    private bool _isClosed;
    private Worker _worker;

    private protected SocketConnection(Worker worker, EndPoint? remote)
    {
        _worker = worker;
        Remote = remote;
        _establishedAt = worker.Now;
    }

    public sealed override Worker Worker => _worker;

    public sealed override bool IsClosed => _isClosed;

    public sealed override IPAddress? RemoteAddress => (Remote as IPEndPoint)?.Address;

    internal EndPoint? Remote { get; }

    /// <summary>When the kernel received what was read last; null unless the listener asked for it.</summary>
    internal virtual DateTimeOffset? LastReceivedAt => null;

    private protected bool HasPending => _readMode != ReadMode.None || _writePending;

    public sealed override void Abort(NetException reason)
    {
        if (_isClosed)
            return;
        if (!ReferenceEquals(Worker.Current, _worker))
        {
            _worker.Post(static call =>
            {
                var (connection, why) = ((SocketConnection, NetException))call!;
                connection.Abort(why);
            }, (this, reason));
            return;
        }

        _abortReason = reason;
        Close(reset: true);
    }

    public sealed override void Close()
    {
        if (_isClosed)
            return;
        if (ReferenceEquals(Worker.Current, _worker))
            Close(reset: false);
        else
            _worker.Post(static connection => ((SocketConnection)connection!).Close(), this);
    }

    public sealed override bool ShouldMove([NotNullWhen(true)] out Worker? target)
    {
        target = null;
        if (!_worker.Load.IsOverloaded || HasPending || _queued || _readReady)
            return false;
        target = _worker.Group.Idle(_worker);
        return target is not null;
    }

    public sealed override ValueTask MoveToAsync(Worker target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!ReferenceEquals(target.Group, _worker.Group))
            throw new ArgumentException($"Worker [{target.Name}] is not of service [{_worker.Group.Name}]; a connection stays in its service.", nameof(target));
        if (_isClosed)
            throw ClosedReason();
        CheckOwner();
        if (HasPending)
            throw new InvalidOperationException("A connection moves between operations only.");
        _worker.Load.Moved();
        return new ValueTask(new ConnectionMove(this, target), 0);
    }

    /// <summary>Completes what was left over by an abort, by a spent budget or by <see cref="StopWaiting"/>.</summary>
    public void Run()
    {
        _queued = false;
        if (_isClosed)
        {
            FailPending(ClosedReason());
            return;
        }

        if (_writeYields)
        {
            FinishWrite(null);
            // The writer may have closed the connection, or moved on with it.
            if (_isClosed || !ReferenceEquals(Worker.Current, _worker))
                return;
        }

        ResumeRead();
    }

    /// <summary>Whether a listener accepted it, rather than a connector dialled it.</summary>
    internal bool IsAccepted => _counted;

    /// <summary>Counts the connection as load of its worker until it closes. The worker's figure was raised at accept.</summary>
    internal void MarkCounted() => _counted = true;

    /// <summary>Whether it waits and nothing has been announced. Any thread may ask: only <see cref="TryDisplace"/> is sure.</summary>
    internal bool SeemsIdle => _readMode == ReadMode.Wait && !_readReady && !WaitsInRead;

    /// <summary>Ends the connection for another one, on its own worker and from no other connection's stack, if nothing is under way on it.</summary>
    /// <returns>Whether it has ended; it may have done so by itself.</returns>
    internal bool TryDisplace()
    {
        if (_isClosed)
            return true;
        if (_readMode == ReadMode.Wait && !WaitsInRead)
        {
            if (!IsQuiet(probe: true))
                return false;
            FinishRead(0);
            return true;
        }

        if (!IsExpendable)
            return false;
        Close();
        return true;
    }

    internal sealed override bool MayHaveInput => _readReady;

    internal sealed override bool CanDetach => !HasPending && !_queued && !_isClosed;

    internal sealed override void Detach(Worker target)
    {
        _readTimer?.Detach();
        _writeTimer?.Detach();
        SendHeld();
        _readTimer = _writeTimer = null;
        _readDeadline = _writeDeadline = WorkerTimer.Never;
        Unregister();
        Unlink();
        if (_counted)
        {
            _worker.AddLoad(-1);
            target.AddLoad(1);
        }

        _worker = target;
    }

    internal sealed override void Attach()
    {
        if (_isClosed)
            return;
        Link();
        try
        {
            _readReady |= Register();
        }
        catch (NetException e)
        {
            Abort(e);
            return;
        }

        if (_counted && _worker.Group.IsDraining)
            StopWaiting();
    }

    /// <summary>Closes a detached connection whose new worker has ended before it arrived.</summary>
    internal void Discard()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        CloseSocket(reset: true);
        Peer?.Limit.Leave(this);
    }

    /// <summary>Enters a new connection at its worker; a derived class calls it when nothing can fail any more.</summary>
    private protected void Link()
    {
        NextConnection = _worker.FirstConnection;
        if (NextConnection is not null)
            NextConnection._previousConnection = this;
        _worker.FirstConnection = this;
    }

    protected sealed override ConnectionDigest CreateDigest() => new SocketDigest(this);

    /// <summary>Has the poller announce events from here on.</summary>
    /// <returns>False when the next input will be announced though it is there already, so that it need not be looked for.</returns>
    private protected abstract bool Register();

    private protected abstract void Unregister();

    private protected abstract void CloseSocket(bool reset);

    internal DateTimeOffset GetEstablished() => _worker.Time.GetUtcNow() - TimeSpan.FromMilliseconds(_worker.Now - _establishedAt);

    internal abstract int GetOption(int level, int name, Span<byte> value);

    internal abstract EndPoint? GetLocalEndPoint();

    private protected NetException Broken(NetErrorKind kind, string what) =>
        new(kind, $"Connection [{Remote?.ToString() ?? "local"}] {what}") { Connection = Wrapper ?? this };

    private NetException ClosedReason() => _abortReason ?? Broken(NetErrorKind.ConnectionClosed, "is closed");

    private void FailPending(NetException reason)
    {
        if (_writePending)
            FinishWrite(reason);
        if (_readMode != ReadMode.None)
            FinishRead(reason);
    }

    private void Arm(ref WorkerTimer? timer, long deadline, Action<object?> expired)
    {
        timer ??= new WorkerTimer(expired, this);
        timer.SetAt(_worker, deadline);
    }

    private void Queue()
    {
        if (_queued)
            return;
        _queued = true;
        _worker.Yield(this);
    }

    private void Close(bool reset)
    {
        _isClosed = true;
        Unlink();
        DropAhead();
        if (!reset)
            SendHeld();
        DropHeld();
        CloseSocket(reset);
        _readTimer?.Detach();
        _writeTimer?.Detach();
        if (_counted)
            _worker.AddLoad(-1);
        Peer?.Limit.Leave(this);
        Watcher = null;
        if (HasPending)
            Queue();
        OnClosed();
    }

    private long After(TimeSpan fromNow) => fromNow == Timeout.InfiniteTimeSpan ? WorkerTimer.Never : _worker.Now + (fromNow.Ticks / TimeSpan.TicksPerMillisecond);

    private void CheckOwner()
    {
        if (!ReferenceEquals(Worker.Current, _worker))
            throw new InvalidOperationException($"The connection belongs to worker [{_worker.Name}]; use it there, without ConfigureAwait(false) before it.");
    }

    private void Unlink()
    {
        if (_previousConnection is not null)
            _previousConnection.NextConnection = NextConnection;
        else if (ReferenceEquals(_worker.FirstConnection, this))
            _worker.FirstConnection = NextConnection;
        if (NextConnection is not null)
            NextConnection._previousConnection = _previousConnection;
        NextConnection = _previousConnection = null;
    }
}
