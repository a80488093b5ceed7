using System.Globalization;

namespace Securely.Net;

/// <summary>How busy the workers of one group are; made when they start. Each worker counts its own turns.</summary>
internal sealed class WorkerMetrics : IDisposable
{
    // What a group may have at most.
    private const int MostWorkers = 1024;

    // 100 us to 1 s, in ticks.
    private static readonly long[] TurnBounds = [1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000];

    private readonly Counter[] _busy;
    private readonly Histogram _turns;
    private readonly List<IDisposable> _observed = [];

    internal WorkerMetrics(MetricsRegistry registry, WorkerGroup group)
    {
        string[] labels = ["service", "worker"];
        var busy = registry.Counter(
            new MetricDefinition("securely_worker_busy_seconds_total", "Time that a worker spent doing something, not waiting for events.")
            {
                Labels = labels,
                Divisor = TimeSpan.TicksPerSecond,
                MostValues = MostWorkers,
            });
        var load = registry.Gauge(
            new MetricDefinition("securely_worker_load_ratio", "Share of the last tenth of a second in which a worker was busy.") { Labels = labels, MostValues = MostWorkers });
        var connections = registry.Gauge(
            new MetricDefinition("securely_worker_connections", "Downstream connections that a worker serves.") { Labels = labels, MostValues = MostWorkers });
        _turns = registry.Histogram(
            new MetricDefinition("securely_worker_turn_duration_seconds", "How long a worker's loop took for one turn: so long may an event wait for its turn.")
            {
                Labels = ["service"],
                Divisor = TimeSpan.TicksPerSecond,
            },
            TurnBounds).With(group.Name);
        _busy = new Counter[group.Workers.Count];
        foreach (var worker in group.Workers)
        {
            var number = worker.Index.ToString(CultureInfo.InvariantCulture);
            _busy[worker.Index] = busy.With(group.Name, number);
            _observed.Add(load.Observe(() => worker.Load.Ratio(worker.ElapsedTicks()), group.Name, number));
            _observed.Add(connections.Observe(() => worker.ConnectionCount, group.Name, number));
        }
    }

    public void Dispose() => _observed.ForEach(series => series.Dispose());

    /// <summary>Called by the worker itself.</summary>
    internal void EndTurn(int worker, long ticks)
    {
        _busy[worker].Add(Math.Max(ticks, 0));
        _turns.Observe(ticks);
    }
}
