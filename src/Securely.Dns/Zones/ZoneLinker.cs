using System.Runtime.CompilerServices;

namespace Securely.Dns;

/// <summary>Links the names of a zone that is being built: 1. each with those above it; 2. with what takes it out of the zone; 3. sets with the addresses that help.</summary>
internal sealed class ZoneLinker(NodeTable nodes, DomainName apex)
{
    private readonly NameKey _key = new();
    private readonly byte[] _above = new byte[WireName.Maximum];

    // Runs whose name above is another one than that of the run before.
    private readonly List<int> _below = [];
    private int _aboveLength;
    private ZoneNode? _lastParent;

    /// <summary>Enters a run that is ready.</summary>
    /// <returns>False when it is not in the zone, or its owner has been entered already.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal bool TryAddRun(int run)
    {
        var lower = RecordSlab.Run(nodes.Chunks, run).Lower;
        var above = lower[(lower[0] + 1)..];
        if (above.SequenceEqual(_above.AsSpan(0, _aboveLength)))
            return nodes.TryAddRun(run);
        if (!WireName.IsWithin(lower, apex.Lower) || !nodes.TryAddRun(run))
            return false;
        above.CopyTo(_above);
        _aboveLength = above.Length;
        _below.Add(run);
        return true;
    }

    /// <summary>Links all names; those that exist only because of others are made.</summary>
    internal void Link()
    {
        foreach (var run in _below)
            MakeAbove(RecordSlab.Run(nodes.Chunks, run));
        // What is linked with others becomes a node meanwhile.
        for (var i = 0; i < nodes.NodeCount; i++)
            Connect(nodes.Node(i));
        PromoteCovered();
        for (var i = 0; i < nodes.NodeCount; i++)
            Resolve(nodes.Node(i));
    }

    private void MakeAbove(in RecordRun run)
    {
        _key.TryLoad(run.Lower);
        if (nodes.Find(_key, 1, out _) == 0)
            nodes.Add(DomainName.OfValid(run.Wire[(run.Wire[0] + 1)..]));
    }

    // Nothing is answered from a run but its own records, so those that a delegation or DNAME takes out of the zone are nodes.
    private void PromoteCovered()
    {
        if (!Enumerable.Range(0, nodes.NodeCount).Any(index => IsCover(nodes.Node(index))))
            return;
        foreach (var run in nodes.Runs().ToArray())
        {
            _key.TryLoad(RecordSlab.Run(nodes.Chunks, run).Lower);
            for (var away = 1; away <= _key.Labels - apex.LabelCount; away++)
            {
                if (nodes.Find(_key, away, out var above) == 0 || above is null || !IsCover(above))
                    continue;
                Connect(nodes.Promote(run));
                break;
            }
        }
    }

    private static bool IsCover(ZoneNode node) => IsDelegation(node) || node.Find(RecordType.Dname) is not null;

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
        var targets = new ZoneNode?[set.Count];
        // Several records may have one target, whose addresses help once.
        var told = set.Count > 1 ? new HashSet<ZoneNode>() : null;
        var found = false;
        var index = 0;
        foreach (var data in set.Data())
        {
            if (TargetOf(node, set.Type, data.Span) is { } target && told?.Add(target) != false)
            {
                targets[index] = target;
                found = true;
            }

            index++;
        }

        set.Targets = found ? targets : null;
    }

    // The name whose addresses help whoever has a record; null where nothing is to be said of it.
    private ZoneNode? TargetOf(ZoneNode node, RecordType type, ReadOnlySpan<byte> data)
    {
        var name = TargetName(type, data, node);
        if (name.IsEmpty || nodes.FindNode(DomainName.OfValid(name)) is not { } target)
            return null;
        Connect(target);
        // Addresses below a delegation are another zone's; only its name servers may be told by them (glue).
        if (type != RecordType.Ns && CoverOf(target) is not null)
            return null;
        var isKnown = (target.Find(RecordType.A) ?? target.Find(RecordType.Aaaa)) is not null
            || (type is RecordType.Svcb or RecordType.Https && !ReferenceEquals(target, node) && target.Find(type) is not null);
        return isKnown ? target : null;
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
        if (length > 1 || type is not (RecordType.Svcb or RecordType.Https))
            return name[..length];
        // A service whose target is the root is reached at its owner, or, as an alias, not at all (RFC 9460, 2.5).
        return data[0] == 0 && data[1] == 0 ? [] : node.Name.Wire;
    }

    private static bool IsDelegation(ZoneNode node) => node.Parent is not null && node.Find(RecordType.Ns) is not null;
}
