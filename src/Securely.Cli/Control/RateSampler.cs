namespace Securely.Cli;

/// <summary>
/// How fast a count grows: notes it once a second for a little over a minute, and nothing else happens meanwhile. Disposing ends it.
/// Thread-safe.
/// </summary>
internal sealed class RateSampler : IDisposable
{
    private const int Kept = 64;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly (long Timestamp, long Count)[] _samples = new (long, long)[Kept];
    private readonly Func<long> _count;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private int _taken;

    public RateSampler(Func<long> count, TimeProvider time)
    {
        _count = count;
        _time = time;
        Take();
        _timer = time.CreateTimer(static self => ((RateSampler)self!).Take(), this, Interval, Interval);
    }

    /// <summary>Growth a second over the window that ends now, or since the first sample where that is younger; one digit after the point.</summary>
    public double PerSecond(TimeSpan window)
    {
        var (now, count) = (_time.GetTimestamp(), _count());
        var (then, before) = Oldest(now, window);
        var seconds = _time.GetElapsedTime(then, now).TotalSeconds;
        return seconds <= 0 ? 0 : Math.Round((count - before) / seconds, 1);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>The oldest sample inside of the window; the ticks of a timer are late by a little, so half an interval more is inside too.</summary>
    private (long Timestamp, long Count) Oldest(long now, TimeSpan window)
    {
        lock (_gate)
        {
            var oldest = _samples[(_taken - 1) % Kept];
            for (var age = 1; age <= Math.Min(_taken, Kept); age++)
            {
                var sample = _samples[(_taken - age) % Kept];
                if (_time.GetElapsedTime(sample.Timestamp, now) > window + (Interval / 2))
                    break;
                oldest = sample;
            }

            return oldest;
        }
    }

    private void Take()
    {
        lock (_gate)
        {
            _samples[_taken % Kept] = (_time.GetTimestamp(), _count());
            // Kept small, and equal in the ring.
            if (++_taken == 2 * Kept)
                _taken = Kept;
        }
    }
}
