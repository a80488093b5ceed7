using System.Buffers.Binary;
using System.Net;

namespace Securely.Http;

/// <summary>
/// The addresses whose clients were told ENHANCE_YOUR_CALM lately: whoever comes back from there at once may begin fewer streams at a time, since
/// those are what costs. Clients that share an address with one (a NAT) are slower for that time, and lose nothing; those behind a proxy that is trusted
/// are not. Any thread may call.
/// </summary>
internal sealed class CalmedPeers
{
    /// <summary>How many streams a client of such an address may have.</summary>
    internal const int MostStreams = 8;

    // How long an address is kept, in milliseconds, and how many are; of more the oldest go.
    private const long Time = 30_000;
    private const int Kept = 64;

    private readonly Lock _lock = new();
    private readonly ulong[] _keys = new ulong[Kept];
    private readonly long[] _until = new long[Kept];
    private long _lastUntil = long.MinValue;
    private int _next;

    /// <summary>A client of the address was told to calm down.</summary>
    /// <param name="address">Nothing is kept of a client that has none.</param>
    /// <param name="now">The time of a worker, in milliseconds.</param>
    internal void Add(IPAddress? address, long now)
    {
        if (KeyOf(address) is not { } key)
            return;
        lock (_lock)
        {
            var index = Array.IndexOf(_keys, key);
            if (index < 0)
            {
                index = _next;
                _next = (_next + 1) % Kept;
            }

            _keys[index] = key;
            _until[index] = now + Time;
            Volatile.Write(ref _lastUntil, now + Time);
        }
    }

    /// <summary>Whether a client of the address was told so lately.</summary>
    internal bool Contains(IPAddress? address, long now)
    {
        // The common case takes no lock.
        if (now >= Volatile.Read(ref _lastUntil) || KeyOf(address) is not { } key)
            return false;
        lock (_lock)
        {
            var index = Array.IndexOf(_keys, key);
            return index >= 0 && now < _until[index];
        }
    }

    /// <summary>All of an IPv4 address; of an IPv6 address the 64 bits that a network is given.</summary>
    private static ulong? KeyOf(IPAddress? address)
    {
        if (address is null)
            return null;
        Span<byte> bytes = stackalloc byte[16];
        var isLong = address.MapToIPv6().TryWriteBytes(bytes, out _) && !address.IsIPv4MappedToIPv6 && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        // No network begins with these bits.
        return isLong ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0xFFFF_FFFF_0000_0000 | BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]);
    }
}
