using Securely.Net;

namespace Securely.Http;

/// <summary>How long a client may take (<c>timeouts</c> of a listener). <see cref="Timeout.InfiniteTimeSpan"/> switches one off.</summary>
public sealed record HttpTimeouts
{
    private readonly long _minReceiveRate = 1024;
    private readonly long _minSendRate;

    /// <summary>The timeouts that apply unless others are given.</summary>
    public static HttpTimeouts Default { get; } = new();

    /// <summary>From the accept to the end of the TLS handshake. Default: 10 s.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the accept (with TLS, from the end of the handshake), and on a reused connection from a request's first byte, to the end of its head:
    /// one deadline, which single bytes do not extend. Default: 30 s.
    /// </summary>
    public TimeSpan Header { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two reads of a request's body. Default: 60 s.</summary>
    public TimeSpan Body { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For the client to take what is written to it. Default: 60 s.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between a response and the next request of the same connection. Default: 75 s.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>
    /// How many bytes of a request's body a client has to send in a second, on average, while it is waited for and its response has not begun. A
    /// client that has fallen behind by <see cref="Body"/>, or by <see cref="Pace.Allowance"/> bytes where that takes longer, is answered 408.
    /// Default: 1,024; 0 asks for nothing. Range: to <see cref="Pace.Fastest"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long MinReceiveRate { get => _minReceiveRate; init => _minReceiveRate = InRange(value, nameof(MinReceiveRate)); }

    /// <summary>
    /// How many bytes of a response a client has to take in a second, on average, while it is waited for (H1S-19). It replaces <see cref="Write"/>
    /// for a client that is slow but steady: one that has fallen behind by <see cref="Write"/>, or by <see cref="Pace.Allowance"/> bytes where that
    /// takes longer, is cut off. Default: 0, so that <see cref="Write"/> bounds each write. Range: to <see cref="Pace.Fastest"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public long MinSendRate { get => _minSendRate; init => _minSendRate = InRange(value, nameof(MinSendRate)); }

    private static long InRange(long value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Pace.Fastest, name);
        return value;
    }
}
