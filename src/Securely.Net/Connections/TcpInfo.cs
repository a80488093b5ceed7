namespace Securely.Net;

/// <summary>What the Linux kernel tells of a TCP connection (TCP_INFO). Times are in microseconds, rates in bytes a second.</summary>
public sealed record TcpInfo
{
    internal const int RawSize = 232;

    /// <summary>How much of the kernel's structure <see cref="ReadAcknowledged"/> needs.</summary>
    internal const int UntilAcknowledged = 128;

    /// <summary>The state's number; 1 is established.</summary>
    public byte State { get; private init; }

    /// <summary>The smoothed round-trip time in microseconds.</summary>
    public uint RoundTripTime { get; private init; }

    /// <summary>Its mean deviation in microseconds.</summary>
    public uint RoundTripTimeVariance { get; private init; }

    /// <summary>The smallest round-trip time seen, in microseconds; 0 when the kernel does not tell.</summary>
    public uint MinimumRoundTripTime { get; private init; }

    /// <summary>The congestion window in segments.</summary>
    public uint CongestionWindow { get; private init; }

    /// <summary>The maximum segment size for sending, in bytes.</summary>
    public uint SendSegmentSize { get; private init; }

    /// <summary>Segments sent and not acknowledged.</summary>
    public uint Unacknowledged { get; private init; }

    /// <summary>Segments lost and not sent again yet.</summary>
    public uint Lost { get; private init; }

    /// <summary>Segments sent again over the connection's life.</summary>
    public uint TotalRetransmits { get; private init; }

    /// <summary>The latest delivery rate in bytes a second; 0 when the kernel does not tell.</summary>
    public ulong DeliveryRate { get; private init; }

    /// <summary>Bytes that the peer has acknowledged.</summary>
    public ulong BytesAcknowledged { get; private init; }

    /// <summary>Bytes received.</summary>
    public ulong BytesReceived { get; private init; }

    /// <summary>Reads the kernel's structure; an older kernel gives a shorter one, whose missing fields are 0.</summary>
    internal static TcpInfo Read(ReadOnlySpan<byte> raw) => new()
    {
        State = raw[0],
        SendSegmentSize = UInt32(raw, 16),
        Unacknowledged = UInt32(raw, 24),
        Lost = UInt32(raw, 32),
        RoundTripTime = UInt32(raw, 68),
        RoundTripTimeVariance = UInt32(raw, 72),
        CongestionWindow = UInt32(raw, 80),
        TotalRetransmits = UInt32(raw, 100),
        BytesAcknowledged = UInt64(raw, 120),
        BytesReceived = UInt64(raw, 128),
        MinimumRoundTripTime = UInt32(raw, 148),
        DeliveryRate = UInt64(raw, 160),
    };

    /// <summary>Bytes that the peer has acknowledged, from the beginning of the kernel's structure.</summary>
    internal static long ReadAcknowledged(ReadOnlySpan<byte> raw) => (long)UInt64(raw, 120);

    private static uint UInt32(ReadOnlySpan<byte> raw, int offset) => raw.Length >= offset + 4 ? BitConverter.ToUInt32(raw[offset..]) : 0;

    private static ulong UInt64(ReadOnlySpan<byte> raw, int offset) => raw.Length >= offset + 8 ? BitConverter.ToUInt64(raw[offset..]) : 0;
}
