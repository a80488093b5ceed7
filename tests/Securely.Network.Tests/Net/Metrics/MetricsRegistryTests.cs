using System.Buffers;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Metrics;

public sealed class MetricsRegistryTests
{
    private const int Rounds = 10_000;

    private readonly MetricsRegistry _registry = new();

    [Fact]
    public void A_thread_that_is_no_worker_may_have_cells_of_its_own()
    {
        var counter = _registry.Counter(new MetricDefinition("test_events_total", "Events.")).With();
        var histogram = _registry.Histogram(new MetricDefinition("test_sizes_bytes", "Sizes."), 10, 100).With();
        var threads = Enumerable.Range(0, 3).Select(_ => new Thread(Count)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(3 * Rounds, counter.Value);
        Assert.Equal((6L * Rounds, 6L * Rounds * 50), (histogram.Count, histogram.Sum));
        Assert.Equal(6L * Rounds, histogram.InRange(1));

        void Count()
        {
            using var cells = _registry.CountOnThread();
            Assert.Throws<InvalidOperationException>(() => _registry.CountOnThread());
            for (var i = 0; i < Rounds; i++)
            {
                counter.Add();
                histogram.Observe(50, 2);
            }

            // Nothing is shared: what this thread has counted is in its own cells alone.
            Assert.Equal(Rounds, MetricCells.Current(_registry)!.Read(0));
        }
    }

    [Fact]
    public async Task Counts_of_all_workers_and_threads_add_up()
    {
        var counter = _registry.Counter(new MetricDefinition("test_events_total", "Events.")).With();
        var histogram = _registry.Histogram(new MetricDefinition("test_sizes_bytes", "Sizes."), 10, 100).With();
        await using (var workers = new TestWorkers(2, metrics: _registry))
        {
            var counting = Task.WhenAll(workers.RunAsync(CountAsync), workers.RunAsync(CountAsync, 1));
            Count();
            await counting;
            Assert.Equal(3 * Rounds, counter.Value);
        }

        // The workers have ended, and what they have counted stays.
        Assert.Equal(3 * Rounds, counter.Value);
        Assert.Equal(3 * Rounds, histogram.Count);
        Assert.Equal([11L * 3, 90L * 3, ((long)Rounds - 101) * 3], Enumerable.Range(0, 3).Select(histogram.InRange));
        Assert.Equal(3L * Rounds * (Rounds - 1) / 2, histogram.Sum);

        void Count()
        {
            for (var i = 0; i < Rounds; i++)
            {
                counter.Add();
                histogram.Observe(i);
            }
        }

        ValueTask CountAsync()
        {
            Count();
            return default;
        }
    }

    [Fact]
    public async Task A_reader_never_sees_a_sum_shrink_while_workers_count_and_end()
    {
        var counter = _registry.Counter(new MetricDefinition("test_events_total", "Events.")).With();
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var last = 0L;
            while (!done.IsCancellationRequested)
            {
                var next = counter.Value;
                Assert.True(next >= last, $"{next} after {last}");
                last = next;
            }
        });
        for (var generation = 0; generation < 20; generation++)
        {
            await using var workers = new TestWorkers(2, metrics: _registry);
            await Task.WhenAll(workers.RunAsync(() => counter.Add(1000)), workers.RunAsync(() => counter.Add(1000), 1));
        }

