namespace Securely.Dns;

/// <summary>
/// What an update must not do to a zone although no RFC says so: leave a name server of the zone, or a new mail exchange, without an address. BIND
/// refuses both, and a zone that is changed by programs is better for it.
/// </summary>
internal static class UpdateSanity
{
    /// <summary>The name servers of the zone that are in it and have no address.</summary>
    internal static HashSet<DomainName> Unreachable(ZoneEdit zone) =>
        [.. zone.Get(zone.Apex, RecordType.Ns).Select(record => DomainName.OfValid(record.Data.Span)).Where(name => !HasAddress(zone, name))];

    /// <summary>Looks at the zone after the changes were made.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="records">The changes.</param>
    /// <param name="before">The name servers without an address before them: what was wrong already is not their fault.</param>
    internal static ResponseCode Check(ZoneEdit zone, IReadOnlyList<ResourceRecord> records, HashSet<DomainName> before)
    {
        var exchanges = records.Where(record => record is { Class: RecordClass.In, Type: RecordType.Mx } && zone.Get(record.Name, RecordType.Mx).Contains(record));
        return Unreachable(zone).IsSubsetOf(before) && exchanges.All(record => HasAddress(zone, DomainName.OfValid(record.Data.Span[2..])))
            ? ResponseCode.Success
            : ResponseCode.Refused;
    }

    // Of what is not in the zone nothing is known, and no exchange at all is meant (RFC 7505).
    private static bool HasAddress(ZoneEdit zone, DomainName name)
    {
        if (!name.IsWithin(zone.Apex) || name.IsRoot)
            return true;
        if (zone.Exists(name))
            return IsAddressed(zone, name) || IsDelegated(zone, name);
        for (var above = name; above is not null && !above.Equals(zone.Apex);)
        {
            above = above.Parent!;
            if (DomainName.TryParse($"*.{above}", out var wildcard) && zone.Exists(wildcard))
                return IsAddressed(zone, wildcard);
            if (zone.Exists(above))
                break;
        }

        return IsDelegated(zone, name);
    }

    private static bool IsAddressed(ZoneEdit zone, DomainName name) => zone.Types(name).Any(type => type is RecordType.A or RecordType.Aaaa);

    private static bool IsDelegated(ZoneEdit zone, DomainName name)
    {
        for (var above = name; above is not null && !above.Equals(zone.Apex); above = above.Parent)
        {
            if (zone.Get(above, RecordType.Ns).Count > 0)
                return true;
        }

        return false;
    }
}
