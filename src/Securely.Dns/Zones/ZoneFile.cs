using System.Buffers.Binary;
using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Securely.Dns;

/// <summary>What a zone file holds: its records in order, and everything that is wrong with it. Immutable once read.</summary>
public sealed class ZoneFile
{
    private readonly RecordSlab _slab = new();
    private readonly List<RecordPlace> _places = [];
    private readonly List<ZoneProblem> _problems = [];
    private readonly List<string> _files = [];
    private readonly List<(long Size, DateTime Written)> _states = [];

    internal ZoneFile(DomainName apex, string name)
    {
        Apex = apex;
        Name = name;
    }

    /// <summary>The name of the zone.</summary>
    public DomainName Apex { get; }

    /// <summary>The file, as it was named.</summary>
    public string Name { get; }

    /// <summary>The records in the order of the file; each is made when it is asked for.</summary>
    public IReadOnlyList<ResourceRecord> Records => new RecordList(this);

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

    /// <summary>The same files as they are at this moment, without their records.</summary>
    internal ZoneFile SeenNow()
    {
        var seen = new ZoneFile(Apex, Name);
        foreach (var file in _files)
            seen.AddFile(file, StateOf(file));
        return seen;
    }

    internal int AddFile(string file, (long Size, DateTime Written) state = default)
    {
        _files.Add(file);
        _states.Add(state);
        return _files.Count - 1;
    }

    /// <summary>Where the records stand.</summary>
    internal RecordSlab Slab => _slab;

    /// <summary>Where each record stands, in the order of the file; the records of a run are beside each other.</summary>
    internal ReadOnlySpan<RecordPlace> Places => CollectionsMarshal.AsSpan(_places);

    /// <summary>Prepares for a text of such a length.</summary>
    internal void Expect(int letters)
    {
        _slab.Expect(letters);
        // A record of a large file is hardly shorter.
        _places.EnsureCapacity(_places.Count + (letters / 24));
    }

    internal void Add(ResourceRecord record, int file, int line) =>
        Add(record.Name.Wire, record.Name.Lower, record.Name.Hash, record.Type, record.Ttl, record.Data.Span, file, line);

    /// <summary>Adds a record.</summary>
    /// <param name="wire">Its owner.</param>
    /// <param name="lower">The owner in small letters.</param>
    /// <param name="hash">The owner's hash.</param>
    /// <param name="type">Its type.</param>
    /// <param name="ttl">Its TTL; what is too much counts as 0.</param>
    /// <param name="data">Its data, which is valid.</param>
    /// <param name="file">Which file it stands in.</param>
    /// <param name="line">The line there.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Add(ReadOnlySpan<byte> wire, ReadOnlySpan<byte> lower, uint hash, RecordType type, uint ttl, ReadOnlySpan<byte> data, int file, int line)
    {
        if (!_slab.Continues(wire, file))
            _slab.Begin(wire, lower, hash, file);
        var run = _slab.Last;
        var at = _slab.Add(type, ttl > int.MaxValue ? 0 : ttl, data);
        if (_slab.Last != run)
            MoveLast(run);
        _places.Add(new RecordPlace(_slab.Last, at, line));
    }

    internal void Add(ZoneProblem problem) => _problems.Add(problem);

    /// <summary>The file and the line of a record.</summary>
    internal (string File, int Line) PlaceOf(int record) => (_files[_slab.Run(_places[record].Run).File], _places[record].Line);

    /// <summary>The type of a record.</summary>
    internal RecordType TypeOf(int record) => (RecordType)BinaryPrimitives.ReadUInt16BigEndian(BytesOf(record)[2..]);

    /// <summary>The TTL of a record.</summary>
    internal uint TtlOf(int record) => BinaryPrimitives.ReadUInt32BigEndian(BytesOf(record)[6..]);

    /// <summary>The data of a record.</summary>
    internal ReadOnlySpan<byte> DataOf(int record)
    {
        var bytes = BytesOf(record);
        return bytes.Slice(RecordSet.HeadLength, BinaryPrimitives.ReadUInt16BigEndian(bytes[10..]));
    }

    /// <summary>The owner of a record.</summary>
    internal DomainName NameOf(int record) => DomainName.OfValid(_slab.Run(_places[record].Run).Wire);

    private ReadOnlySpan<byte> BytesOf(int record) => _slab.Run(_places[record].Run).Body[_places[record].At..];

    private void MoveLast(int from)
    {
        for (var i = _places.Count - 1; i >= 0 && _places[i].Run == from; i--)
            _places[i] = _places[i] with { Run = _slab.Last };
    }

    private sealed class RecordList(ZoneFile file) : IReadOnlyList<ResourceRecord>
    {
        public int Count => file._places.Count;

        public ResourceRecord this[int index] => Make(index, file.NameOf(index));

        public IEnumerator<ResourceRecord> GetEnumerator()
        {
            DomainName? name = null;
            for (var i = 0; i < file._places.Count; i++)
            {
                // The records of a run share their owner.
                if (name is null || file._places[i].Run != file._places[i - 1].Run)
                    name = file.NameOf(i);
                yield return Make(i, name);
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private ResourceRecord Make(int index, DomainName name) => ResourceRecord.OfValid(name, file.TypeOf(index), file.TtlOf(index), file.DataOf(index).ToArray());
    }
}

/// <summary>Where a record of a file stands.</summary>
/// <param name="Run">The run of its owner.</param>
/// <param name="At">Where it begins in the records of the run.</param>
/// <param name="Line">Its line in the file.</param>
internal readonly record struct RecordPlace(int Run, int At, int Line);
