namespace Securely.Net;

/// <summary>Reads, waits, and who is told of input that nobody reads.</summary>
internal abstract partial class VirtualConnection
{
    private bool _isReading;
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

    public sealed override ValueTask<int> ReadAsync(Memory<byte> buffer) =>
        TryRead(buffer, out var count) ? new ValueTask<int>(count) : ReadSlowlyAsync(buffer);

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

        return WaitSlowlyAsync();
    }

    public sealed override void StopWaiting()
    {
        lock (Gate)
        {
            _stopWaiting = true;
            _read.Release();
        }
    }

    public sealed override bool IsQuiet(bool probe)
    {
        if (probe && !_isReading)
            StartInput(isReading: false);
        lock (Gate)
            return !_isClosed && !HasInput;
    }

    /// <summary>Takes what is there; under the lock.</summary>
    /// <returns>How many bytes, 0 at the end, less than 0 when nothing is there.</returns>
    private protected abstract int Take(Span<byte> buffer);

    /// <summary>Asks for input where it does not come by itself.</summary>
    /// <param name="isReading">Whether a read takes it as soon as it comes.</param>
    private protected virtual void StartInput(bool isReading)
    {
    }

    /// <summary>Input has come, or the end; under the lock.</summary>
    private protected void OnInput()
    {
        _read.Release();
        AnnounceIfIdle();
    }

    private async ValueTask<int> ReadSlowlyAsync(Memory<byte> buffer)
    {
        BeginRead();
        try
        {
            int count;
            while (!TryRead(buffer, out count))
                await WhenReadableAsync();
            return count;
        }
        finally
        {
            EndRead();
        }
    }

    private Task WhenReadableAsync()
    {
        if (!HasTurn)
            return YieldAsync();
        StartInput(isReading: true);
        lock (Gate)
            return HasInput || _isClosed ? Task.CompletedTask : _read.Begin();
    }

    private async ValueTask<bool> WaitSlowlyAsync()
    {
        BeginRead();
        try
        {
            while (true)
            {
                if (!HasTurn)
                    await YieldAsync();
                StartInput(isReading: false);
                Task wait;
                lock (Gate)
                {
                    ThrowIfClosed();
                    if (HasInput || _stopWaiting)
                        return HasInput;
                    wait = _read.Begin();
                }

                await wait;
            }
        }
        finally
        {
            EndRead();
        }
    }

    private void BeginRead()
    {
        CheckOwner();
        lock (Gate)
        {
            if (_isReading)
                throw new InvalidOperationException("A read is pending already.");
            _isReading = true;
        }
    }

    private void EndRead()
    {
        lock (Gate)
        {
            _isReading = false;
            AnnounceIfIdle();
        }
    }

    /// <summary>
    /// Has the watcher told, later and on the worker: the next read may have taken everything by then. Where input has to be asked for, that is
    /// done then too, for the same reason.
    /// </summary>
    private void AnnounceIfIdle()
    {
        if (!_isWatched || _isReading || _isAnnounced || _isClosed || (IsListening && !HasInput))
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
            if (_isClosed || _isReading)
                return;
        }

        StartInput(isReading: false);
        lock (Gate)
        {
            if (_isClosed || _isReading || !HasInput)
                return;
            ended = HasEnded;
        }

        Watcher?.OnInput(this, ended);
    }
}
