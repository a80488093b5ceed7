namespace Securely.Net;

/// <summary>
/// The wait of one direction of a connection without a socket: for an event, or for the deadline, which holds for all waits until it is set again.
/// Events and clocks come on any thread, so every member but the constructor is used under the lock.
/// </summary>
/// <param name="gate">The lock.</param>
/// <param name="expired">Called outside of the lock, on the clock's thread, when a wait may be over its deadline.</param>
internal sealed class DeadlineWait(Lock gate, Action expired)
{
    private TaskCompletionSource? _waiter;
    private TimeProvider _time = TimeProvider.System;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;
    private ITimer? _timer;
    private long _since;

    /// <summary>Whether something waits, and has waited longer than it may.</summary>
    internal bool HasExpired => _waiter is not null && Left() is { } left && left <= TimeSpan.Zero;

    /// <summary>Begins to wait.</summary>
    /// <returns>A task that ends with <see cref="Release"/> or <see cref="Fail"/>; what follows it never runs on their stack.</returns>
    internal Task Begin()
    {
        _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Arm();
        return _waiter.Task;
    }

    /// <summary>Ends the wait, if there is one, so that the waiter looks again.</summary>
    internal void Release()
    {
        _waiter?.TrySetResult();
        _waiter = null;
    }

    /// <summary>Ends the wait, if there is one, with an error.</summary>
    internal void Fail(NetException error)
    {
        _waiter?.TrySetException(error);
        _waiter = null;
    }

    /// <summary>Ends the wait and the clock's part in it.</summary>
    internal void Close()
    {
        Release();
        _timer?.Dispose();
    }

    internal void SetDeadline(TimeProvider time, TimeSpan fromNow)
    {
        _time = time;
        _since = time.GetTimestamp();
        _limit = fromNow;
        if (_waiter is not null)
            Arm();
    }

    private TimeSpan? Left() => _limit == Timeout.InfiniteTimeSpan ? null : _limit - _time.GetElapsedTime(_since);

    /// <summary>The clock is asked only while something waits; one that comes round too early, for an older deadline, is sent off again.</summary>
    private void Arm()
    {
        if (Left() is not { } left)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Rounded up, because the clock's timers cut fractions of a millisecond off and would come too early.
        var due = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(left.TotalMilliseconds)));
        if (_timer is null)
            _timer = _time.CreateTimer(static self => ((DeadlineWait)self!).OnTimer(), this, due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (gate)
        {
            if (_waiter is null)
                return;
            if (!HasExpired)
            {
                Arm();
                return;
            }
        }

        expired();
    }
}
