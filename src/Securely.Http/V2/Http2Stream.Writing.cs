using System.Threading.Tasks.Sources;
using Securely.Net;

namespace Securely.Http;

/// <content>What is sent: at once where windows and the output have room, else when the scheduler says so.</content>
internal sealed partial class Http2Stream : IValueTaskSource
{
    internal const byte DefaultUrgency = 3;

    private InlineCompletion<byte> _write;
    private ReadOnlyMemory<byte> _pending;
    private WorkerTimer? _writeTimer;
    private Pace _sendPace;
    private long _writeBegan;
    private int _writeLeft;
    private bool _pendingEnd;
    private bool _isWriting;

    /// <summary>How much the peer lets us send on the stream.</summary>
    internal FlowWindow SendWindow;

    /// <summary>The next in the scheduler's ring; null when it is in none.</summary>
    internal Http2Stream? NextReady { get; set; }

    /// <summary>The ring it is in.</summary>
    internal int ReadyUrgency { get; set; }

    /// <summary>From 0, the most urgent, to 7 (RFC 9218 4.1).</summary>
    internal byte Urgency { get; private set; }

    /// <summary>Whether the peer can use parts of it (RFC 9218 4.2), or has not said that it cannot.</summary>
    internal bool IsIncremental { get; private set; }

    /// <summary>How long the peer may take for one write, or fall behind <see cref="MinSendRate"/>.</summary>
    internal TimeSpan WriteTimeout { get; set; }

    /// <summary>How many bytes a second the peer has to take; 0 asks for nothing.</summary>
    internal long MinSendRate { get; set; }

    /// <summary>What is left of the write that waits.</summary>
    internal ReadOnlyMemory<byte> Pending => _pending;

    internal bool PendingEnd => _pendingEnd;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => WriteDataAsync(bytes, false);

    /// <summary>Sends bytes of the body.</summary>
    /// <param name="data">May be changed when the task has ended.</param>
    /// <param name="isEnd">Whether END_STREAM is set on the last of them.</param>
    /// <returns>A task that ends when all are in the output of the connection.</returns>
    internal ValueTask WriteDataAsync(ReadOnlyMemory<byte> data, bool isEnd)
    {
        if ((_failure ?? SendFailure) is { } failure)
            throw failure;
        if (_isWriting)
            throw new InvalidOperationException("A write is pending already.");
        if (IsLocalEnded || (data.IsEmpty && !isEnd))
            return default;
        if (_owner.TryWrite(this, ref data, isEnd))
            return default;
        _write.Reset();
        _isWriting = true;
        _pending = data;
        _pendingEnd = isEnd;
        ArmWrite();
        if (SendWindow.Available > 0)
            _owner.Scheduler.Add(this);
        return new ValueTask(this, _write.Version);
    }

    /// <summary>The owner has put so many of the waiting bytes into its output.</summary>
    internal void OnSent(int count) => _pending = _pending[count..];

    /// <summary>The waiting write is done.</summary>
    internal void FinishWrite(NetException? error)
    {
        _isWriting = false;
        _pending = default;
        _writeTimer?.Clear();
        if (error is null)
            _write.SetResult(0);
        else
            _write.SetException(error);
    }

    /// <summary>END_STREAM has been put into the output.</summary>
    internal void OnLocalEnd() => IsLocalEnded = true;

    /// <summary>The peer has opened the stream's window, or made it smaller.</summary>
    /// <returns>False when it would exceed 2^31-1.</returns>
    internal bool TryWiden(int increment)
    {
        if (!SendWindow.TryAdd(increment))
            return false;
        if (_isWriting && SendWindow.Available > 0)
            _owner.Wake(this);
        else if (SendWindow.Available <= 0)
            _owner.Scheduler.Remove(this);
        return true;
    }

    /// <summary>The peer, or the server's response, says how urgent the stream is.</summary>
    internal void SetPriority(in StreamPriority priority)
    {
        Urgency = priority.Urgency;
        IsIncremental = priority.IsIncremental;
        if (NextReady is null)
            return;
        _owner.Scheduler.Remove(this);
        _owner.Scheduler.Add(this);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource.GetResult(short token) => _write.GetResult(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token);

    private void ArmWrite()
    {
        var worker = Worker.Current!;
        _writeBegan = worker.Now;
        _writeLeft = _pending.Length;
        var patience = WriteTimeout;
        if (MinSendRate > 0)
        {
            _sendPace = new Pace(MinSendRate, WriteTimeout);
            patience = _sendPace.Left;
        }

        if (patience != Timeout.InfiniteTimeSpan)
            (_writeTimer ??= new WorkerTimer(static stream => ((Http2Stream)stream!).OnWriteDeadline(), this)).Set(worker, patience);
    }

    private void OnWriteDeadline()
    {
        if (!_isWriting)
            return;
        var worker = Worker.Current!;
        if (MinSendRate > 0)
        {
            _sendPace.Waited(worker.Now - _writeBegan);
            _sendPace.Moved(_writeLeft - _pending.Length);
            _writeBegan = worker.Now;
            _writeLeft = _pending.Length;
            if (_sendPace.Left > TimeSpan.Zero)
            {
                _writeTimer!.Set(worker, _sendPace.Left);
                return;
            }
        }

        Reset(Http2ErrorCode.Cancel, Broken(NetErrorKind.WriteTimedOut, "took too little before the write deadline"));
    }
}
