namespace Securely.Net;

/// <summary>
/// A deadline that is moved often and seldom reached. Moving it later, or clearing it, costs one store: the wheel looks at the deadline when the
/// old one comes round. Only the owning worker touches it.
/// </summary>
/// <param name="expired">What runs, on the worker, when the deadline has passed.</param>
/// <param name="state">Handed to <paramref name="expired"/>.</param>
public sealed class WorkerTimer(Action<object?> expired, object? state)
{
    internal const long Never = long.MaxValue;

    internal WorkerTimer? Next;
    internal WorkerTimer? Previous;
    internal TimerWheel? Wheel;
    internal int Slot;
    internal long LinkedTick;
    internal long Deadline = Never;

    /// <summary>Whether a deadline is set.</summary>
    public bool IsSet => Deadline != Never;

    /// <summary>Sets or moves the deadline. Resolution: 10 ms, never early.</summary>
    /// <param name="worker">The worker that owns the timer; it must be the current one.</param>
    /// <param name="delay">From now; an infinite one clears the deadline.</param>
    public void Set(Worker worker, TimeSpan delay)
    {
        ArgumentNullException.ThrowIfNull(worker);
        if (delay == Timeout.InfiniteTimeSpan)
        {
            Deadline = Never;
            return;
        }

        SetAt(worker, worker.Now + (delay.Ticks / TimeSpan.TicksPerMillisecond));
    }

    /// <summary>Clears the deadline.</summary>
    public void Clear() => Deadline = Never;

    /// <summary>Takes the timer out of its wheel, so that another worker may use it.</summary>
    public void Detach()
    {
        Deadline = Never;
        Wheel?.Remove(this);
    }

    internal void SetAt(Worker worker, long milliseconds)
    {
        Deadline = milliseconds;
        worker.Timers.Schedule(this);
    }

    internal void Expire() => expired(state);
}
