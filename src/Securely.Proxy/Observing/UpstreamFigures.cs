using System.Text;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// The name of an upstream and what is counted of the tries at it. Make it once for each upstream and give it to a request with
/// <see cref="Session.UpstreamFigures"/>; counting allocates nothing. Immutable, and shared by all workers.
/// </summary>
public sealed class UpstreamFigures
{
    /// <summary>The name under which a try is counted whose proxy has not said what the upstream is called.</summary>
    public const string NoUpstream = "none";

    private readonly Counter[]? _requests;
    private readonly Counter[]? _errors;
    private readonly Counter[]? _connections;
    private readonly Counter? _retries;
    private readonly Histogram? _durations;
    private readonly Histogram? _connectDurations;

    /// <summary>Makes the figures, or finds those of the same name.</summary>
    /// <param name="name">The name in metrics and logs.</param>
    /// <param name="registry">Where to count; null counts nothing, and the name is for the log alone.</param>
    public UpstreamFigures(string name, MetricsRegistry? registry = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        NameBytes = Encoding.UTF8.GetBytes(name);
        if (registry is null)
            return;
        _requests = RequestMetrics.UpstreamRequests(registry).Row([name], RequestMetrics.StatusClasses);
        _errors = RequestMetrics.UpstreamErrors(registry).Row([name], RequestMetrics.Kinds);
        _connections = RequestMetrics.Connections(registry).Row([name], ["pool", "other_worker", "new"]);
        _retries = RequestMetrics.Retries(registry).With(name);
        _durations = RequestMetrics.UpstreamDurations(registry).With(name);
        _connectDurations = RequestMetrics.ConnectDurations(registry).With(name);
    }

    /// <summary>The name in metrics and logs.</summary>
    public string Name { get; }

    internal byte[] NameBytes { get; }

    internal void Connected(ConnectionOrigin origin, long ticks)
    {
        _connections?[(int)origin].Add();
        if (origin == ConnectionOrigin.New)
            _connectDurations?.Observe(ticks);
    }

    internal void Answered(int statusCode, long ticks)
    {
        _requests?[RequestObserver.StatusClass(statusCode)].Add();
        _durations?.Observe(ticks);
    }

    internal void Failed(ErrorKind kind) => _errors?[(int)kind].Add();

    internal void Retried() => _retries?.Add();
}

/// <summary>Where the connection of a try came from.</summary>
internal enum ConnectionOrigin
{
    Pool,
    OtherWorker,
    New,
}
