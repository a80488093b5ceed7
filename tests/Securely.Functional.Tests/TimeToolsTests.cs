using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>The clock and the barrier of Securely.Testing.</summary>
public sealed class TimeToolsTests
{
    [Fact]
    public void Wall_clock_and_timestamp_move_only_when_advanced()
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2030, 5, 6, 7, 8, 9, TimeSpan.Zero));
        var start = time.GetTimestamp();

        time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(new DateTimeOffset(2030, 5, 6, 7, 9, 39, TimeSpan.Zero), time.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(90), time.GetElapsedTime(start));
        Assert.Throws<ArgumentOutOfRangeException>(() => time.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Fires_timers_in_the_order_of_their_due_time_at_that_time()
    {
        var time = new ManualTimeProvider();
        var fired = new List<string>();
        using var late = Timer(time, fired, "late", seconds: 3);
        using var early = Timer(time, fired, "early", seconds: 1);
        using var same = Timer(time, fired, "same", seconds: 1);
        using var never = Timer(time, fired, "never", seconds: 4);

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(["early at 1", "same at 1", "late at 3"], fired);
        Assert.Equal(1, time.ArmedTimers);
    }

    [Fact]
    public void Fires_a_periodic_timer_as_often_as_it_is_due()
    {
        var time = new ManualTimeProvider();
        var fired = new List<string>();
        using var timer = time.CreateTimer(_ => fired.Add($"tick at {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["tick at 1", "tick at 3", "tick at 5"], fired);
    }

    [Fact]
    public void A_timer_armed_by_a_callback_fires_in_the_same_advance()
    {
        var time = new ManualTimeProvider();
        var fired = new List<string>();
        ITimer? second = null;
        using var first = time.CreateTimer(_ => second = Timer(time, fired, "second", seconds: 1), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(["second at 2"], fired);
        second!.Dispose();
        Assert.False(second.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task Drives_delays_and_cancellation_of_the_framework()
    {
        var time = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromMinutes(1), time, TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMinutes(2), time);

        await time.WaitForTimersAsync(2);
        time.Advance(TimeSpan.FromMinutes(1));
        await delay;
        Assert.False(cancellation.IsCancellationRequested);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(cancellation.IsCancellationRequested);
    }

    [Fact]
    public async Task A_timer_that_is_due_at_once_needs_no_advance()
    {
        var time = new ManualTimeProvider();
        var barrier = new PhaseBarrier();

        using var timer = time.CreateTimer(_ => barrier.Signal("fired"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);

        await barrier.WaitAsync("fired");
        Assert.Equal(TimeSpan.Zero, time.Elapsed);
    }

    [Fact]
    public async Task Advances_of_many_threads_add_up_and_lose_no_tick()
    {
        var time = new ManualTimeProvider();
        var ticks = 0;
        using var timer = time.CreateTimer(_ => ticks++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        await Parallel.ForAsync(0, 100, TestContext.Current.CancellationToken, (_, _) =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return ValueTask.CompletedTask;
        });

        Assert.Equal((100, TimeSpan.FromSeconds(100)), (ticks, time.Elapsed));
    }

    [Fact]
    public async Task A_barrier_remembers_signals_and_holds_until_enough_came()
    {
        var barrier = new PhaseBarrier();
        barrier.Signal("request");
        await barrier.WaitAsync("request");

        var second = barrier.WaitAsync("request", times: 2);
        Assert.False(second.IsCompleted);
        barrier.Signal("request");
        await second;

        Assert.Equal(2, barrier.Count("request"));
    }

    [Fact]
    public async Task A_barrier_fails_with_the_name_of_the_phase_that_did_not_come()
    {
        var barrier = new PhaseBarrier(TimeSpan.FromMilliseconds(1));
        barrier.Signal("connected");

        var error = await Assert.ThrowsAsync<TimeoutException>(() => barrier.WaitAsync("answered"));

        Assert.Equal("Waited 0.001 s for phase [answered] x1; signalled: [connected] x1", error.Message);
    }

    private static ITimer Timer(ManualTimeProvider time, List<string> fired, string name, int seconds) =>
        time.CreateTimer(_ => fired.Add($"{name} at {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
}
