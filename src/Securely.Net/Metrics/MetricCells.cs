namespace Securely.Net;

/// <summary>
/// The figures of one worker, a number for each cell that its registry has given out. Its worker alone writes them, with a plain addition; any
/// thread may read one.
/// </summary>
internal sealed class MetricCells(MetricsRegistry registry)
{
    /// <summary>How many cells lie beside each other; what belongs together is never split over two chunks.</summary>
    internal const int ChunkSize = 512;

    private const int ChunkBits = 9;

    // Two cache lines, fetched as a pair, on either side: the neighbour on the heap may be the chunk of another worker.
    private const int Margin = 16;

    [ThreadStatic]
    private static MetricCells? _ofThread;

    private long[]?[] _chunks = [];

    internal MetricsRegistry Registry { get; } = registry;

    /// <summary>Those of a thread that is no worker; null for most.</summary>
    internal static MetricCells? OfThread
    {
        get => _ofThread;
        set => _ofThread = value;
    }

    /// <summary>The cells that the current thread may add to for a registry; null where it has none of its own.</summary>
    internal static MetricCells? Current(MetricsRegistry registry)
    {
        var cells = Worker.Current?.Cells ?? _ofThread;
        return ReferenceEquals(cells?.Registry, registry) ? cells : null;
    }

    /// <summary>A cell for its worker to add to. The first use of a chunk makes it.</summary>
    internal ref long this[int index]
    {
        get
        {
            var chunks = _chunks;
            var number = index >> ChunkBits;
            var chunk = (uint)number < (uint)chunks.Length ? chunks[number] : null;
            return ref (chunk ?? Make(number))[Margin + (index & (ChunkSize - 1))];
        }
    }

    /// <summary>What a cell holds now; 0 where nothing was ever added.</summary>
    internal long Read(int index)
    {
        var chunks = Volatile.Read(ref _chunks);
        var number = index >> ChunkBits;
        if (number >= chunks.Length || Volatile.Read(ref chunks[number]) is not { } chunk)
            return 0;
        return Volatile.Read(ref chunk[Margin + (index & (ChunkSize - 1))]);
    }

    /// <summary>Adds everything that another one holds. Neither may be in use by a worker.</summary>
    internal void Add(MetricCells other)
    {
        for (var number = 0; number < other._chunks.Length; number++)
        {
            if (other._chunks[number] is not { } added)
                continue;
            var own = number < _chunks.Length && _chunks[number] is { } chunk ? chunk : Make(number);
            for (var i = 0; i < own.Length; i++)
                own[i] += added[i];
        }
    }

    private long[] Make(int number)
    {
        if (number >= _chunks.Length)
        {
            var grown = new long[Math.Max(number + 1, _chunks.Length * 2)][];
            _chunks.CopyTo(grown, 0);
            Volatile.Write(ref _chunks, grown);
        }

        var made = new long[ChunkSize + (2 * Margin)];
        Volatile.Write(ref _chunks[number], made);
        return made;
    }
}
