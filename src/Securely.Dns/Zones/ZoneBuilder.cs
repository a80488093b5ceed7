namespace Securely.Dns;

/// <summary>Makes a zone of records: 1. names and their records; 2. sets; 3. the names above; 4. delegations, wildcards and additional data; 5. checks.</summary>
internal sealed class ZoneBuilder(ZoneFile file)
{
    private readonly NodeTable _nodes = new();
    private readonly DomainName _apex = file.Apex;
    // Those with records, in the order of the file, so that problems are told in it too.
    private readonly List<ZoneNode> _named = [];
    private int[] _nextRecord = [];
    private int _count;

    /// <summary>The zone; null when there are errors, which are among the file's problems then.</summary>
    internal Zone? Build()
    {
        Sort();
        var apex = _nodes.Add(_apex);
        foreach (var node in _named)
            BuildSets(node);
        new ZoneLinker(_nodes, _apex).Link();
        CheckApex(apex);
        new ZoneCheck(file, this).Run();
        return !file.HasErrors && apex.Find(RecordType.Soa) is { } soa ? new Zone(_apex, _nodes, apex, soa, _count) : null;
    }

    internal IEnumerable<ZoneNode> Nodes => _nodes.Nodes;

    internal ZoneNode? Find(DomainName name) => _nodes.Find(name);

    /// <summary>Reports something about a record of a node.</summary>
    internal void Report(ZoneNode node, RecordType type, ZoneProblemSeverity severity, string message)
    {
        for (var at = node.FirstRecord; at >= 0; at = _nextRecord[at])
        {
            if (file.Records[at].Type == type)
            {
                Report(at, severity, message);
                return;
            }
        }

        file.Add(new ZoneProblem(file.Name, 0, 0, severity, message));
    }

    private void Report(int record, ZoneProblemSeverity severity, string message)
    {
        var (name, line) = file.PlaceOf(record);
        file.Add(new ZoneProblem(name, line, 1, severity, message));
    }

    // Chains the records of each name, the last one first.
    private void Sort()
    {
        _nextRecord = new int[file.Records.Count];
        ZoneNode? node = null;
        for (var i = 0; i < file.Records.Count; i++)
        {
            var record = file.Records[i];
            if (node is null || !ReferenceEquals(node.Name, record.Name))
            {
                if (!record.Name.IsWithin(_apex))
                {
                    Report(i, ZoneProblemSeverity.Warning, $"[{record.Name}] is not in the zone [{_apex}] and is left out");
                    node = null;
                    continue;
                }

                node = _nodes.Add(record.Name);
            }

            if (node.FirstRecord < 0)
                _named.Add(node);
            _nextRecord[i] = node.FirstRecord;
            node.FirstRecord = i;
        }
    }

    private void BuildSets(ZoneNode node)
    {
        // Most names of a large zone have one record.
        if (_nextRecord[node.FirstRecord] < 0)
        {
            var only = file.Records[node.FirstRecord];
            node.Sets = [RecordSet.Build(only.Type, only.Ttl, [only.Data], _apex)];
            _count++;
            return;
        }

        var all = new List<int>();
        for (var at = node.FirstRecord; at >= 0; at = _nextRecord[at])
            all.Add(at);
        all.Reverse();
        node.Sets = [.. all.GroupBy(at => file.Records[at].Type).OrderBy(group => group.Key).Select(BuildSet)];
    }

    private RecordSet BuildSet(IGrouping<RecordType, int> group)
    {
        var ttl = file.Records[group.First()].Ttl;
        var different = new List<(ResourceRecord Record, byte[] Canonical)>();
        foreach (var at in group)
        {
            var record = file.Records[at];
            if (record.Ttl != ttl)
                Report(at, ZoneProblemSeverity.Warning, $"The TTL [{record.Ttl}] of [{record.Name}] {RecordSchema.NameOf(record.Type)} differs from [{ttl}] of the same set, which is taken");
            var canonical = record.Data.ToArray();
            FieldWire.MakeCanonical(record.Type, canonical);
            if (!different.Exists(other => other.Canonical.AsSpan().SequenceEqual(canonical)))
                different.Add((record, canonical));
        }

        _count += different.Count;
        different.Sort(static (left, right) => left.Canonical.AsSpan().SequenceCompareTo(right.Canonical));
        return RecordSet.Build(group.Key, ttl, [.. different.Select(one => one.Record.Data)], _apex);
    }

    private void CheckApex(ZoneNode apex)
    {
        if (apex.Find(RecordType.Soa) is not { } soa)
            file.Add(new ZoneProblem(file.Name, 0, 0, ZoneProblemSeverity.Error, $"The zone [{_apex}] has no SOA record"));
        else if (soa.Count > 1)
            Report(apex, RecordType.Soa, ZoneProblemSeverity.Error, $"The zone [{_apex}] has more than one SOA record");
        if (apex.Find(RecordType.Ns) is null)
            file.Add(new ZoneProblem(file.Name, 0, 0, ZoneProblemSeverity.Error, $"The zone [{_apex}] has no NS record"));
    }
}
