namespace Securely.Net;

/// <summary>The bounds of a pool.</summary>
public sealed record PoolOptions
{
    /// <summary>How many idle connections one worker keeps (<c>upstream_keepalive_pool_size</c>); the least recently used goes first. Default: 128. 0 keeps none.</summary>
    public int Size { get; init; } = 128;

    /// <summary>
    /// How long a connection must have been idle before another worker may have it. Default: 10 ms. What is idle for less will be wanted by its
    /// own worker again, and moving it to and fro would cost both workers a wake-up each time.
    /// </summary>
    public TimeSpan SurplusAge { get; init; } = TimeSpan.FromMilliseconds(10);
}
