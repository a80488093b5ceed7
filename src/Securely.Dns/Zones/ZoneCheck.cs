namespace Securely.Dns;

/// <summary>Looks for what makes a zone wrong, and for what is hardly meant.</summary>
internal sealed class ZoneCheck(ZoneFile file, ZoneBuilder zone)
{
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
            foreach (var set in node.Sets)
                CheckTargets(node, set);
        }
    }

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
            if (!name.IsWithin(file.Apex) || name.IsRoot)
                continue;
            var kind = RecordSchema.NameOf(set.Type);
            var target = zone.Find(name);
            if (target?.Find(RecordType.Cname) is not null)
                Warn(node, set.Type, $"The {kind} of [{node.Name}] names [{name}], which is an alias");
            else if (target?.Cover is null && (target?.Find(RecordType.A) ?? target?.Find(RecordType.Aaaa)) is null && !IsSynthesized(name))
                Warn(node, set.Type, $"The {kind} of [{node.Name}] names [{name}], which has no address");
            else if (set.Type == RecordType.Ns && name.IsWithin(node.Name) && target is not null && target.Sets.Length == 0)
                Warn(node, set.Type, $"The NS of [{node.Name}] names [{name}], for which there is no glue");
        }
    }

    private bool IsSynthesized(DomainName name)
    {
        for (var above = name.Parent; above is not null; above = above.Parent)
        {
            if (zone.Find(above) is { } encloser)
                return encloser.Wildcard is not null || encloser.Cover is not null || encloser.Find(RecordType.Dname) is not null;
        }

        return false;
    }

    private void Complain(ZoneNode node, RecordType type, string message) => zone.Report(node, type, ZoneProblemSeverity.Error, message);

    private void Warn(ZoneNode node, RecordType type, string message) => zone.Report(node, type, ZoneProblemSeverity.Warning, message);
}
