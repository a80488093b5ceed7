namespace Securely.Testing;

/// <summary>A clock that stands still until a test advances it, with timers that fire in order of their due time.</summary>
/// <remarks>
/// Thread-safe. Wall clock and timestamp move together. Callbacks run on the thread that calls <see cref="Advance"/>, one after
/// another, in the execution context that armed the timer; one with a due time of zero runs on the thread pool at once, because no
/// time has to pass for it. An exception of a callback leaves <see cref="Advance"/>, with the clock at that timer's due time.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _state = new();
    private readonly Lock _advancing = new();
    private readonly List<ManualTimer> _armed = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private long _sequence;

    /// <summary>Makes a clock that shows <paramref name="start"/> (default: 2026-01-01 00:00:00 UTC).</summary>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _start = start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timestamps count ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the clock has been advanced since it was made.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_state)
                return _elapsed;
        }
    }

    /// <summary>Timers that wait for time to pass.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_state)
                return _armed.Count;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock by <paramref name="by"/> and runs what becomes due, earliest first; a periodic timer as often as it is due.</summary>
    /// <remarks>A callback sees the clock at its own due time. Two threads that advance at once add up. A callback may advance further.</remarks>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="by"/> is negative: time does not go back.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_advancing)
        {
            var target = Elapsed + by;
            while (TakeDue(target) is { } timer)
                timer.Fire();
        }
    }

    /// <summary>Waits until at least <paramref name="count"/> timers are armed, so that a test advances only when the code under test waits.</summary>
    /// <exception cref="TimeoutException">They are not armed within 30 s of real time.</exception>
    public Task WaitForTimersAsync(int count = 1)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_state)
        {
            if (_armed.Count >= count)
                return Task.CompletedTask;
            _waiters.Add((count, reached));
        }
        return Deadline.AwaitAsync(reached.Task, Deadline.Phase, () => $"{count} armed timers (there are {ArmedTimers})");
    }

    internal bool Arm(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        CheckInterval(dueTime, nameof(dueTime));
        CheckInterval(period, nameof(period));
        lock (_state)
        {
            if (timer.Disposed)
                return false;
            _armed.Remove(timer);
            timer.Period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                timer.Due = _elapsed + dueTime;
                timer.Sequence = _sequence++;
                _armed.Add(timer);
                _waiters.RemoveAll(waiter => _armed.Count >= waiter.Count && waiter.Reached.TrySetResult());
            }
        }
        if (dueTime == TimeSpan.Zero)
            ThreadPool.UnsafeQueueUserWorkItem(static clock => clock.Advance(TimeSpan.Zero), this, preferLocal: false);
        return true;
    }

    internal void Disarm(ManualTimer timer)
    {
        lock (_state)
        {
            timer.Disposed = true;
            _armed.Remove(timer);
        }
    }

    private static void CheckInterval(TimeSpan interval, string name)
    {
        if (interval != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero, name);
    }

    /// <summary>Takes the next timer that is due, with the clock at its time; without one the clock has arrived at the target.</summary>
    private ManualTimer? TakeDue(TimeSpan target)
    {
        lock (_state)
        {
            var next = _armed.Where(timer => timer.Due <= target).OrderBy(timer => timer.Due).ThenBy(timer => timer.Sequence).FirstOrDefault();
            if (next is null)
            {
                // In the same breath: a timer that is armed from here on counts from the new time, and none falls between.
                if (_elapsed < target)
                    _elapsed = target;
                return null;
            }

            if (_elapsed < next.Due)
                _elapsed = next.Due;
            _armed.Remove(next);
            if (next.Period > TimeSpan.Zero)
            {
                next.Due += next.Period;
                next.Sequence = _sequence++;
                _armed.Add(next);
            }
            return next;
        }
    }
}
