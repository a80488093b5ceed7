namespace Securely.Net;

/// <summary>Gauges of one name.</summary>
public sealed class GaugeFamily : MetricFamily
{
    internal GaugeFamily(MetricsRegistry registry, MetricDefinition definition)
        : base(registry, definition, MetricKind.Gauge)
    {
    }

    /// <summary>The gauge of these label values; made when it is asked for first.</summary>
    /// <param name="values">A value for each label.</param>
    /// <returns>The same gauge for the same values.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public Gauge With(params ReadOnlySpan<string> values) => GetOrAdd(values, bounded => new Gauge(this, bounded, Registry.Reserve(1)));

    /// <summary>Adds a figure that something else keeps, and that is asked for it.</summary>
    /// <param name="read">Asked at each reading, on any thread. What it throws is shown as NaN.</param>
    /// <param name="values">A value for each label. A figure of the same values is replaced.</param>
    /// <returns>Takes the series out when it is disposed.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public IDisposable Observe(Func<double> read, params ReadOnlySpan<string> values) => base.Observe(values, read);
}
