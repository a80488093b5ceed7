using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class PaceTests
{
    [Theory]
    [InlineData(1_024, 60, 64)]
    [InlineData(1_024, 90, 90)]
    [InlineData(65_536, 5, 5)]
    [InlineData(1 << 30, 0, 0.001)]
    public void A_peer_may_fall_behind_by_its_time_or_by_the_allowance(long rate, double behind, double seconds)
    {
        var pace = new Pace(rate, TimeSpan.FromSeconds(behind));
        Assert.True(pace.IsAsked);
        Assert.Equal(TimeSpan.FromSeconds(seconds), pace.Left);
    }

    [Fact]
    public void What_is_waited_for_is_owed_and_what_comes_repays_it_but_is_not_saved_up()
    {
        var pace = new Pace(1_000, TimeSpan.FromSeconds(100));
        pace.Moved(1_000_000);
        pace.Waited(60_000);
        Assert.Equal(TimeSpan.FromSeconds(40), pace.Left);
        pace.Moved(20_000);
        Assert.Equal(TimeSpan.FromSeconds(60), pace.Left);
        pace.Moved(1_000_000);
        Assert.Equal(TimeSpan.FromSeconds(100), pace.Left);
        pace.Waited(100_000);
        Assert.Equal(TimeSpan.Zero, pace.Left);
        pace.Reset();
        Assert.Equal(TimeSpan.FromSeconds(100), pace.Left);
    }

    [Fact]
    public void A_peer_of_which_nothing_is_asked_owes_nothing()
    {
        var pace = default(Pace);
        pace.Waited(1_000_000);
        Assert.False(pace.IsAsked);
        Assert.Equal(Timeout.InfiniteTimeSpan, pace.Left);
        Assert.Equal(TimeSpan.FromSeconds(64), new Pace(1_024, Timeout.InfiniteTimeSpan).Left);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData((1L << 30) + 1)]
    public void A_rate_out_of_range_is_refused(long rate) => Assert.Throws<ArgumentOutOfRangeException>(() => new Pace(rate, TimeSpan.Zero));

    [Fact]
    public void The_largest_debts_are_counted_without_overflow()
    {
        var pace = new Pace(Pace.Fastest, TimeSpan.FromDays(30));
        pace.Waited((long)TimeSpan.FromDays(30).TotalMilliseconds - 1);
        Assert.Equal(TimeSpan.FromMilliseconds(1), pace.Left);
    }
}
