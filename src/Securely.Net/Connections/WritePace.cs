namespace Securely.Net;

/// <summary>
/// Watches over the writes of one connection whose peer has to take bytes at a minimum rate. What has been taken is what the peer's kernel has
/// acknowledged: ours announces room only when a third of a large buffer is free, which can take a steady reader minutes.
/// </summary>
internal sealed class WritePace(long bytesPerSecond, TimeSpan behind)
{
    private Pace _pace = new(bytesPerSecond, behind);
    private long _since;
    private long _taken;

    internal bool IsFor(long rate, TimeSpan time) => rate == bytesPerSecond && time == behind;

    /// <summary>A write begins to wait.</summary>
    /// <param name="now">In milliseconds.</param>
    /// <param name="taken">What the peer has taken so far, counted from anywhere.</param>
    /// <returns>How long it may wait.</returns>
    internal TimeSpan Begin(long now, long taken)
    {
        _since = now;
        _taken = taken;
        return _pace.Left;
    }

    /// <summary>The write still waits, or waits no longer.</summary>
    /// <param name="now">In milliseconds.</param>
    /// <param name="taken">What the peer has taken by now, counted from the same place.</param>
    /// <returns>How much longer it may wait; zero when the peer is too slow.</returns>
    internal TimeSpan Look(long now, long taken)
    {
        _pace.Waited(now - _since);
        _pace.Moved(taken - _taken);
        return Begin(now, taken);
    }
}
