using System.Globalization;

namespace Securely.Net;

/// <summary>Histograms of one name, all with the same ranges.</summary>
public sealed class HistogramFamily : MetricFamily
{
    private readonly long[] _bounds;

    internal HistogramFamily(MetricsRegistry registry, MetricDefinition definition, long[] bounds)
        : base(registry, definition, MetricKind.Histogram)
    {
        _bounds = bounds;
        BoundLabels = [.. bounds.Select(b => Le(b / (double)definition.Divisor, isOpen: false)), "le=\"+Inf\""];
        OpenBoundLabels = [.. bounds.Select(b => Le(b / (double)definition.Divisor, isOpen: true)), "le=\"+Inf\""];
    }

    /// <summary>The upper ends of the ranges, included, in counted units; the last range has none.</summary>
    public ReadOnlySpan<long> Bounds => _bounds;

    internal string[] BoundLabels { get; }

    /// <summary>OpenMetrics wants a point in every bound.</summary>
    internal string[] OpenBoundLabels { get; }

    /// <summary>The histogram of these label values; made when it is asked for first. Look it up once, not for each event.</summary>
    /// <param name="values">A value for each label.</param>
    /// <returns>The same histogram for the same values.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public Histogram With(params ReadOnlySpan<string> values) =>
        GetOrAdd(values, bounded => new Histogram(this, bounded, Registry.Reserve(_bounds.Length + 2), _bounds));

    private static string Le(double bound, bool isOpen)
    {
        var text = bound.ToString(CultureInfo.InvariantCulture);
        var point = isOpen && text.AsSpan().IndexOfAny('.', 'E') < 0 ? ".0" : "";
        return $"le=\"{text}{point}\"";
    }
}
