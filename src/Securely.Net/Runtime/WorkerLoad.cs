namespace Securely.Net;

/// <summary>
/// How busy a worker is, in windows of a tenth of a second. Its worker writes; the others read.
/// </summary>
internal sealed class WorkerLoad
{
    private const long Window = TimeSpan.TicksPerMillisecond * 100;
    private const int Busy = 90;
    private const int Idle = 30;

    private long _windowStart;
    private long _waited;
    private long _waitingSince;
    private bool _moved;
    private volatile int _percent;

    /// <summary>Whether the last window was busy and no connection has been given away in this one.</summary>
    internal bool IsOverloaded => _percent >= Busy && !_moved;

    internal int Percent => _percent;

    /// <summary>Whether another worker may give it a connection.</summary>
    internal bool IsIdle(long now)
    {
        // One that has slept for long has not closed its window: the sleep itself says that it is idle.
        var since = Volatile.Read(ref _waitingSince);
        return _percent <= Idle || (since != 0 && now - since > Window);
    }

    /// <summary>The share of the last window in which it was busy, from 0 to 1; 0 when it has slept since.</summary>
    internal double Ratio(long now)
    {
        var since = Volatile.Read(ref _waitingSince);
        return since != 0 && now - since > Window ? 0 : _percent / 100.0;
    }

    internal void Moved() => _moved = true;

    internal void BeginWait(long now) => Volatile.Write(ref _waitingSince, now);

    internal void EndWait(long now)
    {
        _waited += now - _waitingSince;
        Volatile.Write(ref _waitingSince, 0);
        var length = now - _windowStart;
        if (length < Window)
            return;
        _percent = (int)(100 - (Math.Min(_waited, length) * 100 / length));
        _windowStart = now;
        _waited = 0;
        _moved = false;
    }
}
