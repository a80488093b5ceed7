namespace Securely.Dns;

/// <summary>What a zone file holds: its records in order, and everything that is wrong with it. Immutable once read.</summary>
public sealed class ZoneFile
{
    private readonly List<ResourceRecord> _records = [];
    private readonly List<ZoneProblem> _problems = [];
    private readonly List<string> _files = [];
    private readonly List<(int File, int Line)> _places = [];

    internal ZoneFile(DomainName apex, string name)
    {
        Apex = apex;
        Name = name;
    }

    /// <summary>The name of the zone.</summary>
    public DomainName Apex { get; }

    /// <summary>The file, as it was named.</summary>
    public string Name { get; }

    /// <summary>The records in the order of the file.</summary>
    public IReadOnlyList<ResourceRecord> Records => _records;

    /// <summary>What is wrong, in the order of the file.</summary>
    public IReadOnlyList<ZoneProblem> Problems => _problems;

    /// <summary>Whether the zone must not be served.</summary>
    public bool HasErrors => _problems.Exists(problem => problem.Severity == ZoneProblemSeverity.Error);

    /// <summary>All files that were read: the zone file and what it includes.</summary>
    public IReadOnlyList<string> Files => _files;

    internal int AddFile(string file)
    {
        _files.Add(file);
        return _files.Count - 1;
    }

    internal void Add(ResourceRecord record, int file, int line)
    {
        _records.Add(record);
        _places.Add((file, line));
    }

    internal void Add(ZoneProblem problem) => _problems.Add(problem);

    /// <summary>Where a record stands.</summary>
    internal (string File, int Line) PlaceOf(int record) => (_files[_places[record].File], _places[record].Line);
}
