using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;

namespace Securely.Net;

/// <summary>
/// All peers that hold connections, in rows by how many: the heaviest one is found, and a count goes up or down, in constant time. Guarded by the
/// lock of the <see cref="ConnectionLimit"/>.
/// </summary>
internal sealed class PeerShares(ConnectionLimit limit)
{
    // No unicast IPv6 address begins with ffff:, so these cannot be networks.
    private const ulong Ipv4 = 0xFFFF_FFFF_0000_0000;
    private const ulong Unnamed = 0xFFFF_FFFE_0000_0000;

    // A table of our own, because the framework's hashes numbers in a way that everybody knows: whoever owns a large IPv6 network could choose
    // addresses that all fall into one bucket, and have every accept search it. Nobody knows this factor.
    private readonly ulong _factor = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)) | 1;
    private PeerShare?[] _buckets = new PeerShare?[16];
    private PeerShare?[] _rows = new PeerShare?[16];

    /// <summary>How many connections the heaviest peer holds.</summary>
    internal int MostHeld { get; private set; }

    internal PeerShare? Heaviest => First(MostHeld);

    /// <summary>How many peers there are.</summary>
    internal int Count { get; private set; }

    /// <summary>One number for each peer: an IPv4 address, an IPv6 network of 64 bits, or everybody who has no address.</summary>
    internal static ulong KeyOf(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
            return Unnamed;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4 ? Ipv4 | BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    internal static string Describe(PeerShare? peer)
    {
        if (peer is null)
            return "none";
        if (peer.Key == Unnamed)
            return "unix";
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, peer.Key);
        return (peer.Key & Ipv4) == Ipv4 ? new IPAddress(bytes[4..8]).ToString() : $"{new IPAddress(bytes)}/64";
    }

    /// <summary>The first of the peers that hold so many; the others follow it.</summary>
    internal PeerShare? First(int count) => count < _rows.Length ? _rows[count] : null;

    internal PeerShare Get(ulong key)
    {
        for (var known = BucketOf(key); known is not null; known = known.NextInBucket)
        {
            if (known.Key == key)
                return known;
        }

        if (Count == _buckets.Length)
            Grow();
        var peer = new PeerShare(limit, key);
        ref var first = ref BucketOf(key);
        peer.NextInBucket = first;
        first = peer;
        Count++;
        return peer;
    }

    /// <summary>Drops a peer that holds nothing.</summary>
    internal void Forget(PeerShare peer)
    {
        if (peer.Count > 0)
            return;
        ref var link = ref BucketOf(peer.Key);
        while (!ReferenceEquals(link, peer))
            link = ref link!.NextInBucket;
        link = peer.NextInBucket;
        Count--;
    }

    internal void Raise(PeerShare peer)
    {
        if (peer.Count > 0)
            TakeOut(peer);
        peer.Count++;
        if (peer.Count == _rows.Length)
            Array.Resize(ref _rows, _rows.Length * 2);
        PutIn(peer);
        MostHeld = Math.Max(MostHeld, peer.Count);
    }

    internal void Lower(PeerShare peer)
    {
        Debug.Assert(peer.Count > 0, "A peer gives back what it does not hold");
        TakeOut(peer);
        // The peer is still in the next row, so there is no gap to look past.
        if (peer.Count == MostHeld && _rows[MostHeld] is null)
            MostHeld--;
        peer.Count--;
        if (peer.Count > 0)
            PutIn(peer);
        else
            Forget(peer);
    }

    private ref PeerShare? BucketOf(ulong key) => ref _buckets[(int)((key * _factor) >> (64 - BitOperations.Log2((uint)_buckets.Length)))];

    private void Grow()
    {
        var old = _buckets;
        _buckets = new PeerShare?[old.Length * 2];
        foreach (var bucket in old)
        {
            for (var peer = bucket; peer is not null;)
            {
                var next = peer.NextInBucket;
                ref var first = ref BucketOf(peer.Key);
                peer.NextInBucket = first;
                first = peer;
                peer = next;
            }
        }
    }

    private void PutIn(PeerShare peer)
    {
        ref var first = ref _rows[peer.Count];
        peer.Next = first;
        if (first is not null)
            first.Previous = peer;
        first = peer;
    }

    private void TakeOut(PeerShare peer)
    {
        if (peer.Previous is null)
            _rows[peer.Count] = peer.Next;
        else
            peer.Previous.Next = peer.Next;
        if (peer.Next is not null)
            peer.Next.Previous = peer.Previous;
        peer.Next = peer.Previous = null;
    }
}
