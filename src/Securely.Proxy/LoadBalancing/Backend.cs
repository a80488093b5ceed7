using System.Net;

namespace Securely.Proxy.LoadBalancing;

/// <summary>
/// One upstream server inside a balancer: an address, its share of the work, and what the owner hangs on it (LB-01).
/// Immutable and safe to share between threads.
/// </summary>
public sealed class Backend : IEquatable<Backend>
{
    /// <summary>The largest weight: 65,535.</summary>
    public const int MaxWeight = 65_535;

    private readonly string _text;

    /// <summary>Makes a backend that is not yet part of a set.</summary>
    /// <param name="address">An IP address with a port, or a Unix socket.</param>
    /// <param name="weight">Share of the work relative to the other backends, 1 (the default) to <see cref="MaxWeight"/>.</param>
    /// <param name="extension">Anything the owner wants to find again on the chosen backend; equality ignores it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is out of range.</exception>
    public Backend(EndPoint address, int weight = 1, object? extension = null)
        : this(address, weight, extension, index: -1)
    {
    }

    private Backend(EndPoint address, int weight, object? extension, int index)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (weight is < 1 or > MaxWeight)
        {
            throw new ArgumentOutOfRangeException(
                nameof(weight), weight, $"Weight [{weight}] of backend [{address}] is out of range; it is 1 to {MaxWeight}");
        }

        Address = address;
        Weight = weight;
        Extension = extension;
        Index = index;
        _text = ServerAddress.Format(address);
    }

    /// <summary>
    /// Where the server listens: an <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.
    /// </summary>
    public EndPoint Address { get; }

    /// <summary>Share of the work relative to the other backends of the set, 1 to <see cref="MaxWeight"/>.</summary>
    public int Weight { get; }

    /// <summary>What the owner hung on this backend, for example a prepared peer. Equality ignores it.</summary>
    public object? Extension { get; }

    /// <summary>
    /// Position inside the <see cref="BackendSet"/> it was chosen from: 0 to count - 1, so that a caller can keep a bit mask of what it
    /// tried. -1 while the backend is in no set. Another snapshot of the set may give the same address another position.
    /// </summary>
    public int Index { get; }

    /// <summary>Reads <c>IP:PORT</c>, <c>[IPv6]:PORT</c> or <c>unix:/path</c>.</summary>
    /// <param name="address">The text; a host name is refused here, because only a discovery can resolve it and keep it fresh.</param>
    /// <param name="weight">Share of the work, 1 (the default) to <see cref="MaxWeight"/>.</param>
    /// <exception cref="FormatException">The text is none of these.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is out of range.</exception>
    public static Backend Parse(string address, int weight = 1)
    {
        var server = ServerAddress.Parse(address);
        return server.EndPoint is { } endPoint
            ? new Backend(endPoint, weight)
            : throw new FormatException(
                $"Server [{address}] is a host name; give it to a HostDiscovery, which resolves it and keeps it fresh");
    }

    /// <summary>Whether both have the same address and weight.</summary>
    public bool Equals(Backend? other) => other is not null && Weight == other.Weight && Address.Equals(other.Address);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Backend);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Weight);

    /// <summary>The address as a configuration writes it: <c>127.0.0.1:3000</c>, <c>[::1]:3000</c> or <c>unix:/run/app.sock</c>.</summary>
    public override string ToString() => _text;

    /// <summary>The same backend at a position of a set.</summary>
    internal Backend At(int index, object? extension) => new(Address, Weight, extension, index);

    /// <summary>The same backend with the weight of another added, which happens when two names lead to one address.</summary>
    internal Backend Join(Backend other) => new(Address, Math.Min(Weight + other.Weight, MaxWeight), Extension ?? other.Extension, Index);
}
