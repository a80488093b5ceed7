namespace Securely.Dns;

/// <summary>What a zone file holds: its records in order, and everything that is wrong with it. Immutable once read.</summary>
public sealed class ZoneFile
{
    private readonly List<ResourceRecord> _records = [];
    private readonly List<ZoneProblem> _problems = [];
    private readonly List<string> _files = [];
    private readonly List<(long Size, DateTime Written)> _states = [];
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

    /// <summary>Whether one of its files is no longer what was read.</summary>
    internal bool HasChanged
    {
        get
        {
            for (var i = 0; i < _files.Count; i++)
            {
                if (StateOf(_files[i]) != _states[i])
                    return true;
            }

            return false;
        }
    }

    /// <summary>What tells one state of a file from another; look at it before the file is read.</summary>
    internal static (long Size, DateTime Written) StateOf(string path)
    {
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            return file.Exists ? (file.Length, file.LastWriteTimeUtc) : default;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    internal int AddFile(string file, (long Size, DateTime Written) state = default)
    {
        _files.Add(file);
        _states.Add(state);
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
