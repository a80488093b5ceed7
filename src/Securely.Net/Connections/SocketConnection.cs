using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>
/// A socket on a worker: readiness, pending operations and deadlines, whatever the poller. Derived classes make the system calls.
/// </summary>
/// <remarks>
/// A read is tried first; a short read clears readiness, because an edge will announce the next bytes. Pending operations are completed inline
/// from the poller's dispatch, but an abort, which comes from another connection's stack, completes them from the run queue.
/// </remarks>
internal abstract class SocketConnection : Connection, IRunnable, IValueTaskSource<int>, IValueTaskSource<bool>, IValueTaskSource
{
    private enum ReadMode : byte
    {
        None,
        Read,
        Wait,
    }

    internal SocketConnection? NextConnection;
    private SocketConnection? _previousConnection;

    private InlineCompletion<int> _read;
    private InlineCompletion<byte> _write;
    private Memory<byte> _readBuffer;
    private ReadOnlyMemory<byte> _writeFirst;
    private ReadOnlyMemory<byte> _writeSecond;
    private WorkerTimer? _readTimer;
    private WorkerTimer? _writeTimer;
    private long _readDeadline = WorkerTimer.Never;
    private long _writeDeadline = WorkerTimer.Never;
    private NetException? _abortReason;
    private ReadMode _readMode;
    private bool _writePending;
    private bool _readReady = true;
    private bool _peerEnded;
    private bool _stopWaiting;
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

    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (TryRead(buffer, out var count))
            return new ValueTask<int>(count);
        _readBuffer = buffer;
        return new ValueTask<int>(this, SuspendRead(ReadMode.Read));
    }

    public sealed override bool TryRead(Memory<byte> buffer, out int count)
    {
        count = 0;
        if (_isClosed)
            throw Broken(NetErrorKind.ConnectionClosed, "is closed");
        if (!_readReady || _worker.OperationsLeft <= 0 || _worker.BytesLeft <= 0)
            return false;
        _worker.OperationsLeft--;
        count = Receive(buffer.Span, out var error);
        if (count > 0)
        {
            _worker.BytesLeft -= count;
            if (count < buffer.Length && !_peerEnded)
                ClearReadable();
            return true;
        }

        if (count == 0)
        {
            _peerEnded = true;
            return true;
        }

        if (error == SocketError.WouldBlock)
        {
            ClearReadable();
            count = 0;
            return false;
        }

        throw Broken(NetErrorKind.ReadError, $"failed to read ({error})");
    }

    public sealed override ValueTask<bool> WaitReadableAsync()
    {
        if (_isClosed)
            throw Broken(NetErrorKind.ConnectionClosed, "is closed");
        if (_readReady && _worker.OperationsLeft > 0 && _worker.BytesLeft > 0 && !IsQuiet(probe: false))
            return new ValueTask<bool>(true);
        if (_stopWaiting && !_readReady)
            return new ValueTask<bool>(false);
        return new ValueTask<bool>(this, SuspendRead(ReadMode.Wait));
    }

    public sealed override bool IsQuiet(bool probe)
    {
        if (_isClosed || _peerEnded)
            return false;
        if (!_readReady && !probe)
            return true;
        Span<byte> stray = stackalloc byte[1];
        if (Peek(stray, out var error) >= 0 || error != SocketError.WouldBlock)
            return false;
        if (_readReady)
            ClearReadable();
        return true;
    }

    public sealed override void StopWaiting()
    {
        _stopWaiting = true;
        if (_readMode == ReadMode.Wait)
            Queue();
    }

    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes, default);

    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        CheckWritable();
        return TrySend(ref first, ref second) ? default : SuspendWrite(first, second);
    }

    public sealed override void SetReadDeadline(TimeSpan fromNow)
    {
        _readDeadline = After(fromNow);
        if (_readMode != ReadMode.None)
            ArmReadDeadline();
    }

    public sealed override void SetWriteDeadline(TimeSpan fromNow) => _writeDeadline = After(fromNow);

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

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _read.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    bool IValueTaskSource<bool>.GetResult(short token) => _read.GetResult(token) != 0;

    void IValueTaskSource.GetResult(short token) => _write.GetResult(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token);

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

    private protected abstract int Receive(Span<byte> buffer, out SocketError error);

    private protected abstract int Peek(Span<byte> buffer, out SocketError error);

    private protected abstract int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out SocketError error);

    private protected abstract void Register();

    private protected abstract void Unregister();

    private protected abstract void CloseSocket(bool reset);

    /// <summary>The poller must announce the next input; edge-triggered pollers do so anyway.</summary>
    private protected abstract void ArmRead();

    /// <summary>The poller must announce room to write; edge-triggered pollers do so anyway.</summary>
    /// <returns>False when the transport sends the rest itself and reports through <see cref="OnSent"/>.</returns>
    private protected abstract bool ArmWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second);

    internal abstract int GetOption(int level, int name, Span<byte> value);

    internal abstract EndPoint? GetLocalEndPoint();

    /// <summary>Input has arrived, or the peer has ended or broken the stream.</summary>
    private protected void OnReadable(bool ended)
    {
        _readReady = true;
        if (ended)
            _peerEnded = true;
        if (_readMode != ReadMode.None)
            ContinueRead();
        else
            Watcher?.OnInput(this, _peerEnded);
    }

    private protected void OnWritable()
    {
        if (!_writePending || _isClosed)
            return;
        try
        {
            if (TrySend(ref _writeFirst, ref _writeSecond))
                FinishWrite(null);
            else
                ArmWrite(_writeFirst, _writeSecond);
        }
        catch (NetException e)
        {
            FinishWrite(e);
        }
    }

    /// <summary>The transport has sent the rest by itself, or failed to.</summary>
    private protected void OnSent(SocketError error)
    {
        if (_writePending && !_isClosed)
            FinishWrite(error == SocketError.Success ? null : Broken(NetErrorKind.WriteError, $"failed to write ({error})"));
    }

    private protected NetException Broken(NetErrorKind kind, string what)
    {
        return new NetException(kind, $"Connection [{Remote?.ToString() ?? "local"}] {what}") { Connection = this };
    }

    private void ContinueRead()
    {
        if (_readMode == ReadMode.Wait)
        {
            FinishRead(1);
            return;
        }

        if (_readMode != ReadMode.Read)
            return;
        try
        {
            if (TryRead(_readBuffer, out var count))
                FinishRead(count);
            else if (_readReady)
                Queue();
        }
        catch (NetException e)
        {
            FinishRead(e);
        }
    }

    private short SuspendRead(ReadMode mode)
    {
        CheckOwner();
        if (_readMode != ReadMode.None)
            throw new InvalidOperationException("A read is pending already.");
        _read.Reset();
        _readMode = mode;
        if (_readReady)
            Queue();
        ArmReadDeadline();
        return _read.Version;
    }

    private void ArmReadDeadline()
    {
        if (_readDeadline == WorkerTimer.Never)
            _readTimer?.Clear();
        else
            Arm(ref _readTimer, _readDeadline, static c => ((SocketConnection)c!).OnReadDeadline());
    }

    private ValueTask SuspendWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        CheckOwner();
        _write.Reset();
        _writePending = true;
        _writeFirst = first;
        _writeSecond = second;
        if (_writeDeadline != WorkerTimer.Never)
            Arm(ref _writeTimer, _writeDeadline, static c => ((SocketConnection)c!).OnWriteDeadline());
        ArmWrite(first, second);
        return new ValueTask(this, _write.Version);
    }

    /// <summary>Sends what the kernel takes; what is left stays in the two references.</summary>
    private bool TrySend(ref ReadOnlyMemory<byte> first, ref ReadOnlyMemory<byte> second)
    {
        while (!first.IsEmpty || !second.IsEmpty)
        {
            var sent = Send(first.Span, second.Span, out var error);
            if (sent < 0)
                return error == SocketError.WouldBlock ? false : throw Broken(NetErrorKind.WriteError, $"failed to write ({error})");
            var complete = sent == first.Length + second.Length;
            _worker.BytesLeft -= sent;
            if (sent <= first.Length)
            {
                first = first[sent..];
            }
            else
            {
                second = second[(sent - first.Length)..];
                first = default;
            }

            // A partial send means a full socket buffer: an edge follows, so asking again would only cost a call.
            if (!complete)
                return false;
        }

        return true;
    }

    private void FinishRead(int result)
    {
        _readMode = ReadMode.None;
        _readBuffer = default;
        _readTimer?.Clear();
        _read.SetResult(result);
    }

    private void FinishRead(NetException error)
    {
        _readMode = ReadMode.None;
        _readBuffer = default;
        _readTimer?.Clear();
        _read.SetException(error);
    }

    private void FinishWrite(NetException? error)
    {
        _writePending = false;
        _writeFirst = _writeSecond = default;
        _writeTimer?.Clear();
        if (error is null)
            _write.SetResult(0);
        else
            _write.SetException(error);
    }

    private void FailPending(NetException reason)
    {
        if (_writePending)
            FinishWrite(reason);
        if (_readMode != ReadMode.None)
            FinishRead(reason);
    }

    private void OnReadDeadline()
    {
        if (_readMode != ReadMode.None)
            FinishRead(Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline"));
    }

    private void OnWriteDeadline()
    {
        if (_writePending)
        {
            // Part of the bytes is on its way: the stream cannot be used any further.
            Abort(Broken(NetErrorKind.WriteTimedOut, "took nothing before the write deadline"));
        }
    }

    private void Arm(ref WorkerTimer? timer, long deadline, Action<object?> expired)
    {
        timer ??= new WorkerTimer(expired, this);
        timer.SetAt(_worker, deadline);
    }

    private void ClearReadable()
    {
        _readReady = false;
        ArmRead();
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

    private long After(TimeSpan fromNow) => fromNow == Timeout.InfiniteTimeSpan ? WorkerTimer.Never : _worker.Now + (long)fromNow.TotalMilliseconds;

    private void CheckWritable()
    {
        if (_isClosed)
            throw _abortReason ?? Broken(NetErrorKind.ConnectionClosed, "is closed");
        if (_writePending)
            throw new InvalidOperationException("A write is pending already.");
    }

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
