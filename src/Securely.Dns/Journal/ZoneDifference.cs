namespace Securely.Dns;

/// <summary>Finds what differs between two snapshots of a zone: for a file that was written anew, and a zone that came as a whole.</summary>
internal static class ZoneDifference
{
    /// <summary>The change that leads from one to the other; null when they are equal.</summary>
    internal static ZoneChange? Between(Zone old, Zone current)
    {
        var removed = new List<ResourceRecord>();
        var added = new List<ResourceRecord>();
        foreach (var node in old.Nodes)
            Collect(node, current.Find(node.Name), old.Soa, removed);
        foreach (var node in current.Nodes)
            Collect(node, old.Find(node.Name), current.Soa, added);
        return removed.Count == 0 && added.Count == 0 && old.Soa.IsSame(current.Soa)
            ? null
            : new ZoneChange(old.Soa.Records(old.ApexNode.Name).First(), removed, current.Soa.Records(current.ApexNode.Name).First(), added);
    }

    // The records of a name that the other zone does not have, in these letters and with this TTL.
    private static void Collect(ZoneNode node, ZoneNode? other, RecordSet soa, List<ResourceRecord> records)
    {
        foreach (var set in node.Sets)
        {
            if (ReferenceEquals(set, soa) || (other?.Find(set.Type) is { } same && same.IsSame(set)))
                continue;
            var kept = other?.Find(set.Type) is { } known && known.Ttl == set.Ttl ? known.Data().ToList() : [];
            records.AddRange(set.Records(node.Name).Where(record => !kept.Exists(data => data.Span.SequenceEqual(record.Data.Span))));
        }
    }
}
