namespace Securely.Dns;

/// <summary>
/// A zone that is being changed: what has been touched lies over the snapshot, which stays as it is. Several changes may follow one another, each
/// with a serial number of its own, before a new snapshot is made of all of them. One thread at a time.
/// </summary>
internal sealed class ZoneEdit
{
    private readonly Zone _zone;

    // Every name that was touched since the snapshot, with all of its sets as they are now.
    private readonly Dictionary<DomainName, Dictionary<RecordType, List<ResourceRecord>>> _now = [];

    // The same names as they were when the change that is going on began.
    private readonly Dictionary<DomainName, Dictionary<RecordType, List<ResourceRecord>>> _before = [];
    private readonly List<ZoneChange> _changes = [];

    internal ZoneEdit(Zone zone)
    {
        _zone = zone;
        Soa = zone.Soa.Records(zone.ApexNode.Name).First();
    }

    /// <summary>The zone's name.</summary>
    internal DomainName Apex => _zone.Apex;

    /// <summary>The SOA record after the last change that was finished.</summary>
    internal ResourceRecord Soa { get; private set; }

    /// <summary>The changes that were finished.</summary>
    internal IReadOnlyList<ZoneChange> Changes => _changes;

    /// <summary>Whether a name has any records.</summary>
    internal bool Exists(DomainName name) => Types(name).Count > 0;

    /// <summary>The types that a name has records of.</summary>
    internal IReadOnlyCollection<RecordType> Types(DomainName name) =>
        _now.TryGetValue(name, out var sets) ? [.. sets.Keys] : _zone.Find(name) is { } node ? [.. node.Sets.Select(set => set.Type)] : [];

    /// <summary>The records of a name and type; empty when there are none.</summary>
    internal IReadOnlyList<ResourceRecord> Get(DomainName name, RecordType type)
    {
        if (_now.TryGetValue(name, out var sets))
            return sets.TryGetValue(type, out var set) ? set : [];
        return _zone.Find(name) is { } node && node.Find(type) is { } prepared ? [.. prepared.Records(node.Name)] : [];
    }

    /// <summary>Adds a record; one that says the same is replaced, and all of the set take its TTL (RFC 2181, 5.2).</summary>
    internal void Add(ResourceRecord record)
    {
        var sets = Touch(record.Name);
        if (!sets.TryGetValue(record.Type, out var set))
            sets.Add(record.Type, set = []);
        set.RemoveAll(record.Equals);
        for (var i = 0; i < set.Count; i++)
        {
            if (set[i].Ttl != record.Ttl)
                set[i] = ResourceRecord.OfValid(set[i].Name, record.Type, record.Ttl, set[i].Data.ToArray());
        }

        set.Add(record);
    }

    /// <summary>Takes away what a condition says of one set.</summary>
    /// <returns>How many records are gone.</returns>
    internal int Remove(DomainName name, RecordType type, Predicate<ResourceRecord> condition)
    {
        if (Get(name, type).Count == 0)
            return 0;
        var sets = Touch(name);
        var removed = sets[type].RemoveAll(condition);
        if (sets[type].Count == 0)
            sets.Remove(type);
        return removed;
    }

    /// <summary>Takes a whole set away.</summary>
    internal int Remove(DomainName name, RecordType type) => Remove(name, type, static _ => true);

    /// <summary>Ends the change that is going on.</summary>
    /// <param name="soaOf">Gives the new SOA record when the change has not brought one; from the old one.</param>
    /// <returns>The change; null when all is as it was.</returns>
    internal ZoneChange? Finish(Func<ResourceRecord, ResourceRecord> soaOf)
    {
        var removed = new List<ResourceRecord>();
        var added = new List<ResourceRecord>();
        foreach (var (name, before) in _before.OrderBy(entry => entry.Key))
            Compare(before, _now[name], removed, added);
        _before.Clear();
        if (removed.Count == 0 && added.Count == 0)
            return null;
        var soa = added.Find(IsOwnSoa);
        if (soa is null)
        {
            soa = soaOf(Soa);
            Remove(Apex, RecordType.Soa);
            Add(soa);
            _before.Clear();
        }

        removed.RemoveAll(IsOwnSoa);
        added.RemoveAll(IsOwnSoa);
        var change = new ZoneChange(Soa, removed, soa, added);
        Soa = soa;
        _changes.Add(change);
        return change;
    }

