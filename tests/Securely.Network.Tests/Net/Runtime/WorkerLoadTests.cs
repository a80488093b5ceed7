using Securely.Net;

namespace Securely.Network.Tests.Net.Runtime;

public sealed class WorkerLoadTests
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;

    private readonly WorkerLoad _load = new();
    private long _now;

    [Fact]
    public void A_worker_that_hardly_waits_is_overloaded_until_it_has_given_a_connection_away()
    {
        Assert.False(_load.IsOverloaded);
        Turns(count: 21, waits: 0, works: 10);
        Assert.True(_load.IsOverloaded);
        Assert.False(_load.IsIdle(_now));
        _load.Moved();
        Assert.False(_load.IsOverloaded);
        Turns(count: 11, waits: 0, works: 10);
        Assert.True(_load.IsOverloaded);
    }

    [Fact]
    public void A_worker_that_waits_most_of_the_time_is_idle()
    {
        Turns(count: 40, waits: 8, works: 2);
        Assert.Equal(20, _load.Percent);
        Assert.True(_load.IsIdle(_now));
        Turns(count: 40, waits: 5, works: 5);
        Assert.Equal(50, _load.Percent);
        Assert.False(_load.IsIdle(_now));
        Assert.False(_load.IsOverloaded);
    }

    [Fact]
    public void A_worker_that_has_slept_for_long_is_idle_though_its_last_window_was_busy()
    {
        Turns(count: 21, waits: 0, works: 10);
        Assert.False(_load.IsIdle(_now));
        Assert.False(_load.IsIdle(_now + (50 * Millisecond)));
        Assert.Equal(1, _load.Ratio(_now));
        Assert.Equal(1, _load.Ratio(_now + (50 * Millisecond)));
        Assert.True(_load.IsIdle(_now + (101 * Millisecond)));
        Assert.Equal(0, _load.Ratio(_now + (101 * Millisecond)));
        _load.EndWait(_now += 500 * Millisecond);
        Assert.InRange(_load.Percent, 0, 10);
    }

    private void Turns(int count, long waits, long works)
    {
        for (var i = 0; i < count; i++)
        {
            _load.EndWait(_now += waits * Millisecond);
            _load.BeginWait(_now += works * Millisecond);
        }
    }
}
