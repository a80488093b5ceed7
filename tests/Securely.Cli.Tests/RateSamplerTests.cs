using Microsoft.Extensions.Logging.Abstractions;
using Securely.Net;
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
        var rates = Start();
        _count = 5;

        Assert.Equal(0, rates.PerSecond(_short));
    }

    [Fact]
    public void A_young_server_is_measured_since_its_start()
    {
        var rates = Start();
        Pass(rates, seconds: 4, each: 3);

        Assert.Equal(3, rates.PerSecond(_short));
        Assert.Equal(3, rates.PerSecond(_long));
    }

    [Fact]
    public void Each_window_sees_only_what_was_in_it()
    {
        var rates = Start();
        Pass(rates, seconds: 3600, each: 7);
        Pass(rates, seconds: 50, each: 1);
        Pass(rates, seconds: 10, each: 25);

        Assert.Equal(25, rates.PerSecond(_short));
        Assert.Equal(5, rates.PerSecond(_long));
        Pass(rates, seconds: 61, each: 0);
        Assert.Equal(0, rates.PerSecond(_long));
    }

    [Fact]
    public void What_came_since_the_last_second_counts_already()
    {
        var rates = Start();
        Pass(rates, seconds: 100, each: 10);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        _count += 4;

        // Ten seconds and four tenths, with a hundred and four.
        Assert.Equal(10, rates.PerSecond(_short));
    }

    [Fact]
    public async Task The_service_notes_the_count_once_a_second()
    {
        var rates = Start();
        await using var workers = new WorkerGroup("rates", 1, new WorkerGroupOptions { Time = _time });
        using var sockets = new ListenSockets();
        using var shutdown = new CancellationTokenSource();
        var ready = new TaskCompletionSource();
        var running = new RateService(rates).RunAsync(
            new ServiceContext(workers, sockets, NullLogger.Instance, _time, TimeSpan.Zero, ready.SetResult), shutdown.Token);
        await ready.Task;

        // As many as are kept, each with a turn of the worker, after which the timer is armed again.
        for (var second = 1; second <= 30; second++)
        {
            await _time.WaitForTimersAsync();
            _count += second <= 20 ? 100 : 1;
            _time.Advance(TimeSpan.FromSeconds(1));
            var now = TimeSpan.FromSeconds(second);
            while (await workers.Workers[0].RunAsync(() => new ValueTask<long>(workers.Workers[0].Now)) < now.TotalMilliseconds)
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await workers.Workers[0].RunAsync(() => default);
        }

        await shutdown.CancelAsync();
        await running;
        Assert.Equal(1, rates.PerSecond(_short));
        Assert.Equal(67, rates.PerSecond(_long));
    }

    private RateSampler Start() => new(() => Volatile.Read(ref _count), _time);

    private void Pass(RateSampler rates, int seconds, int each)
    {
        for (var i = 0; i < seconds; i++)
        {
            _count += each;
            _time.Advance(TimeSpan.FromSeconds(1));
            rates.Take();
        }
    }
}
