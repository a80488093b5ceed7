using System.Threading.Tasks.Sources;

namespace Securely.Net;

/// <summary>Writes that have to wait.</summary>
internal abstract partial class VirtualConnection
{
    private ManualResetValueTaskSourceCore<byte> _write;
    private bool _isWriting;
    private bool _isWriteQueued;

    public sealed override void SetWriteDeadline(TimeSpan fromNow)
    {
        Settle();
        lock (Gate)
        {
            _writeDeadline.Set(Time, fromNow);
            if (_isWriting)
                _writeDeadline.Arm();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _write.GetStatus(token);

    void IValueTaskSource.GetResult(short token) => _write.GetResult(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _write.OnCompleted(continuation, state, token, Here(flags));

    /// <summary>Whether all of the present write has been taken, after taking what can be taken now; under the lock.</summary>
    /// <exception cref="NetException">It never will be.</exception>
    private protected abstract bool TryFinishWrite();

    /// <summary>What a write needs before it takes anything; under the lock.</summary>
    private protected void CheckWritable()
    {
        Settle();
        CheckOwner();
        ThrowIfClosed();
        if (_isWriting)
            throw new InvalidOperationException("A write is pending already.");
    }

    /// <summary>Waits for <see cref="QueueWrite"/>, or only for another turn; under the lock.</summary>
    private protected ValueTask SuspendWrite()
    {
        ThrowIfClosed();
        _isWriting = true;
        _write.Reset();
        _writeDeadline.Arm();
        if (!HasTurn)
            QueueWrite();
        return new ValueTask(this, _write.Version);
    }

    /// <summary>Lets a pending write look again; under the lock.</summary>
    private protected void QueueWrite()
    {
        if (!_isWriting || _isWriteQueued)
            return;
        _isWriteQueued = true;
        Post(static self => ((VirtualConnection)self!).ContinueWrite());
    }

    private void ContinueWrite()
    {
        NetException? error = null;
        lock (Gate)
        {
            _isWriteQueued = false;
            try
            {
                ThrowIfClosed();
                if (!TryFinishWrite())
                    return;
            }
            catch (NetException e)
            {
                error = e;
            }

            _isWriting = false;
        }

        if (error is null)
            _write.SetResult(0);
        else
            _write.SetException(error);
    }

    private void OnWriteDeadline()
    {
        lock (Gate)
        {
            if (!_isWriting || _isClosed)
                return;
            if (!_writeDeadline.HasPassed)
            {
                _writeDeadline.Arm();
                return;
            }
        }

        // Part of the bytes is on its way: the stream cannot be used any further.
        Abort(Broken(NetErrorKind.WriteTimedOut, "took nothing before the write deadline"));
    }
}
