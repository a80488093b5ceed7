namespace Securely.Net;

/// <summary>
/// A sum that only grows. Counting on a worker whose group has the registry (<see cref="WorkerGroupOptions.Metrics"/>) is a plain addition to a
/// cell of that worker; other threads share one cell and pay for it.
/// </summary>
public sealed class Counter : MetricSeries
{
    private readonly int _index;
    private long _shared;

    internal Counter(MetricFamily family, string[] values, int index, CounterRow? row)
        : base(family, values)
    {
        _index = index;
        Row = row;
    }

    /// <summary>The sum of all workers and threads, in counted units.</summary>
    public long Value => Family.Registry.Sum(_index) + Interlocked.Read(ref _shared);

    internal override CounterRow? Row { get; }

    /// <summary>Counts. Any thread may; it allocates nothing and takes no lock.</summary>
    /// <param name="amount">How many. Default: 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public void Add(long amount = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        if (MetricCells.Current(Family.Registry) is { } cells)
        {
            ref var cell = ref cells[_index];
            Volatile.Write(ref cell, cell + amount);
        }
        else
        {
            Interlocked.Add(ref _shared, amount);
        }
    }

    internal override void Write(MetricText text) => text.Sample(Line, Value, Family.Definition.Divisor);
}

/// <summary>Counters that are shown together.</summary>
internal sealed class CounterRow
{
    private volatile bool _hasCounted;

    internal Counter[] Counters { get; set; } = [];

    internal bool IsEmpty => !_hasCounted && !(_hasCounted = Array.Exists(Counters, static c => c.Value != 0));
}
