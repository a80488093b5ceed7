namespace Securely.Net;

/// <summary>
/// How much there is of something that comes and goes. It may come on one worker and go on another; each touches its own cell, as with
/// <see cref="Counter"/>.
/// </summary>
public sealed class Gauge : MetricSeries
{
    private readonly int _index;
    private long _shared;

    internal Gauge(MetricFamily family, string[] values, int index)
        : base(family, values) => _index = index;

    /// <summary>The sum of all workers and threads, in counted units.</summary>
    public long Value => Family.Registry.Sum(_index) + Interlocked.Read(ref _shared);

    /// <summary>Adds, or takes away. Any thread may; it allocates nothing and takes no lock.</summary>
    /// <param name="amount">How much; negative to take away.</param>
    public void Add(long amount)
    {
        if (Worker.Current?.Cells is { } cells && ReferenceEquals(cells.Registry, Family.Registry))
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
