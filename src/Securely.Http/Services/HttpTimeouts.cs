namespace Securely.Http;

/// <summary>How long a client may take (<c>timeouts</c> of a listener). <see cref="Timeout.InfiniteTimeSpan"/> switches one off.</summary>
public sealed record HttpTimeouts
{
    /// <summary>The timeouts that apply unless others are given.</summary>
    public static HttpTimeouts Default { get; } = new();

    /// <summary>From a request's first byte, or from the accept, to the end of its head: one deadline, which single bytes do not extend. Default: 30 s.</summary>
    public TimeSpan Header { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two reads of a request's body. Default: 60 s.</summary>
    public TimeSpan Body { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the client to take what is written to it. Default: 60 s.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between a response and the next request of the same connection. Default: 75 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(75);
}
