using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>Reads, waits, and who is told of input that nobody reads.</summary>
internal abstract partial class VirtualConnection
{
    private enum ReadMode : byte
    {
        None,
        Read,
        Wait,
    }

    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _readBuffer;
    private ReadMode _readMode;
    private bool _isReadQueued;
    private bool _isWatched;
    private bool _isAnnounced;
    private bool _stopWaiting;

    public sealed override IConnectionWatcher? Watcher
    {
        get => base.Watcher;
        set
        {
            base.Watcher = value;
            if (value is not null)
                Settle();
            lock (Gate)
            {
                _isWatched = value is not null;
                AnnounceIfIdle();
            }
        }
    }

    /// <summary>Whether a read would not wait, be it for bytes, the end or an error; under the lock.</summary>
    private protected abstract bool HasInput { get; }

    /// <summary>Whether the other side has ended or broken the stream; under the lock.</summary>
    private protected abstract bool HasEnded { get; }

    /// <summary>Whether input announces itself, or somebody has to ask for it with <see cref="StartInput"/>; under the lock.</summary>
    private protected virtual bool IsListening => true;

    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        if (TryRead(buffer, out var count))
            return new ValueTask<int>(count);
        SuspendRead(ReadMode.Read, buffer);
        return new ValueTask<int>(this, _read.Version);
    }

    public sealed override bool TryRead(Memory<byte> buffer, out int count)
    {
        if (buffer.IsEmpty)
            throw new ArgumentException("The buffer is empty; to wait without one, use WaitReadableAsync.", nameof(buffer));
        Settle();
        lock (Gate)
        {
            ThrowIfClosed();
            count = HasTurn ? Take(buffer.Span) : -1;
        }

        if (count < 0)
        {
            count = 0;
            return false;
        }

        Spend(count);
        return true;
    }

    public sealed override ValueTask<bool> WaitReadableAsync()
    {
        Settle();
        lock (Gate)
        {
            ThrowIfClosed();
            if (HasInput && HasTurn)
                return new ValueTask<bool>(true);
        }

        SuspendRead(ReadMode.Wait, default);
        return new ValueTask<bool>(this, _read.Version);
    }

    public sealed override void StopWaiting()
    {
        lock (Gate)
        {
            _stopWaiting = true;
            QueueRead();
        }
    }

    public sealed override bool IsQuiet(bool probe)
    {
        if (probe && _readMode == ReadMode.None)
            StartInput(isReading: false);
        lock (Gate)
            return !_isClosed && !HasInput;
    }

    public sealed override void SetReadDeadline(TimeSpan fromNow)
    {
        Settle();
        lock (Gate)
        {
            _readDeadline.Set(Time, fromNow);
            if (_readMode != ReadMode.None)
                _readDeadline.Arm();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _read.GetStatus(token);

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    bool IValueTaskSource<bool>.GetResult(short token) => _read.GetResult(token) != 0;

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, Here(flags));

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, Here(flags));

    /// <summary>Takes what is there; under the lock.</summary>
    /// <returns>How many bytes, 0 at the end, less than 0 when nothing is there.</returns>
    /// <exception cref="NetException">The stream is broken.</exception>
    private protected abstract int Take(Span<byte> buffer);

    /// <summary>Asks for input where it does not come by itself.</summary>
    /// <param name="isReading">Whether a read takes it as soon as it comes.</param>
    private protected virtual void StartInput(bool isReading)
    {
    }

    /// <summary>Input has come, or the end; under the lock.</summary>
    private protected void OnInput()
    {
        QueueRead();
        AnnounceIfIdle();
    }

    private void SuspendRead(ReadMode mode, Memory<byte> buffer)
    {
        CheckOwner();
        lock (Gate)
        {
            if (_readMode != ReadMode.None)
                throw new InvalidOperationException("A read is pending already.");
            _read.Reset();
            _readMode = mode;
            _readBuffer = buffer;
            _readDeadline.Arm();
        }

        StartInput(mode == ReadMode.Read);
        lock (Gate)
        {
            // What could be taken at once was; what is there now has come since, or is for a turn of its own.
            if (_isClosed || HasInput || (mode == ReadMode.Wait && _stopWaiting))
                QueueRead();
        }
    }

    private void QueueRead()
    {
        if (_readMode == ReadMode.None || _isReadQueued)
            return;
        _isReadQueued = true;
        Post(static self => ((VirtualConnection)self!).ContinueRead());
    }

    private void ContinueRead()
    {
        var result = 0;
        NetException? error = null;
        lock (Gate)
        {
            _isReadQueued = false;
            // The deadline may have been faster.
            if (_readMode == ReadMode.None)
                return;
            try
            {
                if (!TryFinishRead(out result))
                    return;
            }
            catch (NetException e)
            {
                error = e;
            }

            EndRead();
        }

        Complete(result, error);
    }

    private bool TryFinishRead(out int result)
    {
        ThrowIfClosed();
        result = _readMode == ReadMode.Read ? Take(_readBuffer.Span) : HasInput ? 1 : _stopWaiting ? 0 : -1;
        if (result < 0)
            return false;
        Spend(_readMode == ReadMode.Read ? result : 0);
        return true;
    }

    private void Complete(int result, NetException? error)
    {
        if (error is null)
            _read.SetResult(result);
        else
            _read.SetException(error);
    }

    private void EndRead()
    {
        _readMode = ReadMode.None;
        _readBuffer = default;
        AnnounceIfIdle();
    }

    private void OnReadDeadline()
    {
        lock (Gate)
        {
            if (_readMode == ReadMode.None || _isClosed)
                return;
            if (!_readDeadline.HasPassed)
            {
                _readDeadline.Arm();
                return;
            }

            EndRead();
        }

        Complete(0, Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline"));
    }

    /// <summary>
    /// Has the watcher told, later and on the worker: the next read may have taken everything by then. Where input has to be asked for, that is
    /// done then too, for the same reason.
    /// </summary>
    private void AnnounceIfIdle()
    {
        if (!_isWatched || _readMode != ReadMode.None || _isAnnounced || _isClosed || (IsListening && !HasInput))
            return;
        _isAnnounced = true;
        Post(static self => ((VirtualConnection)self!).TellWatcher());
    }

    private void TellWatcher()
    {
        bool ended;
        lock (Gate)
        {
            _isAnnounced = false;
            if (_isClosed || _readMode != ReadMode.None)
                return;
        }

        StartInput(isReading: false);
        lock (Gate)
        {
            if (_isClosed || _readMode != ReadMode.None || !HasInput)
                return;
            ended = HasEnded;
        }

        Watcher?.OnInput(this, ended);
    }
}
