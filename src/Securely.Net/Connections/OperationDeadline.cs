namespace Securely.Net;

/// <summary>
/// The deadline that holds for all operations of one direction until it is set again, by a clock that may run on any thread. But for the clock's
/// call, it is used under the lock of its connection.
/// </summary>
/// <param name="passed">Called when the deadline may have passed, on the clock's thread or inside of <see cref="Arm"/>; it must not do anything itself.</param>
internal sealed class OperationDeadline(Action passed)
{
    private TimeProvider _time = TimeProvider.System;
    private TimeSpan _limit = Timeout.InfiniteTimeSpan;
    private ITimer? _timer;
    private long _since;

    internal bool HasPassed => Left() is { } left && left <= TimeSpan.Zero;

    internal void Set(TimeProvider time, TimeSpan fromNow)
    {
        _time = time;
        _since = time.GetTimestamp();
        _limit = fromNow;
    }

    /// <summary>Asks the clock to call. Only what waits does so; a call for an older deadline comes too early, and its receiver asks again.</summary>
    internal void Arm()
    {
        if (Left() is not { } left)
        {
            _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        if (left <= TimeSpan.Zero)
        {
            passed();
            return;
        }

        // Rounded up, because the clock's timers cut fractions of a millisecond off and would come too early.
        var due = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        if (_timer is null)
            _timer = _time.CreateTimer(static self => ((OperationDeadline)self!).OnTimer(), this, due, Timeout.InfiniteTimeSpan);
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    internal void Close() => _timer?.Dispose();

    private TimeSpan? Left() => _limit == Timeout.InfiniteTimeSpan ? null : _limit - _time.GetElapsedTime(_since);

    private void OnTimer() => passed();
}
