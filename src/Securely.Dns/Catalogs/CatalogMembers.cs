using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns;

/// <summary>Reads the zones that a catalog zone names (RFC 9432, 4): <c>LABEL.zones.CATALOG PTR ZONE</c>.</summary>
internal static class CatalogMembers
{
    /// <summary>Reads them.</summary>
    /// <param name="catalog">The catalog zone.</param>
    /// <param name="members">Each zone with the name that stands for it in the catalog.</param>
    /// <param name="error">Why the catalog must not be used.</param>
    /// <returns>False for a catalog that is broken; nothing of it counts then (RFC 9432, 5.1).</returns>
    internal static bool TryRead(Zone catalog, out Dictionary<DomainName, DomainName> members, [NotNullWhen(false)] out string? error)
    {
        members = [];
        error = CheckVersion(catalog);
        if (error is not null)
            return false;
        var zones = Below(catalog.Apex, "zones");
        foreach (var node in catalog.Nodes)
        {
            if (node.Find(RecordType.Ptr) is not { } set || node.Name.LabelCount != zones.LabelCount + 1 || !node.Name.IsWithin(zones))
                continue;
            if (set.Count != 1)
                error = $"[{node.Name}] has {set.Count} PTR records, and not one";
            else if (!members.TryAdd(DomainName.OfValid(set.First), LabelOf(node.Name)))
                error = $"the zone [{DomainName.OfValid(set.First)}] stands twice";
            if (error is not null)
                return false;
        }

        return true;
    }

    /// <summary>Whether a catalog lets another one have a zone of its own (RFC 9432, 4.3.1).</summary>
    /// <param name="owner">The catalog that has the zone.</param>
    /// <param name="label">What stands for the zone there.</param>
    /// <param name="other">The catalog that wants it.</param>
    internal static bool IsReleased(Zone owner, DomainName label, DomainName other)
    {
        var member = Append(label, Below(owner.Apex, "zones"));
        return member is not null && owner.Find(Below(member, "coo"))?.Find(RecordType.Ptr) is { Count: 1 } set && DomainName.OfValid(set.First).Equals(other);
    }

    private static string? CheckVersion(Zone catalog)
    {
        if (catalog.Find(Below(catalog.Apex, "version"))?.Find(RecordType.Txt) is not { } version)
            return "it has no TXT record [version]";
        return version.Count == 1 && version.First.SequenceEqual("\u00012"u8) ? null : "its TXT record [version] is not [2]";
    }

    private static DomainName LabelOf(DomainName name) => DomainName.OfValid([.. name.Wire[..(name.Wire[0] + 1)], 0]);

    private static DomainName Below(DomainName name, string label) => Append(DomainName.Parse(label), name) ?? DomainName.Root;

    private static DomainName? Append(DomainName label, DomainName name) =>
        label.Wire.Length - 1 + name.Wire.Length > WireName.Maximum ? null : DomainName.OfValid([.. label.Wire[..^1], .. name.Wire]);
}
