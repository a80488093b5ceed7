using Securely.Testing;

namespace Securely.Cli.Tests;

public sealed class RateSamplerTests
{
    private static readonly TimeSpan _short = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _long = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();
    private long _count;

    [Fact]
    public void Without_time_there_is_no_rate()
    {
        using var rates = Start();
        _count = 5;

        Assert.Equal(0, rates.PerSecond(_short));
    }

    [Fact]
    public void A_young_server_is_measured_since_its_start()
    {
        using var rates = Start();
        Pass(seconds: 4, each: 3);

        Assert.Equal(3, rates.PerSecond(_short));
        Assert.Equal(3, rates.PerSecond(_long));
    }

    [Fact]
    public void Each_window_sees_only_what_was_in_it()
    {
        using var rates = Start();
        Pass(seconds: 3600, each: 7);
        Pass(seconds: 50, each: 1);
        Pass(seconds: 10, each: 25);

        Assert.Equal(25, rates.PerSecond(_short));
        Assert.Equal(5, rates.PerSecond(_long));
        Pass(seconds: 61, each: 0);
        Assert.Equal(0, rates.PerSecond(_long));
    }

    [Fact]
    public void What_came_since_the_last_second_counts_already()
    {
        using var rates = Start();
        Pass(seconds: 100, each: 10);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        _count += 4;

        // Ten seconds and four tenths, with a hundred and four.
        Assert.Equal(10, rates.PerSecond(_short));
    }

    [Fact]
    public void Ends_with_its_owner()
    {
        Start().Dispose();

        Assert.Equal(0, _time.ArmedTimers);
    }

    private RateSampler Start() => new(() => Volatile.Read(ref _count), _time);

    private void Pass(int seconds, int each)
    {
        for (var i = 0; i < seconds; i++)
        {
            _count += each;
            _time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
