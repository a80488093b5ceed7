namespace Securely.Net;

/// <summary>Counters of one name.</summary>
public sealed class CounterFamily : MetricFamily
{
    internal CounterFamily(MetricsRegistry registry, MetricDefinition definition)
        : base(registry, definition, MetricKind.Counter)
    {
    }

    /// <summary>The counter of these label values; made when it is asked for first. Look it up once, not for each event.</summary>
    /// <param name="values">A value for each label.</param>
    /// <returns>The same counter for the same values.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public Counter With(params ReadOnlySpan<string> values) => GetOrAdd(values, bounded => new Counter(this, bounded, Registry.Reserve(1), null));

    /// <summary>
    /// Counters that differ in the last label only, for an index in place of a lookup. None of them is shown until one has counted, then all are:
    /// a reader who watches for the first error sees it come from 0.
    /// </summary>
    /// <param name="values">A value for each label but the last.</param>
    /// <param name="lastValues">The values of the last label.</param>
    /// <returns>A counter for each of <paramref name="lastValues"/>, in their order.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public Counter[] Row(ReadOnlySpan<string> values, ReadOnlySpan<string> lastValues)
    {
        var row = new CounterRow();
        var all = new string[values.Length + 1];
        values.CopyTo(all);
        var counters = new Counter[lastValues.Length];
        for (var i = 0; i < counters.Length; i++)
        {
            all[^1] = lastValues[i];
            counters[i] = GetOrAdd(all, bounded => new Counter(this, bounded, Registry.Reserve(1), row));
        }

        row.Counters = counters;
        return counters;
    }

    /// <summary>Adds a counter that something else keeps, and that is asked for it.</summary>
    /// <param name="read">Asked at each reading, on any thread; must never shrink. What it throws is shown as NaN.</param>
    /// <param name="values">A value for each label.</param>
    /// <returns>Takes the series out when it is disposed.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than labels.</exception>
    public IDisposable Observe(Func<double> read, params ReadOnlySpan<string> values) => base.Observe(values, read);

    /// <summary>The sum of all counters of the family, but for those of <see cref="Observe"/>; unscaled.</summary>
    /// <returns>The sum.</returns>
    public long Sum()
    {
        var sum = 0L;
        foreach (var series in Snapshot)
            sum += series is Counter counter ? counter.Value : 0;
        return sum;
    }
}
