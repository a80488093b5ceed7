using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>The serial numbers of zones, which go round (RFC 1982), and where they stand in the data of a SOA record.</summary>
internal static class SerialNumber
{
    // Serial, refresh, retry, expire and minimum end the data, behind two names.
    private const int FixedPart = 20;

    /// <summary>Whether one number comes after another. Two that are 2^31 apart come after each other in neither direction.</summary>
    internal static bool IsNewer(uint serial, uint than) => unchecked((int)(serial - than)) > 0 && serial - than != 0x8000_0000;

    /// <summary>The number that a change gives to a zone; 0 is left out, because some take it for none.</summary>
    internal static uint Next(uint serial) => serial == uint.MaxValue ? 1 : serial + 1;

    /// <summary>The number in the data of a SOA record.</summary>
    internal static uint Of(ReadOnlySpan<byte> soa) => BinaryPrimitives.ReadUInt32BigEndian(soa[^FixedPart..]);

    /// <summary>The number of a SOA record.</summary>
    internal static uint Of(ResourceRecord soa) => Of(soa.Data.Span);

    /// <summary>The same SOA record with another number.</summary>
    internal static ResourceRecord With(ResourceRecord soa, uint serial)
    {
        var data = soa.Data.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(data.Length - FixedPart), serial);
        return ResourceRecord.OfValid(soa.Name, RecordType.Soa, soa.Ttl, data);
    }
}

/// <summary>How long a secondary waits, as the SOA record of its zone says (RFC 1035, 3.3.13).</summary>
/// <param name="Refresh">Between two questions for a change.</param>
/// <param name="Retry">After a question that nobody answered.</param>
/// <param name="Expire">Without an answer until the zone is no longer answered for.</param>
internal readonly record struct ZoneTimers(TimeSpan Refresh, TimeSpan Retry, TimeSpan Expire)
{
    private const int LongestWait = 28 * 24 * 3600;
    private const int LongestLife = 24 * 7 * 24 * 3600;

    /// <summary>
    /// The times of a zone, none of them so short that a primary would be flooded, or so long that nobody lives to see it: four weeks between two
    /// questions, and 24 weeks without an answer.
    /// </summary>
    internal static ZoneTimers Of(ReadOnlySpan<byte> soa)
    {
        var (refresh, retry, expire) = (Read(soa, 16, LongestWait), Read(soa, 12, LongestWait), Read(soa, 8, LongestLife));
        return new ZoneTimers(refresh, retry, TimeSpan.FromTicks(Math.Max(expire.Ticks, retry.Ticks)));
    }

    private static TimeSpan Read(ReadOnlySpan<byte> soa, int fromEnd, int longest) =>
        TimeSpan.FromSeconds(Math.Clamp((int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(soa[^fromEnd..]), int.MaxValue), 1, longest));
}
