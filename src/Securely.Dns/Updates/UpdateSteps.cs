namespace Securely.Dns;

/// <summary>
/// Makes the changes of an update (RFC 2136, 3.4.2). What would break the zone is left out without an error, as the RFC and all servers do: a second
/// SOA or an older one, data beside an alias, the last name server, DS at the zone's own name.
/// </summary>
internal static class UpdateSteps
{
    /// <summary>Makes them one after the other.</summary>
    internal static void Apply(IReadOnlyList<ResourceRecord> records, ZoneEdit zone)
    {
        foreach (var record in records)
        {
            switch (record.Class)
            {
                case RecordClass.In:
                    Add(record, zone);
                    break;
                case RecordClass.Any:
                    RemoveSets(record, zone);
                    break;
                default:
                    RemoveRecord(record, zone);
                    break;
            }
        }

        // A signer of a delegation that is gone would make it look forged.
        foreach (var name in records.Where(record => record.Class != RecordClass.In).Select(record => record.Name).Distinct())
        {
            if (zone.Get(name, RecordType.Ns).Count == 0)
                zone.Remove(name, RecordType.Ds);
        }
    }

    private static void Add(ResourceRecord record, ZoneEdit zone)
    {
        if (IsLeftOut(record, zone))
            return;
        // Of these a name has one at most.
        if (record.Type is RecordType.Cname or RecordType.Dname or RecordType.Soa && !zone.Get(record.Name, record.Type).Any(other => IsExact(other, record)))
            zone.Remove(record.Name, record.Type);
        if (record.Type == RecordType.Wks)
            zone.Remove(record.Name, record.Type, other => IsSameService(other, record));
        if (!zone.Get(record.Name, record.Type).Any(other => IsExact(other, record)))
            zone.Add(record);
    }

    private static bool IsLeftOut(ResourceRecord record, ZoneEdit zone)
    {
        var isApex = record.Name.Equals(zone.Apex);
        switch (record.Type)
        {
            // RFC 1123, 6.1.2.1: these two are dead.
            case RecordType.Md or RecordType.Mf:
                return true;
            case RecordType.Ns or RecordType.Dname when record.Name.IsWildcard:
                return true;
            case RecordType.Ds when isApex:
                return true;
            case RecordType.Soa when !isApex || !SerialNumber.IsNewer(SerialNumber.Of(record), CurrentSerial(zone)):
                return true;
            case RecordType.Cname:
                return zone.Types(record.Name).Any(type => !RecordSchema.MayStandBesideAlias(type));
            default:
                return !RecordSchema.MayStandBesideAlias(record.Type) && zone.Get(record.Name, RecordType.Cname).Count > 0;
        }
    }

    private static void RemoveSets(ResourceRecord record, ZoneEdit zone)
    {
        var isApex = record.Name.Equals(zone.Apex);
        if (record.Type != RecordType.Any)
        {
            if (!isApex || record.Type is not (RecordType.Soa or RecordType.Ns))
                zone.Remove(record.Name, record.Type);
            return;
        }

        foreach (var type in zone.Types(record.Name).Where(type => !isApex || type is not (RecordType.Soa or RecordType.Ns)))
            zone.Remove(record.Name, type);
    }

    private static void RemoveRecord(ResourceRecord record, ZoneEdit zone)
    {
        if (record.Name.Equals(zone.Apex) && (record.Type == RecordType.Soa || (record.Type == RecordType.Ns && zone.Get(record.Name, RecordType.Ns).Count == 1)))
            return;
        zone.Remove(record.Name, record.Type, other => FieldWire.AreEqual(record.Type, other.Data.Span, record.Data.Span));
    }

    private static uint CurrentSerial(ZoneEdit zone) => SerialNumber.Of(zone.Get(zone.Apex, RecordType.Soa)[0]);

    private static bool IsExact(ResourceRecord left, ResourceRecord right) => left.Ttl == right.Ttl && left.Equals(right);

    // An address and a protocol have one list of services (RFC 2136, 3.4.2.2).
    private static bool IsSameService(ResourceRecord left, ResourceRecord right) =>
        left.Data.Length >= 5 && right.Data.Length >= 5 && left.Data.Span[..5].SequenceEqual(right.Data.Span[..5]);
}
