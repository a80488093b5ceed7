using System.Numerics;

namespace Securely.Net;

/// <summary>
/// The timers of one worker: 1,024 buckets of 10 ms. A deadline further away than the wheel waits in its last bucket and is looked at again.
/// Only the owning worker touches it.
/// </summary>
internal sealed class TimerWheel
{
    internal const int Resolution = 10;
    private const int Slots = 1024;

    private readonly WorkerTimer?[] _slots = new WorkerTimer?[Slots];
    private readonly ulong[] _occupied = new ulong[Slots / 64];
    private readonly Action<WorkerTimer>? _run;
    private readonly Func<bool>? _isEnough;
    private long _tick;
    private int _count;
    private bool _isUnfinished;

    /// <summary>Makes an empty wheel.</summary>
    /// <param name="now">The present time in milliseconds.</param>
    /// <param name="run">Runs a timer that has expired and keeps its errors from the others; null to call it directly.</param>
    /// <param name="isEnough">Asked after each that has run: whether the others have to wait for the next <see cref="Advance"/>. Null: never.</param>
    internal TimerWheel(long now, Action<WorkerTimer>? run = null, Func<bool>? isEnough = null)
    {
        _tick = now / Resolution;
        _run = run;
        _isEnough = isEnough;
    }

    internal int Count => _count;

    internal void Schedule(WorkerTimer timer)
    {
        // Rounded up, so that a timer is never early; at least one tick away, so that expiring one cannot loop.
        var tick = Math.Max((timer.Deadline + Resolution - 1) / Resolution, _tick + 1);
        tick = Math.Min(tick, _tick + Slots - 1);
        if (ReferenceEquals(timer.Wheel, this))
        {
            if (timer.LinkedTick <= tick)
                return;
            Remove(timer);
        }
        else if (timer.Wheel is not null)
        {
            throw new InvalidOperationException("The timer belongs to another worker; detach it there first.");
        }

        Link(timer, tick);
    }

    internal void Remove(WorkerTimer timer)
    {
        if (timer.Previous is null)
            _slots[timer.Slot] = timer.Next;
        else
            timer.Previous.Next = timer.Next;
        if (timer.Next is not null)
            timer.Next.Previous = timer.Previous;
        if (_slots[timer.Slot] is null)
            _occupied[timer.Slot >> 6] &= ~(1UL << (timer.Slot & 63));
        timer.Next = timer.Previous = null;
        timer.Wheel = null;
        _count--;
    }

    /// <summary>Runs what is due, or as much of it as is enough for once.</summary>
    internal void Advance(long now)
    {
        var target = now / Resolution;
        if (_isUnfinished && !TryExpire(now))
            return;
        while (_tick < target && _count > 0)
        {
            _tick++;
            if (!TryExpire(now))
                return;
        }

        _tick = Math.Max(_tick, target);
    }

    /// <summary>How long the worker may sleep, in milliseconds; -1 without a timer.</summary>
    internal int MillisecondsToNext(long now)
    {
        if (_count == 0)
            return -1;
        if (_isUnfinished)
            return 0;
        var start = (int)((_tick + 1) & (Slots - 1));
        for (var step = 0; step <= Slots / 64; step++)
        {
            var word = ((start >> 6) + step) & ((Slots / 64) - 1);
            var bits = _occupied[word];
            if (step == 0)
                bits &= ulong.MaxValue << (start & 63);
            if (bits == 0)
                continue;
            var slot = (word << 6) + BitOperations.TrailingZeroCount(bits);
            var tick = _tick + 1 + ((slot - start + Slots) & (Slots - 1));
            return (int)Math.Clamp((tick * Resolution) - now, 0, int.MaxValue);
        }

        return 0;
    }

    private void Link(WorkerTimer timer, long tick)
    {
        var slot = (int)(tick & (Slots - 1));
        timer.LinkedTick = tick;
        timer.Slot = slot;
        timer.Wheel = this;
        timer.Previous = null;
        timer.Next = _slots[slot];
        if (timer.Next is not null)
            timer.Next.Previous = timer;
        _slots[slot] = timer;
        _occupied[slot >> 6] |= 1UL << (slot & 63);
        _count++;
    }

    /// <summary>Empties the bucket of the present tick; false when the rest of it has to wait.</summary>
    private bool TryExpire(long now)
    {
        _isUnfinished = false;
        // A callback may remove any timer of this bucket, so the head is taken anew each time; what is not due yet moves to a later bucket.
        while (_slots[_tick & (Slots - 1)] is { } timer)
        {
            Remove(timer);
            if (timer.Deadline == WorkerTimer.Never)
                continue;
            if (timer.Deadline > now)
            {
                Schedule(timer);
                continue;
            }

            timer.Deadline = WorkerTimer.Never;
            if (_run is null)
                timer.Expire();
            else
                _run(timer);
            if (_isEnough is null || !_isEnough())
                continue;
            _isUnfinished = true;
            return false;
        }

        return true;
    }
}
