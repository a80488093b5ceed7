using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>Reads, waits, and what the kernel announces of input.</summary>
internal abstract partial class SocketConnection
{
    private enum ReadMode : byte
    {
        None,
        Read,
        Wait,
    }

    private InlineCompletion<int> _read;
    private Memory<byte> _readBuffer;
    private WorkerTimer? _readTimer;
    private long _readDeadline = WorkerTimer.Never;
    private ReadMode _readMode;
    private SocketError _failure;
    private bool _readReady = true;
    private bool _peerEnded;
    private bool _stopWaiting;

    public sealed override IConnectionWatcher? Watcher
    {
        get => base.Watcher;
        set
        {
            base.Watcher = value;
            // What has arrived before anybody watched is announced by no event any more.
            if (value is not null && _readReady && _readMode == ReadMode.None)
                Queue();
        }
    }

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
            throw ClosedReason();
        if (!_readReady || _worker.OperationsLeft <= 0 || _worker.BytesLeft <= 0)
            return false;
        _worker.OperationsLeft--;
        if (TakeAhead(buffer.Span, out count))
            return true;
        count = Receive(buffer.Span, out var error);
        if (count > 0)
        {
            _hasAnswered = false;
            _worker.BytesLeft -= count;
            if (count < buffer.Length && !_peerEnded)
                ClearReadable();
            return true;
        }

        if (count == 0)
        {
            AcceptEnd(buffer);
            return true;
        }

        if (error == SocketError.WouldBlock && _failure == SocketError.Success)
        {
            ClearReadable();
            count = 0;
            return false;
        }

        Fail(error);
        throw Broken(NetErrorKind.ReadError, $"failed to read ({error})");
    }

    public sealed override ValueTask<bool> WaitReadableAsync()
    {
        if (_isClosed)
            throw ClosedReason();
        if (_readReady && _worker.OperationsLeft > 0 && _worker.BytesLeft > 0 && !IsQuiet(probe: false))
            return new ValueTask<bool>(true);
        if (_stopWaiting && !_readReady && IsQuiet(probe: true))
            return new ValueTask<bool>(false);
        return new ValueTask<bool>(this, SuspendRead(ReadMode.Wait));
    }

    public sealed override bool IsQuiet(bool probe)
    {
        if (_isClosed || _peerEnded || _ahead is not null)
            return false;
        if (!_readReady && !probe)
            return true;
        Span<byte> stray = stackalloc byte[1];
        if (Peek(stray, out var error) >= 0)
            return false;
        if (error != SocketError.WouldBlock)
        {
            Fail(error);
            return false;
        }

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

    public sealed override void SetReadDeadline(TimeSpan fromNow)
    {
        _readDeadline = After(fromNow);
        if (_readMode != ReadMode.None && !_isClosed)
            ArmReadDeadline();
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _read.GetStatus(token);

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    bool IValueTaskSource<bool>.GetResult(short token) => _read.GetResult(token) != 0;

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token);

    private protected abstract int Receive(Span<byte> buffer, out SocketError error);

    private protected abstract int Peek(Span<byte> buffer, out SocketError error);

    /// <summary>The poller must announce the next input; edge-triggered pollers do so anyway.</summary>
    private protected abstract void ArmRead();

    /// <summary>Input has arrived, or the peer has ended or broken the stream.</summary>
    /// <param name="ended">Whether nothing will come after what is there.</param>
    /// <param name="failure">What broke the stream, when something did.</param>
    private protected void OnReadable(bool ended, SocketError failure = SocketError.Success)
    {
        _readReady = true;
        NoteAnnounced();
        if (failure != SocketError.Success)
            Fail(failure);
        if (ended)
            _peerEnded = true;
        if (_readMode != ReadMode.None)
            ContinueRead();
        else
            Watcher?.OnInput(this, _peerEnded);
    }

    private void ContinueRead()
    {
        if (_readMode == ReadMode.Wait)
        {
            FinishRead(1);
            return;
        }

        int count;
        try
        {
            if (!TryRead(_readBuffer, out count))
            {
                if (_readReady)
                    Queue();
                return;
            }
        }
        catch (NetException e)
        {
            FinishRead(e);
            return;
        }

        FinishRead(count);
        // The end may have come together with what was read, and no event will tell of it any more. The reader may have moved on with the connection.
        if (_peerEnded && _readMode == ReadMode.None && !_isClosed && Watcher is not null && ReferenceEquals(Worker.Current, _worker))
            Queue();
    }

    /// <summary>Goes on with what waited for a turn of its own: a read, a wait, a watcher.</summary>
    private void ResumeRead()
    {
        switch (_readMode)
        {
            case ReadMode.Read when _readReady:
                ContinueRead();
                break;
            case ReadMode.Wait when (_readReady || _stopWaiting) && !IsQuiet(probe: _stopWaiting):
                FinishRead(1);
                break;
            case ReadMode.Wait when _stopWaiting:
                FinishRead(0);
                break;
            case ReadMode.None when _readReady && Watcher is { } watcher && !IsQuiet(probe: false):
                watcher.OnInput(this, _peerEnded);
                break;
        }
    }

    /// <summary>The kernel tells an error once, to whichever call comes first. A plain end behind it would make a cut message look whole.</summary>
    private void AcceptEnd(Memory<byte> buffer)
    {
        if (buffer.IsEmpty)
            throw new ArgumentException("The buffer is empty; to wait without one, use WaitReadableAsync.", nameof(buffer));
        if (_failure != SocketError.Success)
            throw Broken(NetErrorKind.ReadError, $"failed to read ({_failure})");
        _peerEnded = true;
    }

    private void Fail(SocketError error)
    {
        if (_failure == SocketError.Success)
            _failure = error;
        _peerEnded = true;
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

    private void OnReadDeadline()
    {
        if (_readMode != ReadMode.None)
            FinishRead(Broken(NetErrorKind.ReadTimedOut, "sent nothing before the read deadline"));
    }

    private void ClearReadable()
    {
        _readReady = false;
        ArmRead();
    }
}
