namespace Securely.Dns;

/// <summary>
/// Looks for what makes a zone wrong, and for what is hardly meant. A zone that comes from another server or out of a journal is only refused for what
/// cannot be answered from; a zone file for the mistakes in it too.
/// </summary>
internal sealed class ZoneCheck(ZoneFile file, ZoneBuilder zone, bool isFile)
{
    private static readonly DomainName _reverse4 = DomainName.Parse("in-addr.arpa");
    private static readonly DomainName _reverse6 = DomainName.Parse("ip6.arpa");

    internal void Run()
    {
        foreach (var node in zone.Nodes)
        {
            if (node.Sets.Length == 0)
                continue;
            CheckAlone(node);
            if (node.Find(RecordType.Soa) is not null && node.Parent is not null)
                Complain(node, RecordType.Soa, $"[{node.Name}] has a SOA record, but the zone is [{file.Apex}]");
            if (node.Cover is not null && !ReferenceEquals(node.Cover, node))
                CheckCovered(node, node.Cover);
            if (isFile)
                CheckSets(node);
        }
    }

    private void CheckSets(ZoneNode node)
    {
        foreach (var set in node.Sets)
        {
            if (set.Type == RecordType.Ns && node.Name.IsWildcard)
                Complain(node, RecordType.Ns, $"[{node.Name}] has NS records, but a wildcard is no delegation");
            if (RecordCheck.Judges(set.Type))
                CheckData(node, set);
            CheckHosts(node, set);
            CheckTargets(node, set);
        }
    }

    private void CheckData(ZoneNode node, RecordSet set)
    {
        foreach (var data in set.Data())
        {
            if (RecordCheck.Judge(set.Type, data.Span) is { } error)
                Complain(node, set.Type, $"The {RecordSchema.NameOf(set.Type)} of [{node.Name}] {error}");
        }
    }

    private void CheckHosts(ZoneNode node, RecordSet set)
    {
        if (set.Type is RecordType.Mx && !HostNames.IsOwner(node.Name.Wire))
            Warn(node, set.Type, $"[{node.Name}] is no name of a host, but has {RecordSchema.NameOf(set.Type)} records");
        if (HostAt(node, set.Type) is not { } at)
            return;
        foreach (var data in set.Data())
        {
            var name = DomainName.OfValid(data.Span[at..]);
            if (!HostNames.IsHost(name.Wire))
                Warn(node, set.Type, $"The {RecordSchema.NameOf(set.Type)} of [{node.Name}] names [{name}], which is no name of a host");
        }
    }

    // Where the name of a host stands in the data: in a reverse zone that of PTR too.
    private static int? HostAt(ZoneNode node, RecordType type) => type switch
    {
        RecordType.Ns or RecordType.Soa => 0,
        RecordType.Mx or RecordType.Afsdb => 2,
        RecordType.Srv => 6,
        RecordType.Ptr when node.Name.IsWithin(_reverse4) || node.Name.IsWithin(_reverse6) => 0,
        _ => null,
    };

    private void CheckAlone(ZoneNode node)
    {
        if (node.Find(RecordType.Cname) is { } cname)
        {
            if (cname.Count > 1)
                Complain(node, RecordType.Cname, $"[{node.Name}] has more than one CNAME record");
            if (Array.Exists(node.Sets, set => !RecordSchema.MayStandBesideAlias(set.Type)))
                Complain(node, RecordType.Cname, $"[{node.Name}] has a CNAME record and other data");
        }

        if (node.Find(RecordType.Dname) is { Count: > 1 })
            Complain(node, RecordType.Dname, $"[{node.Name}] has more than one DNAME record");
        if (node.Find(RecordType.Ds) is not null && !node.IsDelegation)
            Warn(node, RecordType.Ds, $"[{node.Name}] has a DS record, but is no delegation");
    }

    private void CheckCovered(ZoneNode node, ZoneNode cover)
    {
        if (!cover.IsDelegation)
            Warn(node, node.Sets[0].Type, $"[{node.Name}] is never answered: it is below the DNAME of [{cover.Name}]");
        else if (Array.Exists(node.Sets, set => set.Type is not (RecordType.A or RecordType.Aaaa)))
            Warn(node, node.Sets[0].Type, $"[{node.Name}] is never answered: it is below the delegation of [{cover.Name}]");
    }

    private void CheckTargets(ZoneNode node, RecordSet set)
    {
        if (set.Type is not (RecordType.Ns or RecordType.Mx or RecordType.Srv) || (node.Cover is not null && !ReferenceEquals(node.Cover, node)))
            return;
        foreach (var data in set.Data())
        {
            var name = DomainName.OfValid(data.Span[(set.Type switch { RecordType.Mx => 2, RecordType.Srv => 6, _ => 0 })..]);
            if (name.IsWithin(file.Apex) && !name.IsRoot)
                CheckTarget(node, set.Type, name);
        }
    }

    private void CheckTarget(ZoneNode node, RecordType type, DomainName name)
    {
        var kind = RecordSchema.NameOf(type);
        var target = zone.Find(name);
        if ((target is null ? CoverOf(name) : target.Cover) is { } cover)
        {
            if (type == RecordType.Ns && cover.IsDelegation && !HasAddress(target))
                Warn(node, type, $"The NS of [{node.Name}] names [{name}], for which there is no glue");
        }
        else if (target?.Find(RecordType.Cname) is not null)
            Warn(node, type, $"The {kind} of [{node.Name}] names [{name}], which is an alias");
        else if (!HasAddress(target) && !(target is null && IsSynthesized(name)))
            Warn(node, type, $"The {kind} of [{node.Name}] names [{name}], which has no address");
    }

    private static bool HasAddress(ZoneNode? node) => (node?.Find(RecordType.A) ?? node?.Find(RecordType.Aaaa)) is not null;

    // What takes a name that does not exist out of the zone.
    private ZoneNode? CoverOf(DomainName name)
    {
        var encloser = Encloser(name);
        return encloser?.Cover ?? (encloser?.Find(RecordType.Dname) is not null ? encloser : null);
    }

    private bool IsSynthesized(DomainName name) => Encloser(name)?.Wildcard is { } wildcard && (HasAddress(wildcard) || wildcard.Find(RecordType.Cname) is not null);

    private ZoneNode? Encloser(DomainName name)
    {
        for (var above = name.Parent; above is not null; above = above.Parent)
        {
            if (zone.Find(above) is { } encloser)
                return encloser;
        }

        return null;
    }

    private void Complain(ZoneNode node, RecordType type, string message) => zone.Report(node, type, ZoneProblemSeverity.Error, message);

    private void Warn(ZoneNode node, RecordType type, string message) => zone.Report(node, type, ZoneProblemSeverity.Warning, message);
}
