using System.Buffers;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Metrics;

public sealed class MetricTextTests
{
    private readonly MetricsRegistry _registry = new();

    [Fact]
    public void Writes_Prometheus_text_with_every_value_escaped()
    {
        Fill();
        Assert.Equal(
            """
            # HELP test_events_total Back\\slash and new\nline "quoted".
            # TYPE test_events_total counter
            test_events_total{path="a\\b\"c\nd",other="é"} 9223372036854775807
            # HELP test_level Level.
            # TYPE test_level gauge
            test_level -2
            # HELP test_waits_seconds Waits.
            # TYPE test_waits_seconds histogram
            test_waits_seconds_bucket{of="x",le="0.0005"} 0
            test_waits_seconds_bucket{of="x",le="1"} 2
            test_waits_seconds_bucket{of="x",le="2.5"} 2
            test_waits_seconds_bucket{of="x",le="+Inf"} 3
            test_waits_seconds_sum{of="x"} 4.5
            test_waits_seconds_count{of="x"} 3

            """,
            Text(openMetrics: false));
    }

    [Fact]
    public void Writes_OpenMetrics_with_its_end()
    {
        Fill();
        Assert.Equal(
            """
            # HELP test_events Back\\slash and new\nline \"quoted\".
            # TYPE test_events counter
            test_events_total{path="a\\b\"c\nd",other="é"} 9223372036854775807
            # HELP test_level Level.
            # TYPE test_level gauge
            test_level -2
            # HELP test_waits_seconds Waits.
            # TYPE test_waits_seconds histogram
            test_waits_seconds_bucket{of="x",le="0.0005"} 0
            test_waits_seconds_bucket{of="x",le="1.0"} 2
            test_waits_seconds_bucket{of="x",le="2.5"} 2
            test_waits_seconds_bucket{of="x",le="+Inf"} 3
            test_waits_seconds_sum{of="x"} 4.5
            test_waits_seconds_count{of="x"} 3
            # EOF

            """,
            Text(openMetrics: true));
    }

    [Fact]
    public void An_empty_registry_is_an_empty_text()
    {
        Assert.Equal("", Text(openMetrics: false));
        Assert.Equal("# EOF\n", Text(openMetrics: true));
    }

    [Fact]
    public void Reading_once_more_allocates_nothing()
    {
        Fill();
        var output = new ArrayBufferWriter<byte>();
        _registry.Write(output);
        _registry.Write(output, openMetrics: true);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            output.ResetWrittenCount();
            _registry.Write(output, openMetrics: i % 2 == 0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Fill()
    {
        var waits = _registry.Histogram(
            new MetricDefinition("test_waits_seconds", "Waits.") { Labels = ["of"], Divisor = TimeSpan.TicksPerSecond }, 5_000, 10_000_000, 25_000_000).With("x");
        waits.Observe(TimeSpan.FromSeconds(1).Ticks);
        waits.Observe(TimeSpan.FromSeconds(0.5).Ticks);
        waits.Observe(TimeSpan.FromSeconds(3).Ticks);
        _registry.Gauge(new MetricDefinition("test_level", "Level.")).With().Add(-2);
        _registry.Counter(new MetricDefinition("test_events_total", "Back\\slash and new\nline \"quoted\".") { Labels = ["path", "other"] }).With("a\\b\"c\nd", "é").Add(long.MaxValue);
    }

    private string Text(bool openMetrics)
    {
        var output = new ArrayBufferWriter<byte>();
        _registry.Write(output, openMetrics);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
