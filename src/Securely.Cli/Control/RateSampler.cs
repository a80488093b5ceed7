namespace Securely.Cli;

/// <summary>
/// How fast a count grows: <see cref="Take"/> notes it, once a second, and what was noted is kept for a little over a minute. Thread-safe.
/// </summary>
internal sealed class RateSampler
{
    private const int Kept = 64;

    /// <summary>From one note to the next.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly (long Timestamp, long Count)[] _samples = new (long, long)[Kept];
    private readonly Func<long> _count;
    private readonly TimeProvider _time;
    private int _taken;

    public RateSampler(Func<long> count, TimeProvider time)
    {
        _count = count;
        _time = time;
        Take();
    }

    /// <summary>Growth a second over the window that ends now, or since the first sample where that is younger; one digit after the point.</summary>
    public double PerSecond(TimeSpan window)
    {
        var (now, count) = (_time.GetTimestamp(), _count());
        var (then, before) = Oldest(now, window);
        var seconds = _time.GetElapsedTime(then, now).TotalSeconds;
        return seconds <= 0 ? 0 : Math.Round((count - before) / seconds, 1);
    }

    /// <summary>Notes the count of this moment.</summary>
    public void Take()
    {
        lock (_gate)
        {
            _samples[_taken % Kept] = (_time.GetTimestamp(), _count());
            // Kept small, and equal in the ring.
            if (++_taken == 2 * Kept)
                _taken = Kept;
        }
    }

    /// <summary>The oldest sample inside of the window; timers are late by a little, so half an interval more is inside too.</summary>
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
}
