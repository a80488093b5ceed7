using System.Runtime.CompilerServices;

namespace Securely.Dns;

/// <summary>Makes a zone of records: 1. names and their records; 2. sets; 3. the names above; 4. delegations, wildcards and additional data; 5. checks.</summary>
internal sealed class ZoneBuilder
{
    private readonly ZoneFile _file;
    private readonly NodeTable _nodes;
    private readonly ZoneLinker _linker;
    private readonly DomainName _apex;

    // Nodes with records, by the first record of each.
    private readonly List<(int First, ZoneNode Node)> _named = [];
    private readonly int[] _nextRecord;
    private int _count;

    private readonly bool _isFile;

    /// <summary>Begins with records.</summary>
    /// <param name="file">The records.</param>
    /// <param name="isFile">Whether somebody wrote them as a zone file, and wants to know of mistakes that can be served all the same.</param>
    internal ZoneBuilder(ZoneFile file, bool isFile)
    {
        _isFile = isFile;
        _file = file;
        _apex = file.Apex;
        _nodes = new NodeTable(file.Slab.Count, file.Slab.Chunks);
        _linker = new ZoneLinker(_nodes, _apex);
        _nextRecord = GC.AllocateUninitializedArray<int>(file.Places.Length);
    }

    /// <summary>The zone; null when there are errors, which are among the file's problems then.</summary>
    internal Zone? Build()
    {
        Sort();
        var apex = _nodes.Add(_apex);
        // So that problems are told in the order of the file.
        _named.Sort(static (left, right) => left.First - right.First);
        foreach (var (_, node) in _named)
            BuildSets(node);
        _linker.Link();
        CheckApex(apex);
        new ZoneCheck(_file, this, _isFile).Run();
        return !_file.HasErrors && apex.Find(RecordType.Soa) is { } soa ? new Zone(_apex, _nodes, apex, soa, _count) : null;
    }

    /// <summary>The names that are more than runs; of those nothing can be wrong.</summary>
    internal IEnumerable<ZoneNode> Nodes => Enumerable.Range(0, _nodes.NodeCount).Select(_nodes.Node);

    internal ZoneNode? Find(DomainName name) => _nodes.Find(name);

    /// <summary>Reports something about a record of a node.</summary>
    internal void Report(ZoneNode node, RecordType type, ZoneProblemSeverity severity, string message)
    {
        if (node.FirstRecord < 0 && node.Run > 0)
            Chain(node, IndexOf(node.Run), _file.Slab.Run(node.Run).Count);
        for (var at = node.FirstRecord; at >= 0; at = _nextRecord[at])
        {
            if (_file.TypeOf(at) == type)
            {
                Report(at, severity, message);
                return;
            }
        }

        _file.Add(new ZoneProblem(_file.Name, 0, 0, severity, message));
    }

    private void Report(int record, ZoneProblemSeverity severity, string message)
    {
        var (name, line) = _file.PlaceOf(record);
        _file.Add(new ZoneProblem(name, line, 1, severity, message));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sort()
    {
        var places = _file.Places;
        for (var i = 0; i < places.Length;)
        {
            _nodes.Foresee(places, i);
            var run = places[i].Run;
            i += Enter(i, run);
        }
    }

    // Returns how many records it has.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Enter(int first, int reference)
    {
        var run = _file.Slab.Run(reference);
        if (run.IsReady && run.NameLength > _apex.Wire.Length && _linker.TryAddRun(reference))
        {
            _count += run.Count;
            return run.Count;
        }

        var name = DomainName.OfValid(run.Wire);
        if (!name.IsWithin(_apex))
        {
            for (var i = 0; i < run.Count; i++)
                Report(first + i, ZoneProblemSeverity.Warning, $"[{name}] is not in the zone [{_apex}] and is left out");
            return run.Count;
        }

        var known = _nodes.FindRun(name);
        var node = _nodes.Add(name);
        if (known > 0)
        {
            var count = _file.Slab.Run(known).Count;
            _count -= count;
            Take(node, IndexOf(known), count);
        }

        Take(node, first, run.Count);
        return run.Count;
    }

    private void Take(ZoneNode node, int first, int count)
    {
        if (node.FirstRecord < 0)
            _named.Add((first, node));
        Chain(node, first, count);
    }

    // Chains the records of a name, the last one first.
    private void Chain(ZoneNode node, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            _nextRecord[i] = node.FirstRecord;
            node.FirstRecord = i;
        }
    }

    // The first record of a run: references rise from run to run.
    private int IndexOf(int run)
    {
        var places = _file.Places;
        int low = 0, high = places.Length - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (places[middle].Run < run)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void BuildSets(ZoneNode node)
    {
        // Most names of a large zone have one record.
        if (_nextRecord[node.FirstRecord] < 0)
        {
            var only = node.FirstRecord;
            node.Sets = [RecordSet.Build(_file.TypeOf(only), _file.TtlOf(only), [_file.DataOf(only).ToArray()], _apex)];
            _count++;
            return;
        }

        var all = new List<int>();
        for (var at = node.FirstRecord; at >= 0; at = _nextRecord[at])
            all.Add(at);
        all.Reverse();
        node.Sets = [.. all.GroupBy(_file.TypeOf).OrderBy(group => group.Key).Select(group => BuildSet(node, group))];
    }

    private RecordSet BuildSet(ZoneNode node, IGrouping<RecordType, int> group)
    {
        var ttl = _file.TtlOf(group.First());
        var all = new List<(byte[] Data, byte[] Canonical, int At)>();
        foreach (var at in group)
        {
            if (_file.TtlOf(at) != ttl)
                Report(at, ZoneProblemSeverity.Warning, $"The TTL [{_file.TtlOf(at)}] of [{node.Name}] {RecordSchema.NameOf(group.Key)} differs from [{ttl}] of the same set, which is taken");
            var data = _file.DataOf(at).ToArray();
            var canonical = data.AsSpan().ToArray();
            FieldWire.MakeCanonical(group.Key, canonical);
            all.Add((data, canonical, at));
        }

        // Of equal ones the first in the file stays.
        all.Sort(static (left, right) => left.Canonical.AsSpan().SequenceCompareTo(right.Canonical) is not 0 and var order ? order : left.At - right.At);
        var different = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < all.Count; i++)
        {
            if (i == 0 || !all[i].Canonical.AsSpan().SequenceEqual(all[i - 1].Canonical))
                different.Add(all[i].Data);
        }

        _count += different.Count;
        return RecordSet.Build(group.Key, ttl, different, _apex);
    }

    private void CheckApex(ZoneNode apex)
    {
        if (apex.Find(RecordType.Soa) is not { } soa)
            _file.Add(new ZoneProblem(_file.Name, 0, 0, ZoneProblemSeverity.Error, $"The zone [{_apex}] has no SOA record"));
        else if (soa.Count > 1)
            Report(apex, RecordType.Soa, ZoneProblemSeverity.Error, $"The zone [{_apex}] has more than one SOA record");
        if (apex.Find(RecordType.Ns) is null)
            _file.Add(new ZoneProblem(_file.Name, 0, 0, ZoneProblemSeverity.Error, $"The zone [{_apex}] has no NS record"));
    }
}
