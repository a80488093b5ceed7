namespace Securely.Net;

/// <summary>All series of one name. Made by a <see cref="MetricsRegistry"/>; thread-safe.</summary>
public abstract class MetricFamily
{
    /// <summary>The label value that stands for all those beyond <see cref="MetricDefinition.MostValues"/>.</summary>
    public const string Other = "other";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MetricSeries> _byKey = new(StringComparer.Ordinal);
    private readonly HashSet<string>[] _known;
    private readonly List<MetricSeries> _series = [];
    private MetricSeries[]? _snapshot;

    private protected MetricFamily(MetricsRegistry registry, MetricDefinition definition, MetricKind kind)
    {
        Registry = registry;
        Definition = definition;
        Kind = kind;
        _known = [.. definition.Labels.Select(_ => new HashSet<string>(StringComparer.Ordinal))];
        Head = MetricText.Head(definition, kind, isOpen: false);
        OpenHead = MetricText.Head(definition, kind, isOpen: true);
    }

    /// <summary>Name, help and labels.</summary>
    public MetricDefinition Definition { get; }

    /// <summary>What the figures mean.</summary>
    public MetricKind Kind { get; }

    /// <summary>The series as they are now, in the order in which they came.</summary>
    public IReadOnlyList<MetricSeries> Series => Snapshot;

    internal MetricsRegistry Registry { get; }

    /// <summary>The lines that introduce the family.</summary>
    internal byte[] Head { get; }

    /// <summary>The same for OpenMetrics, which names a counter without its <c>_total</c>.</summary>
    internal byte[] OpenHead { get; }

    internal MetricSeries[] Snapshot
    {
        get
        {
            if (Volatile.Read(ref _snapshot) is { } series)
                return series;
            lock (_gate)
                return _snapshot ??= [.. _series];
        }
    }

    /// <summary>Finds the series of these values, or makes it. A value beyond the bound becomes <see cref="Other"/>.</summary>
    private protected T GetOrAdd<T>(ReadOnlySpan<string> values, Func<string[], T> make)
        where T : MetricSeries
    {
        lock (_gate)
        {
            var bounded = Bounded(values);
            var key = Key(bounded);
            if (_byKey.TryGetValue(key, out var known))
                return known as T ?? throw Taken(bounded);
            var made = make(bounded);
            _byKey.Add(key, made);
            _series.Add(made);
            _snapshot = null;
            return made;
        }
    }

    /// <summary>Adds a series that is asked when it is read, in place of one of the same values.</summary>
    private protected ObservedSeries Observe(ReadOnlySpan<string> values, Func<double> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        lock (_gate)
        {
            var bounded = Bounded(values);
            var key = Key(bounded);
            if (_byKey.TryGetValue(key, out var known) && (known is not ObservedSeries || !_series.Remove(known)))
                throw Taken(bounded);
            var made = new ObservedSeries(this, bounded, read);
            _byKey[key] = made;
            _series.Add(made);
            _snapshot = null;
            return made;
        }
    }

    internal void Remove(ObservedSeries series)
    {
        lock (_gate)
        {
            var key = Key([.. series.LabelValues]);
            if (_byKey.TryGetValue(key, out var known) && known == series)
                _byKey.Remove(key);
            _series.Remove(series);
            _snapshot = null;
        }
    }

    private string[] Bounded(ReadOnlySpan<string> values)
    {
        if (values.Length != _known.Length)
            throw new ArgumentException($"Metric [{Definition.Name}] has the labels [{string.Join(", ", Definition.Labels)}], but {values.Length} values were given.");
        var bounded = values.ToArray();
        for (var i = 0; i < bounded.Length; i++)
        {
            var known = _known[i];
            if (known.Count < Definition.MostValues)
                known.Add(bounded[i]);
            else if (!known.Contains(bounded[i]))
                bounded[i] = Other;
        }

        return bounded;
    }

    private InvalidOperationException Taken(string[] values) =>
        new($"Metric [{Definition.Name}] has another kind of series for [{string.Join(", ", values)}] already.");

    private static string Key(string[] values) => string.Join('\0', values);
}
