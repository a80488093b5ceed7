namespace Securely.Events;

/// <summary>How one listener is run.</summary>
public sealed record ListenerOptions
{
    /// <summary>Run at once, and a failure of it is a failure of the dispatch.</summary>
    public static ListenerOptions Default { get; } = new();

    /// <summary>What lists and logs call it; must be unique where it is queued. Default: what it was registered as.</summary>
    public string? Name { get; init; }

    /// <summary>What happens when it throws. Default: the dispatch fails, and later listeners do not hear the event.</summary>
    public ListenerFailure OnFailure { get; init; }

    /// <summary>Where it runs instead of at once; null, the default, runs it at once.</summary>
    public ListenerQueueOptions? Queue { get; init; }
}

/// <summary>What happens when a listener throws.</summary>
public enum ListenerFailure
{
    /// <summary>The exception reaches whoever dispatched, and later listeners do not hear the event.</summary>
    Throw,

    /// <summary>The exception is logged, there is no response, and later listeners hear the event.</summary>
    LogAndContinue,

    /// <summary>The exception is logged, and later listeners do not hear the event; responses until then are kept.</summary>
    LogAndStop,
}

/// <summary>How a listener is queued; what a value means is up to the queue.</summary>
public sealed record ListenerQueueOptions
{
    /// <summary>The connection; null is the queue's default.</summary>
    public string? Connection { get; init; }

    /// <summary>The queue of the connection; null is its default.</summary>
    public string? Queue { get; init; }

    /// <summary>How long to wait before it runs. Default: not at all.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How often it is tried; null is the worker's default.</summary>
    public int? Tries { get; init; }

    /// <summary>How long to wait before each further try; the last one counts for all that follow. Default: none.</summary>
    public IReadOnlyList<TimeSpan> Backoff { get; init; } = [];

    /// <summary>Asked at dispatch whether to queue it for this event; null always does.</summary>
    public Func<EventMessage, bool>? ShouldQueue { get; init; }
}
