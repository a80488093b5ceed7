namespace Securely.Proxy;

/// <summary>What is known of one request while it runs, beside its messages: whom it is counted for, and when things happened.</summary>
internal struct RequestCourse
{
    /// <summary>Timestamps of the service's clock; 0 for what has not happened.</summary>
    internal long Began;
    internal long TryBegan;

    internal SiteFigures? Site;
    internal UpstreamFigures? Upstream;
    internal string? Route;
    internal string? Pattern;

    /// <summary>The trace of the request, and its span where it is recorded; nothing while nobody listens.</summary>
    internal TraceParent Trace;

    /// <summary>Of the present try: the status that the upstream answered, and how long that took; 0 before.</summary>
    internal int UpstreamStatus;
    internal long UpstreamTicks;
    internal bool IsReused;
}
