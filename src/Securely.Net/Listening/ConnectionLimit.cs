using System.Net;

namespace Securely.Net;

/// <summary>
/// The most connections that services hold at a time, and how room is made when there is none: a peer that holds fewer than the heaviest peer gets
/// in, and a connection of the heaviest one on which nothing is under way ends for it. A peer is an IPv4 address, an IPv6 network of 64 bits, or
/// all clients of Unix sockets together. One object may be shared by the services of a process. Thread-safe.
/// </summary>
/// <remarks>Its lock is taken when a connection is accepted, begins and ends, never for a request.</remarks>
public sealed class ConnectionLimit
{
    private const int LeastReserve = 128;
    private const int MostWithoutFigure = 65_536;
    private const int LeastMaximum = 16;

    // How many connections are looked at for one that may end; the others wait for the next time.
    private const int MostLookedAt = 256;

    private readonly Lock _lock = new();
    private readonly PeerShares _peers;
    private volatile int _maximum;
    private int _count;
    private long _refused;
    private long _displaced;
    private long _reported;
    private long _nextReport;

    /// <summary>Makes a limit that nobody uses yet.</summary>
    /// <param name="maximum">The most connections; at least 1.</param>
    public ConnectionLimit(int maximum)
    {
        _peers = new PeerShares(this);
        Maximum = maximum;
    }

    /// <summary>
    /// What a process should hold at most: its limit of open files (RLIMIT_NOFILE) less an eighth, at least 128, for upstreams, logs and everything
    /// else. Where the system does not tell, 65,536.
    /// </summary>
    public static int DefaultMaximum => OperatingSystem.IsLinux() && LinuxCalls.TryGetOpenFileLimit(out var files) ? Derive(files) : MostWithoutFigure;

    /// <summary>The most connections; at least 1. What is held already stays when it becomes less.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is below 1.</exception>
    public int Maximum
    {
        get => _maximum;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _maximum = value;
        }
    }

    /// <summary>How many connections there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>How many connections were closed at once, because there was no room for them.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>How many connections have ended to make room for others.</summary>
    public long Displaced => Volatile.Read(ref _displaced);

    internal static int Derive(long files) => (int)Math.Clamp(files - Math.Max(LeastReserve, files / 8), LeastMaximum, int.MaxValue);

    /// <summary>Counts a connection that has been accepted.</summary>
    /// <param name="remote">The peer.</param>
    /// <param name="displaced">What has to end first, for its place: not counted any more.</param>
    /// <returns>Whom the connection is counted for; null when it is refused.</returns>
    internal PeerShare? Enter(EndPoint? remote, out SocketConnection? displaced)
    {
        displaced = null;
        lock (_lock)
        {
            var peer = _peers.Get(PeerShares.KeyOf(remote));
            if (_count < _maximum)
                _count++;
            else if ((displaced = Choose(peer.Count)) is null)
                return Refuse(peer);
            _peers.Raise(peer);
            return peer;
        }
    }

    /// <summary>The connection that was counted has begun: from here on it may have to end for another one.</summary>
    internal void Join(PeerShare peer, SocketConnection connection)
    {
        lock (_lock)
            peer.Append(connection);
    }

    /// <summary>Counts a connection no longer, unless its place has been given away already.</summary>
    internal void Leave(SocketConnection connection)
    {
        lock (_lock)
        {
            if (connection.Peer is not { } peer)
                return;
            peer.Remove(connection);
            _peers.Lower(peer);
            _count--;
        }
    }

    /// <summary>Counts a connection no longer that has never begun.</summary>
    internal void Leave(PeerShare peer)
    {
        lock (_lock)
        {
            _peers.Lower(peer);
            _count--;
        }
    }

    /// <summary>What had to end is in use again: it stays, and another one has to end.</summary>
    /// <param name="peer">Whom the place is for.</param>
    /// <param name="busy">What stays.</param>
    /// <param name="mayChoose">Whether another one may be looked for.</param>
    /// <returns>What has to end; null when the newcomer is refused after all.</returns>
    internal SocketConnection? Instead(PeerShare peer, SocketConnection busy, bool mayChoose)
    {
        lock (_lock)
        {
            var owner = _peers.Get(PeerShares.KeyOf(busy.Remote));
            _peers.Raise(owner);
            owner.Append(busy);
            _displaced--;
            if (mayChoose && Choose(peer.Count - 1) is { } other)
                return other;
            _peers.Lower(peer);
            _refused++;
            return null;
        }
    }

    /// <summary>Whether a second has passed since the last report, and what has happened in it.</summary>
    internal bool TryReport(TimeProvider time, out long events, out string heaviest, out int held)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            events = _refused + _displaced - _reported;
            var isDue = events > 0 && (_reported == 0 || now >= _nextReport);
            heaviest = isDue ? PeerShares.Describe(_peers.Heaviest) : "";
            held = _peers.Heaviest?.Count ?? 0;
            if (!isDue)
                return false;
            _reported += events;
            _nextReport = now + time.TimestampFrequency;
            return true;
        }
    }

    private PeerShare? Refuse(PeerShare peer)
    {
        _refused++;
        _peers.Forget(peer);
        return null;
    }

    /// <summary>
    /// An idle connection of the heaviest peer, else one whose request has not arrived, else the same of the next heaviest; but of no peer that holds
    /// as few as the newcomer. What is busy goes to the end of its peer's row, so that the oldest ones that wait come first.
    /// </summary>
    private SocketConnection? Choose(int held)
    {
        var left = MostLookedAt;
        for (var count = _peers.MostHeld; count > held && left > 0; count--)
        {
            for (var peer = _peers.First(count); peer is not null && left > 0; peer = peer.Next)
            {
                if (peer.Choose(ref left) is not { } found)
                    continue;
                peer.Remove(found);
                _peers.Lower(peer);
                _displaced++;
                return found;
            }
        }

        return null;
    }
}
