using System.Buffers;
using System.Text.RegularExpressions;

namespace Securely.Net;

/// <summary>
/// The metrics of a process, or of a part of it. Families are made once, their series when a configuration is compiled; counting is then a plain
/// addition on the worker that counts, and reading sums what all workers have.
/// </summary>
/// <remarks>
/// Every member may be called by any thread. A worker counts in cells of its own when its group was made with the registry
/// (<see cref="WorkerGroupOptions.Metrics"/>); nothing on a request's path is shared, locked or allocated. What a worker has counted stays when
/// it ends.
/// </remarks>
public sealed partial class MetricsRegistry
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _byName = new(StringComparer.Ordinal);
    private MetricFamily[] _families = [];
    private Workers _workers;
    private MetricText? _text;
    private MetricText? _openText;
    private int _cells;

    /// <summary>Makes an empty registry.</summary>
    public MetricsRegistry() => _workers = new Workers([], new MetricCells(this));

    /// <summary>The families, by name.</summary>
    public IReadOnlyList<MetricFamily> Families => Volatile.Read(ref _families);

    /// <summary>Raised when a family has been added, on the thread that adds it.</summary>
    internal event Action<MetricFamily>? Added;

    /// <summary>Counters of a name; the ones that are there already, when somebody has asked before.</summary>
    /// <param name="definition">Their name, which ends in <c>_total</c>, and their labels.</param>
    /// <returns>The family.</returns>
    /// <exception cref="ArgumentException">The name or a label is malformed.</exception>
    /// <exception cref="InvalidOperationException">The name belongs to another kind of metric, or has other labels.</exception>
    public CounterFamily Counter(MetricDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (!definition.Name.EndsWith("_total", StringComparison.Ordinal))
            throw new ArgumentException($"Counter [{definition.Name}] is not named like one; end it in _total.", nameof(definition));
        return GetOrAdd(definition, () => new CounterFamily(this, definition));
    }

    /// <summary>Gauges of a name; the ones that are there already, when somebody has asked before.</summary>
    /// <param name="definition">Their name and labels.</param>
    /// <returns>The family.</returns>
    /// <exception cref="ArgumentException">The name or a label is malformed.</exception>
    /// <exception cref="InvalidOperationException">The name belongs to another kind of metric, or has other labels.</exception>
    public GaugeFamily Gauge(MetricDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        NotCounter(definition);
        return GetOrAdd(definition, () => new GaugeFamily(this, definition));
    }

    /// <summary>Histograms of a name; the ones that are there already, when somebody has asked before.</summary>
    /// <param name="definition">Their name and labels.</param>
    /// <param name="bounds">The upper ends of the ranges, included, in counted units, rising; at most 100.</param>
    /// <returns>The family.</returns>
    /// <exception cref="ArgumentException">The name, a label or the bounds are malformed.</exception>
    /// <exception cref="InvalidOperationException">The name belongs to another kind of metric, or has other labels or bounds.</exception>
    public HistogramFamily Histogram(MetricDefinition definition, params ReadOnlySpan<long> bounds)
    {
        ArgumentNullException.ThrowIfNull(definition);
        NotCounter(definition);
        if (bounds.Length is 0 or > 100)
            throw new ArgumentException($"Histogram [{definition.Name}] has {bounds.Length} bounds; give 1 to 100.", nameof(bounds));
        for (var i = 1; i < bounds.Length; i++)
        {
            if (bounds[i] <= bounds[i - 1])
                throw new ArgumentException($"Histogram [{definition.Name}] has the bound [{bounds[i]}] behind [{bounds[i - 1]}]; let them rise.", nameof(bounds));
        }

        var copy = bounds.ToArray();
        var family = GetOrAdd(definition, () => new HistogramFamily(this, definition, copy));
        return family.Bounds.SequenceEqual(copy) ? family : throw Different(definition);
    }

    /// <summary>Finds a family.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null when there is none.</returns>
    public MetricFamily? Find(string name)
    {
        lock (_gate)
            return _byName.GetValueOrDefault(name);
    }

    /// <summary>Writes all figures as text. Once warm it allocates nothing of its own.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="openMetrics">OpenMetrics 1.0.0 in place of Prometheus's text format 0.0.4. Default: false.</param>
    public void Write(IBufferWriter<byte> output, bool openMetrics = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        // Two that read at once each need a buffer; one of them is kept.
        ref var kept = ref openMetrics ? ref _openText : ref _text;
        var text = Interlocked.Exchange(ref kept, null) ?? new MetricText(openMetrics);
        text.Clear();
        Write(text);
        output.Write(text.Written.Span);
        kept = text;
    }

    private void Write(MetricText text)
    {
        foreach (var family in Volatile.Read(ref _families))
        {
            var isFirst = true;
            CounterRow? hidden = null;
            foreach (var series in family.Snapshot)
            {
                if (series.Row is { } row && (row == hidden || row.IsEmpty))
                {
                    hidden = row;
                    continue;
                }

                if (isFirst)
                    text.Raw(text.IsOpen ? family.OpenHead : family.Head);
                isFirst = false;
                series.Write(text);
            }
        }

        if (text.IsOpen)
            text.Raw("# EOF\n"u8);
    }

    /// <summary>
    /// Lets the calling thread count in cells of its own, as workers do, so that it shares nothing with others. For a thread that is no worker and counts
    /// often. What it has counted stays.
    /// </summary>
    /// <returns>Ends it when it is disposed, on the same thread.</returns>
    /// <exception cref="InvalidOperationException">The thread has cells already.</exception>
    public IDisposable CountOnThread()
    {
        if (Worker.Current is not null || MetricCells.OfThread is not null)
            throw new InvalidOperationException("The thread counts in cells of its own already; dispose what it got for them first.");
        return new ThreadCells(MetricCells.OfThread = AddWorker());
    }

    /// <summary>Cells for a new worker, which gives them back with <see cref="Retire"/>.</summary>
    internal MetricCells AddWorker()
    {
        lock (_gate)
        {
            var cells = new MetricCells(this);
            Volatile.Write(ref _workers, _workers with { Live = [.. _workers.Live, cells] });
            return cells;
        }
    }

    /// <summary>Keeps what a worker has counted. Its thread must have ended, or be about to.</summary>
    internal void Retire(MetricCells cells)
    {
        lock (_gate)
        {
            if (!_workers.Live.Contains(cells))
                return;
            var retired = new MetricCells(this);
            retired.Add(_workers.Retired);
            retired.Add(cells);
            // Both at once, so that a reader counts the worker exactly once.
            Volatile.Write(ref _workers, new Workers([.. _workers.Live.Where(c => c != cells)], retired));
        }
    }

    /// <summary>Gives out cells that lie beside each other in every worker.</summary>
    internal int Reserve(int count)
    {
        lock (_gate)
        {
            if ((_cells % MetricCells.ChunkSize) + count > MetricCells.ChunkSize)
                _cells += MetricCells.ChunkSize - (_cells % MetricCells.ChunkSize);
            var index = _cells;
            _cells += count;
            return index;
        }
    }

    internal long Sum(int index)
    {
        var workers = Volatile.Read(ref _workers);
        var sum = workers.Retired.Read(index);
        foreach (var cells in workers.Live)
            sum += cells.Read(index);
        return sum;
    }

    private T GetOrAdd<T>(MetricDefinition definition, Func<T> make)
        where T : MetricFamily
    {
        Check(definition);
        T made;
        lock (_gate)
        {
            if (_byName.TryGetValue(definition.Name, out var known))
                return known is T same && same.Definition.Labels.SequenceEqual(definition.Labels) && same.Definition.Divisor == definition.Divisor ? same : throw Different(definition);
            made = make();
            _byName.Add(definition.Name, made);
            Volatile.Write(ref _families, [.. _byName.Values]);
        }

        Added?.Invoke(made);
        return made;
    }

    private static void Check(MetricDefinition definition)
    {
        if (!MetricName().IsMatch(definition.Name))
            throw new ArgumentException($"Metric [{definition.Name}] is not a name; use letters, digits and underscores, a letter first.", nameof(definition));
        foreach (var label in definition.Labels)
        {
            if (!LabelName().IsMatch(label) || label is "le" or "quantile")
                throw new ArgumentException($"Label [{label}] of metric [{definition.Name}] is not a name; use letters, digits and underscores, a letter first, and not le or quantile.", nameof(definition));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(definition.MostValues, 1, nameof(definition));
        ArgumentOutOfRangeException.ThrowIfLessThan(definition.Divisor, 1, nameof(definition));
        if (string.IsNullOrWhiteSpace(definition.Help))
            throw new ArgumentException($"Metric [{definition.Name}] has no help; say in a sentence what it counts.", nameof(definition));
    }

    private static void NotCounter(MetricDefinition definition)
    {
        if (definition.Name.EndsWith("_total", StringComparison.Ordinal))
            throw new ArgumentException($"Metric [{definition.Name}] is named like a counter; take _total off.", nameof(definition));
    }

    private static InvalidOperationException Different(MetricDefinition definition) =>
        new($"Metric [{definition.Name}] is there already, of another kind or with other labels; take another name.");

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex MetricName();

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();

    private sealed class ThreadCells(MetricCells cells) : IDisposable
    {
        public void Dispose()
        {
            if (!ReferenceEquals(MetricCells.OfThread, cells))
                return;
            MetricCells.OfThread = null;
            cells.Registry.Retire(cells);
        }
    }

    private sealed record Workers(MetricCells[] Live, MetricCells Retired);
}
