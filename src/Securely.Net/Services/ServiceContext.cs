using Microsoft.Extensions.Logging;

namespace Securely.Net;

/// <summary>What a running service may use; handed over by the server, never looked up.</summary>
/// <param name="workers">The service's own threads, not started.</param>
/// <param name="sockets">The listening sockets of the process.</param>
/// <param name="logger">The service's logger.</param>
/// <param name="time">The clock.</param>
/// <param name="gracePeriod">How long requests in flight may take after shutdown has begun.</param>
/// <param name="markReady">Called when the service is ready.</param>
public sealed class ServiceContext(WorkerGroup workers, ListenSockets sockets, ILogger logger, TimeProvider time, TimeSpan gracePeriod, Action markReady)
{
    /// <summary>The service's logger.</summary>
    public ILogger Logger { get; } = logger;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>The service's own threads; the service starts them.</summary>
    public WorkerGroup Workers { get; } = workers;

    /// <summary>TCP and Unix sockets to listen on.</summary>
    public ListenSockets Sockets { get; } = sockets;

    /// <summary>How long requests in flight may take after shutdown has begun.</summary>
    public TimeSpan GracePeriod { get; } = gracePeriod;

    /// <summary>Lets the services that depend on this one start. Further calls do nothing.</summary>
    public void MarkReady() => markReady();
}
