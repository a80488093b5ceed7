using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Net;

/// <summary>How the workers of a service behave.</summary>
public sealed record WorkerGroupOptions
{
    /// <summary>The clock of timers and deadlines. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where slow turns and stray errors are logged. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>
    /// Whether a connection may move to an idle worker between two requests (<c>work_stealing</c>). Default: true.
    /// A worker that has been busy for most of the last tenth of a second hands the connection whose request it has just finished to a worker
    /// that was idle for most of it. False: a connection stays with the worker that it was given at accept.
    /// </summary>
    public bool WorkStealing { get; init; } = true;

    /// <summary>
    /// What the workers and their services count in. Default: null, nothing is counted. Several groups may share a registry.
    /// </summary>
    public MetricsRegistry? Metrics { get; init; }

    /// <summary>Which poller. Default: what <c>SECURELY_POLLER</c> says, else the platform's best.</summary>
    public PollerKind Poller { get; init; }
}
