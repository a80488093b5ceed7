namespace Securely.Net;

/// <summary>
/// How far a peer has fallen behind the rate that is asked of it, in one direction. Time counts only while the peer is waited for, and what it
/// moves faster than asked repays what it owes but is not saved up (H1S-19).
/// </summary>
/// <remarks>Mutable and not thread-safe: keep it in a field of what belongs to one worker. The default one asks for nothing.</remarks>
public struct Pace
{
    /// <summary>A peer may always fall behind by the time that so many bytes take at the rate that is asked of it: what lies in its buffers.</summary>
    public const int Allowance = 64 * 1024;

    /// <summary>The highest rate, in bytes a second.</summary>
    public const long Fastest = 1L << 30;

    private readonly long _rate;
    private readonly long _most;
    private long _debt;

    /// <summary>Asks for a rate.</summary>
    /// <param name="bytesPerSecond">From 0, which asks for nothing, to <see cref="Fastest"/>.</param>
    /// <param name="behind">By how much time the peer may fall behind, where <see cref="Allowance"/> does not give it more. An infinite one counts as none.</param>
    public Pace(long bytesPerSecond, TimeSpan behind)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesPerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytesPerSecond, Fastest);
        _rate = bytesPerSecond;
        var milliseconds = behind == Timeout.InfiniteTimeSpan ? 0 : behind.Ticks / TimeSpan.TicksPerMillisecond;
        // Debts are in thousandths of a byte, so that nothing is lost to rounding.
        _most = Math.Max(milliseconds * bytesPerSecond, Allowance * 1000L);
    }

    /// <summary>Whether a rate is asked for.</summary>
    public readonly bool IsAsked => _rate > 0;

    /// <summary>How much longer the peer may be waited for when it moves nothing; zero when it has fallen too far behind, infinite when nothing is asked.</summary>
    public readonly TimeSpan Left => _rate == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds((Math.Max(0, _most - _debt) + _rate - 1) / _rate);

    /// <summary>The peer has been waited for.</summary>
    /// <param name="milliseconds">How long.</param>
    public void Waited(long milliseconds) => _debt += milliseconds * _rate;

    /// <summary>The peer has sent or taken bytes.</summary>
    /// <param name="bytes">How many.</param>
    public void Moved(long bytes) => _debt = Math.Max(0, _debt - (bytes * 1000));

    /// <summary>Forgets what the peer owes.</summary>
    public void Reset() => _debt = 0;
}
