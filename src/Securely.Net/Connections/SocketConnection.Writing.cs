using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>Writes: tried at once, the rest when there is room.</summary>
internal abstract partial class SocketConnection
{
    private InlineCompletion<byte> _write;
    private ReadOnlyMemory<byte> _writeFirst;
    private ReadOnlyMemory<byte> _writeSecond;
    private WorkerTimer? _writeTimer;
    private WritePace? _writePace;
    private long _writeDeadline = WorkerTimer.Never;
    private bool _writePending;
    private bool _writeYields;

    private protected bool IsWriting => _writePending;

    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => WriteAsync(bytes, default);

    public sealed override ValueTask WriteAsync(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        CheckWritable();
        // What is held is sent by the end of the group, which leaves alone what somebody waits for: nothing may wait here, spent budget or not.
        if (TryHold(first.Span, second.Span))
            return default;
        if (!TrySend(ref first, ref second))
            return SuspendWrite(first, second);
        return _worker.BytesLeft > 0 ? default : YieldWrite();
    }

    public sealed override void SetWriteDeadline(TimeSpan fromNow)
    {
        _writePace = null;
        MoveWriteDeadline(fromNow);
    }

    public sealed override void SetWriteDeadline(TimeSpan behind, long bytesPerSecond)
    {
        if (bytesPerSecond == 0)
        {
            SetWriteDeadline(behind);
            return;
        }

        if (_writePace?.IsFor(bytesPerSecond, behind) == true)
            return;
        _writePace = new WritePace(bytesPerSecond, behind);
        MoveWriteDeadline(_writePace.Begin(_worker.Now, GetTaken()));
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource.GetResult(short token) => _write.GetResult(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token);

    private protected abstract int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out SocketError error);

    /// <summary>The poller must announce room to write; edge-triggered pollers do so anyway.</summary>
    /// <returns>False when the transport sends the rest itself and reports through <see cref="OnSent"/>.</returns>
    private protected abstract bool ArmWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second);

    private protected void OnWritable()
    {
        if (_writeYields || _isClosed)
            return;
        if (!_writePending)
        {
            if (SendHeld())
                _writeTimer?.Clear();
            return;
        }

        NetException? error = null;
        try
        {
            if (!TrySend(ref _writeFirst, ref _writeSecond))
            {
                ArmWrite(_writeFirst, _writeSecond);
                return;
            }
        }
        catch (NetException e)
        {
            error = e;
        }

        FinishWrite(error);
    }

    /// <summary>The transport has sent the rest by itself, or failed to.</summary>
    private protected void OnSent(SocketError error)
    {
        if (_writePending && !_isClosed)
            FinishWrite(error == SocketError.Success ? null : Unsent(error));
    }

    private ValueTask SuspendWrite(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
    {
        CheckOwner();
        _write.Reset();
        _writePending = true;
        _writeFirst = first;
        _writeSecond = second;
        BeginWriteDeadline();
        ArmWrite(first, second);
        return new ValueTask(this, _write.Version);
    }

    private void BeginWriteDeadline()
    {
        if (_writePace is { } pace)
            _writeDeadline = After(pace.Begin(_worker.Now, GetTaken()));
        ArmWriteDeadline();
    }

    /// <summary>All is sent, but the writer has used up its turn: a reader that takes everything at once must not give it the worker for ever.</summary>
    private ValueTask YieldWrite()
    {
        CheckOwner();
        _write.Reset();
        _writePending = true;
        _writeYields = true;
        Queue();
        return new ValueTask(this, _write.Version);
    }

    private void MoveWriteDeadline(TimeSpan fromNow)
    {
        _writeDeadline = After(fromNow);
        if (_writePending && !_writeYields && !_isClosed)
            ArmWriteDeadline();
    }

    private void ArmWriteDeadline()
    {
        if (_writeDeadline == WorkerTimer.Never)
            _writeTimer?.Clear();
        else
            Arm(ref _writeTimer, _writeDeadline, static c => ((SocketConnection)c!).OnWriteDeadline());
    }

    /// <summary>Sends what is held and then what the kernel takes; what is left stays in the two references.</summary>
    private bool TrySend(ref ReadOnlyMemory<byte> first, ref ReadOnlyMemory<byte> second)
    {
        if (!SendHeld())
            return false;
        while (!first.IsEmpty || !second.IsEmpty)
        {
            var sent = Send(first.Span, second.Span, out var error);
            if (sent < 0)
                return error == SocketError.WouldBlock ? false : throw Unsent(error);
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

    private void FinishWrite(NetException? error)
    {
        var hasWaited = !_writeYields;
        _writePending = _writeYields = false;
        _writeFirst = _writeSecond = default;
        if (error is null && hasWaited)
            _writePace?.Look(_worker.Now, GetTaken());
        _writeTimer?.Clear();
        if (error is null)
            _write.SetResult(0);
        else
            _write.SetException(error);
    }

    private void OnWriteDeadline()
    {
        if (!_writePending && _held is null)
            return;
        if (_writePace?.Look(_worker.Now, GetTaken()) is { } left && left > TimeSpan.Zero)
        {
            _writeDeadline = After(left);
            ArmWriteDeadline();
            return;
        }

        // Part of the bytes is on its way: the stream cannot be used any further.
        Abort(Broken(NetErrorKind.WriteTimedOut, _writePace is null ? "took nothing before the write deadline" : "takes fewer bytes a second than it has to"));
    }

    /// <summary>A count that grows with what the peer takes: what it has acknowledged, or what is left to send where the kernel does not tell.</summary>
    private long GetTaken()
    {
        const int TcpLevel = 6, Information = 11;
        Span<byte> raw = stackalloc byte[TcpInfo.UntilAcknowledged];
        if (OperatingSystem.IsLinux() && Remote is IPEndPoint && GetOption(TcpLevel, Information, raw) == raw.Length)
            return TcpInfo.ReadAcknowledged(raw);
        return -(_writeFirst.Length + _writeSecond.Length);
    }

    private NetException Unsent(SocketError error)
    {
        // A peer that has ended in order may refuse what comes after; its end stays one.
        if (!_peerEnded)
            Fail(error);
        return Broken(NetErrorKind.WriteError, $"failed to write ({error})");
    }

    private void CheckWritable()
    {
        if (_isClosed)
            throw ClosedReason();
        if (_writePending)
            throw new InvalidOperationException("A write is pending already.");
    }
}
