using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Securely.Dns;

/// <summary>
/// A zone as it is at one moment: every name with its records made ready for answers. It never changes, so any number of threads may read it; a
/// change makes another one and swaps it in the <see cref="Catalog"/>.
/// </summary>
public sealed class Zone
{
    private readonly NodeTable _nodes;

    internal Zone(DomainName apex, NodeTable nodes, ZoneNode apexNode, RecordSet soa, int recordCount)
    {
        Apex = apex;
        _nodes = nodes;
        ApexNode = apexNode;
        Soa = soa;
        RecordCount = recordCount;
        ApexLabels = apex.LabelCount;
        var fixedPart = soa.First[^20..];
        Serial = BinaryPrimitives.ReadUInt32BigEndian(fixedPart);
        // RFC 2308, 3: how long a name may be remembered as missing is in two places, and the lesser counts.
        NegativeSoa = soa.WithTtl(Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(fixedPart[16..])));
    }

    /// <summary>The zone's name.</summary>
    public DomainName Apex { get; }

    /// <summary>The serial number of its SOA.</summary>
    public uint Serial { get; }

    /// <summary>How many records it has.</summary>
    public int RecordCount { get; }

    /// <summary>How many names it has, with those that exist only because of names below them.</summary>
    public int NameCount => _nodes.Count;

    /// <summary>What led here, the oldest change first; for transfers of changes.</summary>
    internal ZoneChange[] History { get; private init; } = [];

    /// <summary>Whether it must not be answered from: a copy that no primary has confirmed in time, or that has never been got.</summary>
    internal bool IsExpired { get; private init; }

    internal IEnumerable<ZoneNode> Nodes => _nodes.Nodes;

    internal int ApexLabels { get; }

    internal ZoneNode ApexNode { get; }

    internal RecordSet Soa { get; }

    /// <summary>The SOA as negative answers have it.</summary>
    internal RecordSet NegativeSoa { get; }

    /// <summary>Builds the zone of a file. What is wrong is added to the file's problems.</summary>
    /// <param name="file">A file that was read.</param>
    /// <param name="zone">The zone.</param>
    /// <returns>False when the file has errors.</returns>
    public static bool TryBuild(ZoneFile file, [NotNullWhen(true)] out Zone? zone)
    {
        ArgumentNullException.ThrowIfNull(file);
        zone = new ZoneBuilder(file, isFile: true).Build();
        return zone is not null;
    }

    /// <summary>Builds a zone from records.</summary>
    /// <param name="apex">The zone's name.</param>
    /// <param name="records">Its records in any order.</param>
    /// <returns>The zone.</returns>
    /// <exception cref="FormatException">They are no zone; the message names the first error.</exception>
    public static Zone Build(DomainName apex, IEnumerable<ResourceRecord> records)
    {
        ArgumentNullException.ThrowIfNull(apex);
        ArgumentNullException.ThrowIfNull(records);
        var file = new ZoneFile(apex, apex.ToString());
        var index = file.AddFile(file.Name);
        foreach (var record in records)
            file.Add(record, index, 0);
        return new ZoneBuilder(file, isFile: false).Build()
            ?? throw new FormatException(file.Problems.First(problem => problem.Severity == ZoneProblemSeverity.Error).Message);
    }

    /// <summary>All records: the SOA first, then by name and type in DNSSEC's order.</summary>
    /// <returns>Records made as they are asked for.</returns>
    public IEnumerable<ResourceRecord> Records()
    {
        foreach (var record in Soa.Records(ApexNode.Name))
            yield return record;
        foreach (var node in _nodes.Sorted())
        {
            foreach (var set in node.Sets)
            {
                if (ReferenceEquals(set, Soa))
                    continue;
                foreach (var record in set.Records(node.Name))
                    yield return record;
            }
        }
    }

    /// <summary>What stands for a zone that is answered for, but of which nothing is known yet.</summary>
    internal static Zone Placeholder(DomainName apex) => Build(apex,
    [
        ResourceRecord.Parse(apex, RecordType.Soa, 0, ". . 0 0 0 0 0"),
        ResourceRecord.Parse(apex, RecordType.Ns, 0, "."),
    ]).WithExpiry(true);

    /// <summary>The same zone with another history.</summary>
    internal Zone WithHistory(ZoneChange[] history) => new(Apex, _nodes, ApexNode, Soa, RecordCount) { History = history, IsExpired = IsExpired };

    /// <summary>The same zone, to be answered from or not.</summary>
    internal Zone WithExpiry(bool isExpired) => new(Apex, _nodes, ApexNode, Soa, RecordCount) { History = History, IsExpired = isExpired };

    /// <summary>The names and their records.</summary>
    internal NodeTable Table => _nodes;

    /// <summary>Finds an ancestor of a name, or the name itself, as <see cref="NodeTable.Find(NameKey, int, out ZoneNode?)"/> does.</summary>
    internal int Find(NameKey key, int labelsAway, out ZoneNode? node) => _nodes.Find(key, labelsAway, out node);

    internal ZoneNode? Find(DomainName name) => _nodes.Find(name);
}
