namespace Securely.Net;

/// <summary>How often a value fell into each of some ranges. A worker touches its own cells only, as with <see cref="Counter"/>.</summary>
public sealed class Histogram : MetricSeries
{
    // In each worker's cells: one for each range, one for what is above all bounds, one for the sum.
    private readonly long[] _bounds;
    private readonly long[] _shared;
    private readonly int _index;
    private byte[][]? _lines;
    private byte[][]? _openLines;

    internal Histogram(HistogramFamily family, string[] values, int index, long[] bounds)
        : base(family, values)
    {
        _bounds = bounds;
        _index = index;
        _shared = new long[bounds.Length + 2];
    }

    /// <summary>How many values there were.</summary>
    public long Count
    {
        get
        {
            var count = 0L;
            for (var range = 0; range <= _bounds.Length; range++)
                count += InRange(range);
            return count;
        }
    }

    /// <summary>The sum of all values, in counted units.</summary>
    public long Sum => Read(_bounds.Length + 1);

    /// <summary>How many values fell into one range.</summary>
    /// <param name="range">Its number among <see cref="HistogramFamily.Bounds"/>; their count for what is above all of them.</param>
    /// <returns>How many.</returns>
    public long InRange(int range)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)range, (uint)_bounds.Length, nameof(range));
        return Read(range);
    }

    /// <summary>Counts a value. Any thread may; it allocates nothing and takes no lock.</summary>
    /// <param name="value">The value, in counted units; what is below 0 is counted as 0.</param>
    public void Observe(long value) => Observe(value, 1);

    /// <summary>Counts a value that was seen several times. Any thread may; it allocates nothing and takes no lock.</summary>
    /// <param name="value">The value, in counted units; what is below 0 is counted as 0.</param>
    /// <param name="count">How many times, not below 0.</param>
    public void Observe(long value, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        value = Math.Max(value, 0);
        var bounds = _bounds;
        var range = 0;
        while (range < bounds.Length && value > bounds[range])
            range++;
        if (MetricCells.Current(Family.Registry) is { } cells)
        {
            ref var cell = ref cells[_index + range];
            Volatile.Write(ref cell, cell + count);
            ref var sum = ref cells[_index + bounds.Length + 1];
            Volatile.Write(ref sum, sum + (value * count));
        }
        else
        {
            Interlocked.Add(ref _shared[range], count);
            Interlocked.Add(ref _shared[^1], value * count);
        }
    }

    internal override void Write(MetricText text)
    {
        var lines = text.IsOpen ? _openLines ??= MakeLines(isOpen: true) : _lines ??= MakeLines(isOpen: false);
        var count = 0L;
        for (var range = 0; range <= _bounds.Length; range++)
        {
            count += Read(range);
            text.Sample(lines[range], count, 1);
        }

        text.Sample(lines[^2], Sum, Family.Definition.Divisor);
        text.Sample(lines[^1], count, 1);
    }

    private byte[][] MakeLines(bool isOpen)
    {
        var family = (HistogramFamily)Family;
        string[] values = [.. LabelValues];
        return
        [
            .. (isOpen ? family.OpenBoundLabels : family.BoundLabels).Select(le => MetricText.Line(family.Definition, "_bucket", values, le)),
            MetricText.Line(family.Definition, "_sum", values, ""),
            MetricText.Line(family.Definition, "_count", values, ""),
        ];
    }

    private long Read(int cell) => Family.Registry.Sum(_index + cell) + Interlocked.Read(ref _shared[cell]);
}
