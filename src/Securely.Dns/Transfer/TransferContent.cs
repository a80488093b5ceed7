using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// What a transfer consists of: the SOA alone for a client that has the newest zone; the changes since its own (RFC 1995, 4) where they are known;
/// the whole zone otherwise (RFC 5936, 2.2).
/// </summary>
internal static class TransferContent
{
    /// <summary>The records in their order.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="request">The question for it.</param>
    internal static IEnumerable<ResourceRecord> Of(Zone zone, byte[] request)
    {
        var soa = zone.Soa.Records(zone.ApexNode.Name).First();
        if (HeldSerial(request) is not { } held)
            return zone.Records().Append(soa);
        if (held == zone.Serial || SerialNumber.IsNewer(held, zone.Serial))
            return [soa];
        return ZoneChange.Since(zone.History, held) is { } changes ? Changes(soa, changes) : zone.Records().Append(soa);
    }

    /// <summary>The changes that a question over a datagram is answered with; null when only a stream can bring what it asks for.</summary>
    internal static IEnumerable<ResourceRecord>? Incremental(Zone zone, byte[] request) =>
        HeldSerial(request) is { } held && SerialNumber.IsNewer(zone.Serial, held) && ZoneChange.Since(zone.History, held) is { } changes
            ? Changes(zone.Soa.Records(zone.ApexNode.Name).First(), changes)
            : null;

    private static IEnumerable<ResourceRecord> Changes(ResourceRecord soa, ArraySegment<ZoneChange> changes)
    {
        yield return soa;
        foreach (var change in changes)
        {
            yield return change.OldSoa;
            foreach (var record in change.Removed)
                yield return record;
            yield return change.NewSoa;
            foreach (var record in change.Added)
                yield return record;
        }

        yield return soa;
    }

    // The serial number of the zone that the client has; null when it asks for a whole one.
    private static uint? HeldSerial(ReadOnlySpan<byte> request)
    {
        var walker = new RecordWalker(request);
        var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(request[(12 + WireName.Measure(request[12..]))..]);
        if (type != RecordType.Ixfr || !walker.Next() || walker.Type != RecordType.Soa || walker.Position - walker.DataStart < 22)
            return null;
        return SerialNumber.Of(request[walker.DataStart..walker.Position]);
    }
}