        await done.CancelAsync();
        await reading;
        Assert.Equal(40_000, counter.Value);
    }

    [Fact]
    public async Task A_worker_without_the_registry_counts_too()
    {
        var counter = _registry.Counter(new MetricDefinition("test_events_total", "Events.")).With();
        var gauge = _registry.Gauge(new MetricDefinition("test_level", "Level.")).With();
        await using (var others = new TestWorkers(1, metrics: new MetricsRegistry()))
            await others.RunAsync(() => counter.Add(2));
        await using (var none = new TestWorkers())
            await none.RunAsync(() => gauge.Add(-3));
        Assert.Equal(2, counter.Value);
        Assert.Equal(-3, gauge.Value);
    }

    [Fact]
    public async Task Counting_on_a_worker_allocates_nothing()
    {
        var row = _registry.Counter(new MetricDefinition("test_events_total", "Events.") { Labels = ["kind"] }).Row([], ["a", "b"]);
        var gauge = _registry.Gauge(new MetricDefinition("test_level", "Level.")).With();
        var histogram = _registry.Histogram(new MetricDefinition("test_durations_seconds", "Durations.") { Divisor = TimeSpan.TicksPerSecond }, 1, 10, 100).With();
        await using var workers = new TestWorkers(1, metrics: _registry);
        var allocated = await workers.RunAsync(() =>
        {
            Count();
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
                Count();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, allocated);

        void Count()
        {
            row[1].Add();
            gauge.Add(1);
            gauge.Add(-1);
            histogram.Observe(50);
        }
    }

    [Fact]
    public void Values_beyond_the_bound_of_a_label_share_one_series()
    {
        var family = _registry.Counter(new MetricDefinition("test_events_total", "Events.") { Labels = ["site", "status"], MostValues = 2 });
        foreach (var site in (string[])["a", "b", "c", "d"])
            family.With(site, "2xx").Add();
        family.With("a", "2xx").Add();
        Assert.Equal(["a,2xx=2", "b,2xx=1", "other,2xx=2"], family.Series.Select(s => $"{string.Join(',', s.LabelValues)}={((Counter)s).Value}"));
        Assert.Equal(5, family.Sum());
    }

    [Fact]
    public void A_row_is_shown_whole_once_one_of_it_has_counted()
    {
        var row = _registry.Counter(new MetricDefinition("test_events_total", "Events.") { Labels = ["site", "status"] }).Row(["a"], ["2xx", "5xx"]);
        Assert.Equal("", Text());
        row[0].Add(7);
        Assert.Equal(
            """
            # HELP test_events_total Events.
            # TYPE test_events_total counter
            test_events_total{site="a",status="2xx"} 7
            test_events_total{site="a",status="5xx"} 0

            """,
            Text());
    }

    [Fact]
    public void The_same_name_is_the_same_family()
    {
        var definition = new MetricDefinition("test_sizes_bytes", "Sizes.") { Labels = ["site"] };
        var first = _registry.Histogram(definition, 1, 2);
        Assert.Same(first, _registry.Histogram(definition, 1, 2));
        Assert.Same(first.With("a"), first.With("a"));
        Assert.Same(first, _registry.Find("test_sizes_bytes"));
        Assert.Null(_registry.Find("test_nothing"));
        Assert.Throws<InvalidOperationException>(() => _registry.Histogram(definition, 1, 3));
        Assert.Throws<InvalidOperationException>(() => _registry.Gauge(definition));
        Assert.Throws<InvalidOperationException>(() => _registry.Histogram(definition with { Labels = ["host"] }, 1, 2));
    }

    [Fact]
    public void Refuses_what_no_reader_would_take()
    {
        Assert.Throws<ArgumentException>(() => _registry.Counter(new MetricDefinition("test_events", "Events.")));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("test_events_total", "Events.")));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("1test", "Events.")));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("test", " ")));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("test", "Level.") { Labels = ["le"] }));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("test", "Level.") { Labels = ["a-b"] }));
        Assert.Throws<ArgumentException>(() => _registry.Histogram(new MetricDefinition("test", "Level."), 2, 2));
        Assert.Throws<ArgumentException>(() => _registry.Histogram(new MetricDefinition("test", "Level.")));
        Assert.Throws<ArgumentException>(() => _registry.Gauge(new MetricDefinition("test", "Level.") { Labels = ["a"] }).With());
        Assert.Throws<ArgumentOutOfRangeException>(() => _registry.Counter(new MetricDefinition("test_events_total", "Events.")).With().Add(-1));
    }

    [Fact]
    public void An_observed_figure_is_asked_for_until_it_is_taken_out()
    {
        var gauge = _registry.Gauge(new MetricDefinition("test_level", "Level.") { Labels = ["of"] });
        var level = 1.5;
        var first = gauge.Observe(() => level, "a");
        using (gauge.Observe(() => throw new InvalidOperationException(), "broken"))
            Assert.EndsWith("test_level{of=\"a\"} 1.5\ntest_level{of=\"broken\"} NaN\n", Text(), StringComparison.Ordinal);
        level = double.PositiveInfinity;
        Assert.EndsWith("test_level{of=\"a\"} +Inf\n", Text(), StringComparison.Ordinal);
        using var second = gauge.Observe(() => 2, "a");
        // The first one was replaced, so there is nothing to take out any more.
        first.Dispose();
        Assert.EndsWith("test_level{of=\"a\"} 2\n", Text(), StringComparison.Ordinal);
        second.Dispose();
        Assert.Equal("", Text());
        gauge.With("a").Add(1);
        Assert.Throws<InvalidOperationException>(() => gauge.Observe(() => 3, "a"));
    }

    private string Text()
    {
        var output = new ArrayBufferWriter<byte>();
        _registry.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
