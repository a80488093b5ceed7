using Securely.Net;

namespace Securely.Network.Tests.Net.Runtime;

public sealed class TimerWheelTests
{
    private readonly TimerWheel _wheel = new(0);
    private readonly List<string> _expired = [];

    [Theory]
    [InlineData(1, 10)]
    [InlineData(9, 10)]
    [InlineData(10, 10)]
    [InlineData(11, 20)]
    [InlineData(10_230, 10_230)]
    [InlineData(10_231, 10_240)]
    [InlineData(123_456, 123_460)]
    public void Expires_on_the_next_ten_milliseconds_and_never_early(long deadline, long expiry)
    {
        Schedule(Make("x"), deadline);
        for (var now = 0L; now < expiry; now++)
            _wheel.Advance(now);
        Assert.Empty(_expired);
        _wheel.Advance(expiry);
        Assert.Equal(["x"], _expired);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_deadline_in_the_past_expires_with_the_next_tick()
    {
        _wheel.Advance(1000);
        Schedule(Make("x"), 5);
        _wheel.Advance(1009);
        Assert.Empty(_expired);
        _wheel.Advance(1010);
        Assert.Equal(["x"], _expired);
    }

    [Fact]
    public void Moving_a_deadline_later_leaves_the_timer_where_it_is_until_its_old_time_comes()
    {
        var timer = Make("x");
        Schedule(timer, 100);
        var linked = timer.LinkedTick;
        for (var deadline = 110; deadline <= 5000; deadline += 10)
            Schedule(timer, deadline);
        Assert.Equal(linked, timer.LinkedTick);
        Assert.Equal(1, _wheel.Count);
        _wheel.Advance(4999);
        Assert.Empty(_expired);
        _wheel.Advance(5000);
        Assert.Equal(["x"], _expired);
    }

    [Fact]
    public void Moving_a_deadline_earlier_counts_at_once()
    {
        var timer = Make("x");
        Schedule(timer, 5000);
        Schedule(timer, 50);
        Assert.Equal(50, _wheel.MillisecondsToNext(0));
        _wheel.Advance(50);
        Assert.Equal(["x"], _expired);
    }

    [Fact]
    public void A_cleared_deadline_does_not_expire_and_may_be_set_again()
    {
        var timer = Make("x");
        Schedule(timer, 100);
        timer.Clear();
        Assert.False(timer.IsSet);
        Schedule(timer, 300);
        timer.Clear();
        _wheel.Advance(200);
        Schedule(timer, 400);
        Assert.True(timer.IsSet);
        _wheel.Advance(399);
        Assert.Empty(_expired);
        _wheel.Advance(400);
        Assert.Equal(["x"], _expired);
        Assert.False(timer.IsSet);
    }

    [Fact]
    public void A_detached_timer_leaves_the_wheel_and_may_enter_another_one()
    {
        var timer = Make("x");
        Schedule(timer, 100);
        timer.Detach();
        Assert.Equal(0, _wheel.Count);
        Assert.Equal(-1, _wheel.MillisecondsToNext(0));
        var other = new TimerWheel(0);
        timer.Deadline = 50;
        other.Schedule(timer);
        _wheel.Advance(1000);
        Assert.Empty(_expired);
        other.Advance(50);
        Assert.Equal(["x"], _expired);
    }

    [Fact]
    public void A_timer_of_another_wheel_is_refused()
    {
        var timer = Make("x");
        Schedule(timer, 100);
        var other = new TimerWheel(0);
        Assert.Throws<InvalidOperationException>(() => other.Schedule(timer));
        _wheel.Advance(100);
        Assert.Equal(["x"], _expired);
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(86_400_000L * 3)]
    public void Far_deadlines_are_reached_by_sleeping_as_told(long deadline)
    {
        Schedule(Make("x"), deadline);
        var now = 0L;
        var sleeps = 0;
        while (_expired.Count == 0)
        {
            var wait = _wheel.MillisecondsToNext(now);
            Assert.InRange(wait, 1, 10_240);
            now += wait;
            sleeps++;
            _wheel.Advance(now);
        }

        Assert.InRange(now, deadline, deadline + TimerWheel.Resolution);
        Assert.InRange(sleeps, 1, (deadline / 10_000) + 2);
    }

    [Fact]
    public void Tells_how_long_to_sleep_from_any_place_of_the_wheel()
    {
        Assert.Equal(-1, _wheel.MillisecondsToNext(0));
        for (var start = 0L; start < 30_000; start += 170)
        {
            _wheel.Advance(start);
            var near = Make("near");
            var far = Make("far");
            Schedule(far, start + 9_000);
            Assert.InRange(_wheel.MillisecondsToNext(start), 9_000, 9_010);
            Schedule(near, start + 37);
            Assert.InRange(_wheel.MillisecondsToNext(start), 37, 47);
            near.Detach();
            far.Detach();
        }
    }

    [Fact]
    public void After_a_jump_of_the_clock_all_that_is_due_expires()
    {
        for (var i = 0; i < 100; i++)
            Schedule(Make("x"), 1 + (i * 997));
        _wheel.Advance(3_600_000);
        Assert.Equal(100, _expired.Count);
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void A_callback_may_remove_move_and_add_timers_of_its_own_bucket()
    {
        WorkerTimer victim = Make("victim"), moved = Make("moved");
        var again = 0;
        WorkerTimer? self = null;
        self = new WorkerTimer(_ =>
        {
            victim.Detach();
            Schedule(moved, 200);
            if (++again < 3)
                Schedule(self!, 0);
            Schedule(Make("new"), 100);
        }, null);
        Schedule(moved, 100);
        Schedule(victim, 100);
        Schedule(self, 100);
        _wheel.Advance(100);
        Assert.Equal(1, again);
        _wheel.Advance(120);
        Assert.Equal(3, again);
        _wheel.Advance(200);
        Assert.DoesNotContain("victim", _expired);
        Assert.Equal(1, _expired.Count(e => e == "moved"));
        Assert.Equal(3, _expired.Count(e => e == "new"));
    }

    [Fact]
    public void Thousands_of_timers_expire_when_they_should_whatever_is_done_to_them()
    {
        var random = new Random(20260);
        var now = 0L;
        var due = new long[5000];
        var timers = new WorkerTimer[due.Length];
        for (var i = 0; i < timers.Length; i++)
        {
            var index = i;
            timers[i] = new WorkerTimer(_ =>
            {
                Assert.InRange(now, due[index], long.MaxValue - 1);
                due[index] = long.MaxValue;
            }, null);
            due[i] = long.MaxValue;
        }

        for (var step = 0; step < 4000; step++)
        {
            for (var change = 0; change < 10; change++)
            {
                var index = random.Next(timers.Length);
                switch (random.Next(4))
                {
                    case 0:
                        timers[index].Clear();
                        due[index] = long.MaxValue;
                        break;
                    case 1:
                        timers[index].Detach();
                        due[index] = long.MaxValue;
                        break;
                    default:
                        due[index] = now + random.Next(20_000);
                        Schedule(timers[index], due[index]);
                        break;
                }
            }

            now += random.Next(30);
            _wheel.Advance(now);
            if (step % 100 == 0)
                Assert.All(due, d => Assert.True(d > now - (2 * TimerWheel.Resolution), "A timer is late"));
        }

        now += 40_000;
        _wheel.Advance(now);
        Assert.All(due, d => Assert.Equal(long.MaxValue, d));
        Assert.Equal(0, _wheel.Count);
    }

    [Fact]
    public void What_is_too_much_for_one_turn_waits_for_the_next_and_loses_nothing()
    {
        var wheel = new TimerWheel(0, null, () => _expired.Count % 2 == 0);
        var timers = Enumerable.Range(0, 5).Select(i => Make(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i}"))).ToArray();
        foreach (var timer in timers)
        {
            timer.Deadline = 20;
            wheel.Schedule(timer);
        }

        var later = Make("later");
        later.Deadline = 30;
        wheel.Schedule(later);

        wheel.Advance(20);
        Assert.Equal(["4", "3"], _expired);
        Assert.Equal(0, wheel.MillisecondsToNext(20));
        timers[2].Clear();
        timers[1].Deadline = 40;
        wheel.Schedule(timers[1]);
        wheel.Advance(30);
        Assert.Equal(["4", "3", "0", "later"], _expired);
        wheel.Advance(30);
        Assert.Equal(10, wheel.MillisecondsToNext(30));
        wheel.Advance(40);
        Assert.Equal(["4", "3", "0", "later", "1"], _expired);
        Assert.Equal(0, wheel.Count);
    }

    private WorkerTimer Make(string name) => new(_ => _expired.Add(name), null);

    private void Schedule(WorkerTimer timer, long deadline)
    {
        timer.Deadline = deadline;
        _wheel.Schedule(timer);
    }
}
