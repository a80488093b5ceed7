namespace Securely.Dns;

/// <summary>Links the names of a zone that is being built: 1. each with those above it; 2. with what takes it out of the zone; 3. sets with the addresses that help.</summary>
internal sealed class ZoneLinker(NodeTable nodes, DomainName apex)
{
    private ZoneNode? _lastParent;

    /// <summary>Links all names; those that exist only because of others are made.</summary>
    internal void Link()
    {
        foreach (var node in nodes.Nodes.ToArray())
            Connect(node);
        foreach (var node in nodes.Nodes)
            Resolve(node);
    }

    // Links a name with those above it, which exist because of it.
    private void Connect(ZoneNode node)
    {
        while (node.Parent is null && !node.Name.Equals(apex))
        {
            var parent = ParentOf(node.Name);
            node.Parent = parent;
            if (node.Name.IsWildcard)
                parent.Wildcard = node;
            node = parent;
        }
    }

    private ZoneNode ParentOf(DomainName name)
    {
        // Most names of a large zone are beside each other.
        if (_lastParent is null || !_lastParent.Name.Lower.SequenceEqual(name.Lower[(name.Lower[0] + 1)..]))
            _lastParent = nodes.Add(name.Parent!);
        return _lastParent;
    }

    private void Resolve(ZoneNode node)
    {
        node.IsDelegation = IsDelegation(node);
        node.Cover = CoverOf(node);
        foreach (var set in node.Sets)
        {
            if (set.NameOffsets is not null)
                ResolveTargets(node, set);
        }
    }

    private static ZoneNode? CoverOf(ZoneNode node)
    {
        ZoneNode? cover = null;
        for (var above = node; above is not null; above = above.Parent)
        {
            if (IsDelegation(above) || (!ReferenceEquals(above, node) && above.Find(RecordType.Dname) is not null))
                cover = above;
        }

        return cover;
    }

    private void ResolveTargets(ZoneNode node, RecordSet set)
    {
        var found = false;
        var targets = new ZoneNode?[set.Count];
        var index = 0;
        foreach (var data in set.Data())
        {
            var target = nodes.Find(DomainName.OfValid(TargetName(set.Type, data.Span, node)));
            // Addresses below a delegation are another zone's; only its name servers may be told by them (glue).
            if (target is not null && (set.Type == RecordType.Ns || CoverOf(target) is null) && (target.Find(RecordType.A) ?? target.Find(RecordType.Aaaa)) is not null)
            {
                targets[index] = target;
                found = true;
            }

            index++;
        }

        set.Targets = found ? targets : null;
    }

    private static ReadOnlySpan<byte> TargetName(RecordType type, ReadOnlySpan<byte> data, ZoneNode node)
    {
        var name = type switch
        {
            RecordType.Mx => data[2..],
            RecordType.Srv => data[6..],
            RecordType.Svcb or RecordType.Https => data[2..],
            _ => data,
        };
        var length = WireName.Measure(name);
        // A service whose target is the root is reached at its owner (RFC 9460, 2.5.2); the owner's addresses are asked for by everyone anyway.
        return length == 1 && type is RecordType.Svcb or RecordType.Https ? node.Name.Wire : name[..length];
    }

    private static bool IsDelegation(ZoneNode node) => node.Parent is not null && node.Find(RecordType.Ns) is not null;
}
