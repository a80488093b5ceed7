using System.Diagnostics.Metrics;
using System.Globalization;
using Securely.Net;

namespace Securely.Network.Tests.Net.Metrics;

public sealed class MetricsMeterTests
{
    [Fact]
    public void Shows_the_same_figures_as_instruments()
    {
        var registry = new MetricsRegistry();
        registry.Counter(new MetricDefinition("test_events_total", "Events.") { Labels = ["site"] }).With("a").Add(3);
        using var meter = new MetricsMeter(registry, "Securely.Test." + Guid.NewGuid().ToString("N"), "1.2");
        // What comes later is shown too.
        registry.Gauge(new MetricDefinition("test_level", "Level.") { Labels = ["of"] }).Observe(() => 1.5, "x");
        var row = registry.Counter(new MetricDefinition("test_errors_total", "Errors.") { Labels = ["kind"] }).Row([], ["a", "b"]);
        var waits = registry.Histogram(new MetricDefinition("test_waits_seconds", "Waits.") { Divisor = TimeSpan.TicksPerSecond }, 10_000_000, 20_000_000).With();
        waits.Observe(5_000_000);
        waits.Observe(25_000_000);

        Assert.Equal(
            [
                "test_events_total{site=a} 3",
                "test_level{of=x} 1.5",
                "test_waits_seconds_bucket{le=1} 1",
                "test_waits_seconds_bucket{le=2} 1",
                "test_waits_seconds_bucket{le=Infinity} 2",
                "test_waits_seconds_count{} 2",
                "test_waits_seconds_sum{} 3",
            ],
            Read(registry));
        row[1].Add();
        Assert.Equal(["test_errors_total{kind=a} 0", "test_errors_total{kind=b} 1"], Read(registry).Where(line => line.StartsWith("test_errors", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_meter_that_is_taken_away_shows_nothing()
    {
        var registry = new MetricsRegistry();
        registry.Counter(new MetricDefinition("test_events_total", "Events.")).With().Add(3);
        var name = "Securely.Test." + Guid.NewGuid().ToString("N");
        var meter = new MetricsMeter(registry, name);
        Assert.Single(ReadMeter(name));
        meter.Dispose();
        registry.Counter(new MetricDefinition("test_more_total", "More.")).With().Add(3);
        Assert.Empty(ReadMeter(name));
    }

    private static string[] Read(MetricsRegistry registry)
    {
        var name = "Securely.Test." + Guid.NewGuid().ToString("N");
        using var meter = new MetricsMeter(registry, name);
        return ReadMeter(name);
    }

    private static string[] ReadMeter(string name)
    {
        var lines = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == name)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var labels = string.Join(',', tags.ToArray().Select(tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{instrument.Name}{{{labels}}} {value}"));
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
