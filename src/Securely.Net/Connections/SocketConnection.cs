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

    private NetException? _abortReason;
    private bool _queued;
    private bool _counted;
    private bool _isClosed;
    private Worker _worker;

    private protected SocketConnection(Worker worker, EndPoint? remote)
    {
        _worker = worker;
        Remote = remote;
        EstablishedAt = worker.Now;
        Link(worker);
    }

    public sealed override Worker Worker => _worker;

    public sealed override bool IsClosed => _isClosed;

    public sealed override IPAddress? RemoteAddress => (Remote as IPEndPoint)?.Address;

    internal EndPoint? Remote { get; }

    internal long EstablishedAt { get; }

    private protected bool HasPending => _readMode != ReadMode.None || _writePending;

    public sealed override void Abort(NetException reason)
    {
        if (_isClosed)
            return;
        _abortReason = reason;
        Close(reset: true);
    }

    public sealed override void Close()
    {
        if (!_isClosed)
            Close(reset: false);
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
        _worker.Load.Moved();
        return new ValueTask(new ConnectionMove(this, target), 0);
    }

    /// <summary>Completes what was left over by an abort, by a spent budget or by <see cref="StopWaiting"/>.</summary>
    public void Run()
    {
        _queued = false;
        if (_isClosed)
        {
            FailPending(_abortReason ?? Broken(NetErrorKind.ConnectionClosed, "was closed"));
            return;
        }

        // The poller was asked before: what has arrived since would be thrown away with the connection.
        if (_stopWaiting && !_readReady && _readMode == ReadMode.Wait)
            _readReady = !IsQuiet(probe: true);
        if (_readReady)
            ContinueRead();
        else if (_stopWaiting && _readMode == ReadMode.Wait)
            FinishRead(0);
    }

    /// <summary>Whether a listener accepted it, rather than a connector dialled it.</summary>
    internal bool IsAccepted => _counted;

    /// <summary>Counts the connection as load of its worker until it closes. The worker's figure was raised at accept.</summary>
    internal void MarkCounted() => _counted = true;

    /// <summary>Takes the connection from its worker; nothing may be pending. Another worker attaches it.</summary>
    internal void Detach()
    {
        if (HasPending || _queued)
            throw new InvalidOperationException("A connection moves between operations only.");
        _readTimer?.Detach();
        _writeTimer?.Detach();
        _readTimer = _writeTimer = null;
        _readDeadline = _writeDeadline = WorkerTimer.Never;
        Unregister();
        Unlink();
    }

    /// <summary>Gives a detached connection to the current worker.</summary>
    internal void Attach(Worker worker)
    {
        if (_counted)
        {
            _worker.AddLoad(-1);
            worker.AddLoad(1);
        }

        _worker = worker;
        Link(worker);
        _readReady = true;
        Register();
    }

    protected sealed override ConnectionDigest CreateDigest() => new SocketDigest(this);

    private protected abstract void Register();

    private protected abstract void Unregister();

    private protected abstract void CloseSocket(bool reset);

    internal abstract int GetOption(int level, int name, Span<byte> value);

    internal abstract EndPoint? GetLocalEndPoint();

    private protected NetException Broken(NetErrorKind kind, string what)
    {
        return new NetException(kind, $"Connection [{Remote?.ToString() ?? "local"}] {what}") { Connection = this };
    }

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
        CloseSocket(reset);
        Unlink();
        _readTimer?.Detach();
        _writeTimer?.Detach();
        if (_counted)
            _worker.AddLoad(-1);
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

    private void Link(Worker worker)
    {
        NextConnection = worker.FirstConnection;
        if (NextConnection is not null)
            NextConnection._previousConnection = this;
        worker.FirstConnection = this;
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