    /// <summary>Takes back the change that is going on.</summary>
    internal void Undo()
    {
        foreach (var (name, before) in _before)
            _now[name] = before;
        _before.Clear();
    }

    /// <summary>Makes a change that somebody else made: it must begin where this zone is, and take away only what is there.</summary>
    /// <returns>False when it does not fit; nothing has changed then.</returns>
    internal bool TryApply(ZoneChange change)
    {
        if (change.From != SerialNumber.Of(Soa) || !change.NewSoa.Name.Equals(Apex))
            return false;
        foreach (var record in change.Removed)
        {
            if (Remove(record.Name, record.Type, record.Equals) == 0)
            {
                Undo();
                return false;
            }
        }

        foreach (var record in change.Added.Where(record => record.Name.IsWithin(Apex)))
            Add(record);
        Remove(Apex, RecordType.Soa);
        Add(change.NewSoa);
        _before.Clear();
        Soa = change.NewSoa;
        _changes.Add(change);
        return true;
    }

    /// <summary>The snapshot after all changes; its history has them too.</summary>
    internal Zone Build()
    {
        var nodes = new NodeTable(_zone.NameCount + _now.Count, _zone.Table.Chunks);
        var linker = new ZoneLinker(nodes, Apex);
        var touched = _now.Keys.Select(_zone.Table.FindRun).ToHashSet();
        foreach (var run in _zone.Table.Runs())
        {
            if (!touched.Contains(run))
                linker.TryAddRun(run);
        }

        for (var i = 0; i < _zone.Table.NodeCount; i++)
        {
            var node = _zone.Table.Node(i);
            if (node.Sets.Length > 0 && !_now.ContainsKey(node.Name))
                nodes.Add(node.Name).Sets = Array.ConvertAll(node.Sets, static set => set.Detach());
        }

        var count = _zone.RecordCount;
        foreach (var (name, sets) in _now)
        {
            count -= _zone.Find(name)?.Sets.Sum(set => set.Count) ?? 0;
            if (sets.Count == 0)
                continue;
            var node = nodes.Add(name);
            node.Sets = [.. sets.OrderBy(set => set.Key).Select(set => RecordSet.Build(set.Key, set.Value, Apex))];
            count += node.Sets.Sum(set => set.Count);
        }

        var apex = nodes.Add(_zone.ApexNode.Name);
        linker.Link();
        var zone = new Zone(Apex, nodes, apex, apex.Find(RecordType.Soa)!, count);
        return zone.WithHistory(ZoneChange.Extend(_zone.History, _changes, count));
    }

    private Dictionary<RecordType, List<ResourceRecord>> Touch(DomainName name)
    {
        if (!_now.TryGetValue(name, out var sets))
        {
            var node = _zone.Find(name);
            sets = node?.Sets.ToDictionary(set => set.Type, set => set.Records(node.Name).ToList()) ?? [];
            _now.Add(name, sets);
        }

        if (!_before.ContainsKey(name))
            _before.Add(name, sets.ToDictionary(set => set.Key, set => set.Value.ToList()));
        return sets;
    }

    private bool IsOwnSoa(ResourceRecord record) => record.Type == RecordType.Soa && record.Name.Equals(Apex);

    private static void Compare(Dictionary<RecordType, List<ResourceRecord>> before, Dictionary<RecordType, List<ResourceRecord>> now, List<ResourceRecord> removed, List<ResourceRecord> added)
    {
        foreach (var type in before.Keys.Union(now.Keys).Order())
        {
            var old = before.GetValueOrDefault(type, []);
            var current = now.GetValueOrDefault(type, []);
            removed.AddRange(old.Where(record => !current.Exists(other => IsExact(record, other))));
            added.AddRange(current.Where(record => !old.Exists(other => IsExact(record, other))));
        }
    }

    private static bool IsExact(ResourceRecord left, ResourceRecord right) => left.Ttl == right.Ttl && left.Data.Span.SequenceEqual(right.Data.Span);
}
