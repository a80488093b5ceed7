using System.Diagnostics.Metrics;

namespace Securely.Net;

/// <summary>
/// Shows the figures of a registry as a <see cref="Meter"/>, to whatever a program listens to its own meters with (dotnet-counters, OpenTelemetry).
/// Instruments have the names that the text has; they are observed, so that nothing happens until somebody listens.
/// </summary>
/// <remarks>
/// A histogram becomes three observed counters, as in the text: <c>NAME_bucket</c> with the label <c>le</c>, <c>NAME_sum</c> and <c>NAME_count</c>.
/// An observed histogram is not among the kinds of instruments, and one that is recorded to would cost every request. Thread-safe.
/// </remarks>
public sealed class MetricsMeter : IDisposable
{
    /// <summary>The name of the meter unless another is given.</summary>
    public const string DefaultName = "Securely";

    private readonly MetricsRegistry _registry;
    private readonly Meter _meter;
    private readonly Lock _gate = new();
    private readonly HashSet<MetricFamily> _shown = [];

    /// <summary>Makes the meter and its instruments; families that are added later follow.</summary>
    /// <param name="registry">Whose figures.</param>
    /// <param name="name">The meter's name. Default: <see cref="DefaultName"/>.</param>
    /// <param name="version">The meter's version. Default: none.</param>
    public MetricsMeter(MetricsRegistry registry, string name = DefaultName, string? version = null)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
        _meter = new Meter(name, version);
        registry.Added += Show;
        foreach (var family in registry.Families)
            Show(family);
    }

    /// <summary>Takes the meter away.</summary>
    public void Dispose()
    {
        _registry.Added -= Show;
        _meter.Dispose();
    }

    private void Show(MetricFamily family)
    {
        lock (_gate)
        {
            if (!_shown.Add(family))
                return;
        }

        var (name, help) = (family.Definition.Name, family.Definition.Help);
        var unit = name.Contains("_seconds", StringComparison.Ordinal) ? "s" : name.Contains("_bytes", StringComparison.Ordinal) ? "By" : null;
        switch (family.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(name, () => Measure(family), unit, help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(name, () => Measure(family), unit, help);
                break;
            default:
                var histograms = (HistogramFamily)family;
                _meter.CreateObservableCounter(name + "_bucket", () => Buckets(histograms), null, help);
                _meter.CreateObservableCounter(name + "_sum", () => Histograms(histograms, static h => h.Sum / (double)h.Family.Definition.Divisor), unit, help);
                _meter.CreateObservableCounter(name + "_count", () => Histograms(histograms, static h => h.Count), null, help);
                break;
        }
    }

    private static IEnumerable<Measurement<double>> Measure(MetricFamily family)
    {
        var divisor = (double)family.Definition.Divisor;
        foreach (var series in family.Series.Where(s => s.IsShown))
        {
            var value = series switch
            {
                Counter counter => counter.Value / divisor,
                Gauge gauge => gauge.Value / divisor,
                _ => ((ObservedSeries)series).Value,
            };
            yield return new Measurement<double>(value, Tags(series));
        }
    }

    private static IEnumerable<Measurement<double>> Histograms(HistogramFamily family, Func<Histogram, double> read) =>
        family.Series.Cast<Histogram>().Select(histogram => new Measurement<double>(read(histogram), Tags(histogram)));

    private static IEnumerable<Measurement<double>> Buckets(HistogramFamily family)
    {
        var divisor = (double)family.Definition.Divisor;
        foreach (var histogram in family.Series.Cast<Histogram>())
        {
            var count = 0L;
            var tags = Tags(histogram);
            for (var range = 0; range <= family.Bounds.Length; range++)
            {
                count += histogram.InRange(range);
                var le = range < family.Bounds.Length ? family.Bounds[range] / divisor : double.PositiveInfinity;
                yield return new Measurement<double>(count, [.. tags, new("le", le)]);
            }
        }
    }

    private static KeyValuePair<string, object?>[] Tags(MetricSeries series)
    {
        var names = series.Family.Definition.Labels;
        return [.. names.Select((name, i) => new KeyValuePair<string, object?>(name, series.LabelValues[i]))];
    }
}
