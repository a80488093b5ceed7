namespace Securely.Net;

/// <summary>How a service accepts.</summary>
public record ListeningServiceOptions
{
    /// <summary>How many workers; null for the configuration's <c>threads</c>.</summary>
    public int? Threads { get; init; }

    /// <summary>Asked about each connection before anything is read. Default: null, everybody is served.</summary>
    public IConnectionFilter? Filter { get; init; }

    /// <summary>How many connections there may be, and who gives way to whom; may be shared with other services. Default: null, no limit.</summary>
    public ConnectionLimit? ConnectionLimit { get; init; }

    /// <summary>
    /// How eagerly one worker accepts (<c>listener_tasks_per_fd</c>): it takes four connections a wake-up for each task. Default: 1.
    /// Range: 1 to 64. Few keep the spread even; many take bursts faster.
    /// </summary>
    public int AcceptTasks { get; init; } = 1;
}
