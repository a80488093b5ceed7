namespace Securely.Net;

/// <summary>What a family of metrics is called and how it is read.</summary>
/// <param name="Name">
/// Letters, digits and underscores by Prometheus's conventions: a base unit at the end (<c>_seconds</c>, <c>_bytes</c>), and <c>_total</c> behind
/// it for a counter.
/// </param>
/// <param name="Help">One sentence for whoever reads the figure.</param>
public sealed record MetricDefinition(string Name, string Help)
{
    /// <summary>The names of the labels that tell its series apart. Default: none, so that there is one series.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>
    /// How many counted units make one of the unit in the name: <see cref="TimeSpan.TicksPerSecond"/> for ticks that are shown as seconds.
    /// Default: 1. Range: 1 and more.
    /// </summary>
    public long Divisor { get; init; } = 1;

    /// <summary>
    /// The most values that one label may have; further ones share the value <c>other</c>, so that no source of values can fill the memory.
    /// Default: 200. Range: 1 and more.
    /// </summary>
    public int MostValues { get; init; } = 200;
}

/// <summary>What the figures of a family mean.</summary>
public enum MetricKind
{
    /// <summary>A sum that only grows, from 0 at the start of the process.</summary>
    Counter,

    /// <summary>A figure of the moment.</summary>
    Gauge,

    /// <summary>How often a value fell into each of some ranges, and the sum of all values.</summary>
    Histogram,
}
