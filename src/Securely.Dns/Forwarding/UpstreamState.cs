using System.Security.Cryptography;

namespace Securely.Dns;

/// <summary>
/// What is known of an upstream: whether it answers, how fast, and what it can. All workers read and write it; each value stands for itself, and
/// one that is lost costs a worse choice at most.
/// </summary>
internal sealed class UpstreamState(DnsUpstream options)
{
    private const int FailuresToDown = 3;
    private int _milliseconds = -1;
    private int _failures;
    private volatile byte[]? _cookie;
    private volatile bool _isDown;
    private volatile bool _isLoop;
    private volatile bool _isProved;
    private int _probing;

    internal DnsUpstream Options { get; } = options;

    /// <summary>The client's half of the cookies, unguessable (RFC 7873, 4.1).</summary>
    internal byte[] ClientCookie { get; } = RandomNumberGenerator.GetBytes(8);

    /// <summary>The server's half, once it has sent one.</summary>
    internal byte[]? ServerCookie { get => _cookie; set => _cookie = value; }

    /// <summary>Whether it sends the letters of a name back as they were; false once it has changed them over a stream, where nobody else could have.</summary>
    internal bool KeepsCase { get; set; } = true;

    /// <summary>Whether it understands EDNS.</summary>
    internal bool HasEdns { get; set; } = true;

    /// <summary>Whether it has not answered several questions in a row; it is asked last, and probed until it answers.</summary>
    internal bool IsDown => _isDown;

    /// <summary>Whether what it is asked comes back to this server; it is not asked at all.</summary>
    internal bool IsLoop { get => _isLoop; set => _isLoop = value; }

    /// <summary>Begins to look whether it leads back to this server; false when that is known, or somebody looks already.</summary>
    internal bool TryBeginProof() => !_isLoop && !_isProved && Interlocked.Exchange(ref _probing, 1) == 0;

    /// <summary>Ends that.</summary>
    /// <param name="isProved">Whether it has answered by itself; it is believed until it fails.</param>
    internal void EndProof(bool isProved)
    {
        _isProved = isProved && !_isLoop;
        Volatile.Write(ref _probing, 0);
    }

    /// <summary>How long it takes to answer, in milliseconds, smoothed; -1 when it was never asked.</summary>
    internal int Latency => Volatile.Read(ref _milliseconds);

    /// <summary>How long to wait for it before another is asked too.</summary>
    internal TimeSpan Patience => TimeSpan.FromMilliseconds(Latency < 0 ? 400 : Math.Clamp(Latency * 4, 100, 800));

    internal void Succeed(long milliseconds)
    {
        var before = Latency;
        var now = (int)Math.Clamp(milliseconds, 0, 60_000);
        Volatile.Write(ref _milliseconds, before < 0 ? now : ((before * 7) + now) / 8);
        Volatile.Write(ref _failures, 0);
        _isDown = false;
    }

    /// <summary>It was slower than that, and nobody waited longer.</summary>
    internal void Outrun(long milliseconds)
    {
        if (milliseconds > Latency)
            Volatile.Write(ref _milliseconds, (int)Math.Clamp(milliseconds, 0, 60_000));
    }

    /// <summary>Counts a question that it has not answered.</summary>
    /// <returns>Whether it is down from now on.</returns>
    internal bool Fail()
    {
        // It may be another server, with other upstreams, when it answers again.
        _isProved = false;
        if (Interlocked.Increment(ref _failures) < FailuresToDown || _isDown)
            return false;
        return _isDown = true;
    }
}
