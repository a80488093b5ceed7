namespace Securely.Dns;

/// <summary>What an update has to pass before it changes anything, in the order of RFC 2136: 3.2 prerequisites; 3.3 permission; 3.4.1 form.</summary>
internal static class UpdateChecks
{
    /// <summary>The prerequisites (RFC 2136, 3.2).</summary>
    internal static ResponseCode CheckPrerequisites(IReadOnlyList<ResourceRecord> records, ZoneEdit zone)
    {
        var wanted = new Dictionary<(DomainName, RecordType), List<ResourceRecord>>();
        foreach (var record in records)
        {
            if (record.Ttl != 0)
                return ResponseCode.Malformed;
            if (!record.Name.IsWithin(zone.Apex))
                return ResponseCode.NotInZone;
            if (record.Class is RecordClass.Any or RecordClass.None && record.Data.Length > 0)
                return ResponseCode.Malformed;
            var code = record.Class switch
            {
                RecordClass.Any when record.Type == RecordType.Any => zone.Exists(record.Name) ? ResponseCode.Success : ResponseCode.NoSuchName,
                RecordClass.Any => Has(zone, record) ? ResponseCode.Success : ResponseCode.NoSuchSet,
                RecordClass.None when record.Type == RecordType.Any => zone.Exists(record.Name) ? ResponseCode.NameExists : ResponseCode.Success,
                RecordClass.None => Has(zone, record) ? ResponseCode.SetExists : ResponseCode.Success,
                RecordClass.In => ResponseCode.Success,
                _ => ResponseCode.Malformed,
            };
            if (code != ResponseCode.Success)
                return code;
            if (record.Class != RecordClass.In)
                continue;
            if (!wanted.TryGetValue((record.Name, record.Type), out var set))
                wanted.Add((record.Name, record.Type), set = []);
            if (!set.Contains(record))
                set.Add(record);
        }

        return wanted.All(set => IsSame(set.Value, zone.Get(set.Key.Item1, set.Key.Item2))) ? ResponseCode.Success : ResponseCode.NoSuchSet;
    }

    /// <summary>Whether the sender may change every name and type that the update is about (RFC 2136, 3.3).</summary>
    internal static ResponseCode CheckPermission(IReadOnlyList<ResourceRecord> records, ZoneEdit zone, Func<DomainName, RecordType, bool> allows)
    {
        foreach (var record in records)
        {
            // What is not in the zone is nobody's to permit, and refused by its form.
            if (!record.Name.IsWithin(zone.Apex))
                continue;
            // All sets of a name: each that is there has to be the sender's.
            var types = record.Type == RecordType.Any ? zone.Types(record.Name).DefaultIfEmpty(RecordType.Any) : [record.Type];
            foreach (var type in types)
            {
                if (!(IsKept(zone, record, type) || allows(record.Name, type)))
                    return ResponseCode.Refused;
            }
        }

        return ResponseCode.Success;
    }

    /// <summary>The form of the changes (RFC 2136, 3.4.1).</summary>
    internal static ResponseCode CheckForm(IReadOnlyList<ResourceRecord> records, ZoneEdit zone)
    {
        foreach (var record in records)
        {
            if (!record.Name.IsWithin(zone.Apex))
                return ResponseCode.NotInZone;
            var isMalformed = record.Class switch
            {
                RecordClass.In => RecordSchema.IsMeta(record.Type) || RecordCheck.Judge(record.Type, record.Data.Span) is not null,
                RecordClass.Any => record.Ttl != 0 || record.Data.Length > 0 || (RecordSchema.IsMeta(record.Type) && record.Type != RecordType.Any),
                RecordClass.None => record.Ttl != 0 || RecordSchema.IsMeta(record.Type),
                _ => true,
            };
            if (isMalformed)
                return ResponseCode.Malformed;
        }

        return ResponseCode.Success;
    }

    private static bool Has(ZoneEdit zone, ResourceRecord record) => zone.Get(record.Name, record.Type).Count > 0;

    // The records that hold a zone together stay when all sets of its own name are taken away.
    private static bool IsKept(ZoneEdit zone, ResourceRecord record, RecordType type) =>
        record.Type == RecordType.Any && record.Name.Equals(zone.Apex) && type is RecordType.Soa or RecordType.Ns;

    private static bool IsSame(List<ResourceRecord> wanted, IReadOnlyList<ResourceRecord> present) => wanted.Count == present.Count && wanted.TrueForAll(present.Contains);
}
