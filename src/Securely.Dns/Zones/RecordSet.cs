using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>
/// All records of one owner and type, made ready to be copied into answers: their owner is a pointer to the question's name, and names of the zone
/// in their data end in a pointer to the zone's name, both set right by <see cref="ResponseWriter"/>. Immutable once built.
/// </summary>
internal sealed class RecordSet
{
    /// <summary>What stands before the data of each record: owner, type, class, TTL, length.</summary>
    internal const int HeadLength = 12;

    private RecordSet(RecordType type, uint ttl, int count, byte[] body, byte[]? exact, int[]? relocations, int[]? names)
    {
        Type = type;
        Ttl = ttl;
        Count = count;
        Body = body;
        Exact = exact;
        Relocations = relocations;
        NameOffsets = names;
    }

    internal RecordType Type { get; }

    internal uint Ttl { get; }

    internal int Count { get; }

    /// <summary>The records as they are copied.</summary>
    internal byte[] Body { get; }

    /// <summary>Where <see cref="Body"/> has pointers to set right: a place of a pointer to the zone's name, or the complement of a place of a pointer into the body.</summary>
    internal int[]? Relocations { get; }

    /// <summary>The name in the data whose addresses belong in the additional section, for each record: its place in <see cref="Body"/>.</summary>
    internal int[]? NameOffsets { get; }

    /// <summary>The nodes of those names; null where they are of no help.</summary>
    internal ZoneNode?[]? Targets { get; set; }

    /// <summary>The data of all records with their lengths, names whole and in their case; null when <see cref="Body"/> has them so.</summary>
    internal byte[]? Exact { get; }

    /// <summary>The data of the only record, or of the first one.</summary>
    internal ReadOnlySpan<byte> First => Exact is null
        ? Body.AsSpan(HeadLength, BinaryPrimitives.ReadUInt16BigEndian(Body.AsSpan(HeadLength - 2)))
        : Exact.AsSpan(2, BinaryPrimitives.ReadUInt16BigEndian(Exact));

    /// <summary>The data of all records in canonical order.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> Data()
    {
        var (bytes, head) = Exact is null ? (Body, HeadLength - 2) : (Exact, 0);
        for (var at = head; at < bytes.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
            yield return bytes.AsMemory(at + 2, length);
            at += 2 + length + head;
        }
    }

    /// <summary>The records with their owner.</summary>
    internal IEnumerable<ResourceRecord> Records(DomainName owner)
    {
        foreach (var data in Data())
            yield return ResourceRecord.OfValid(owner, Type, Ttl, data.ToArray());
    }

    /// <summary>The same set with another TTL.</summary>
    internal RecordSet WithTtl(uint ttl)
    {
        var body = (byte[])Body.Clone();
        for (var at = 0; at < body.Length; at += HeadLength + BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(at + 10)))
            BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(at + 6), ttl);
        return new RecordSet(Type, ttl, Count, body, Exact, Relocations, NameOffsets);
    }

    /// <summary>A set whose data has no names, as it stands in a <see cref="RecordRun"/>.</summary>
    internal static RecordSet OfPlain(RecordType type, uint ttl, int count, byte[] body) => new(type, ttl, count, body, null, null, null);

    /// <summary>The same set for another snapshot of its zone: only what links it with other names is its own.</summary>
    internal RecordSet Detach() => NameOffsets is null ? this : new RecordSet(Type, Ttl, Count, Body, Exact, Relocations, NameOffsets);

    /// <summary>Whether another set of the same owner says the same in the same letters, TTL included.</summary>
    internal bool IsSame(RecordSet other) =>
        Type == other.Type && Ttl == other.Ttl && (Exact ?? Body).AsSpan().SequenceEqual(other.Exact ?? other.Body);

    /// <summary>Builds a set of records that are valid, in any order; the TTL of the last one counts.</summary>
    internal static RecordSet Build(RecordType type, IReadOnlyList<ResourceRecord> records, DomainName apex)
    {
        var canonical = new SortedDictionary<byte[], ReadOnlyMemory<byte>>(BytesInOrder);
        foreach (var record in records)
        {
            var key = record.Data.ToArray();
            FieldWire.MakeCanonical(type, key);
            canonical[key] = record.Data;
        }

        return Build(type, records[^1].Ttl, [.. canonical.Values], apex);
    }

    private static readonly Comparer<byte[]> BytesInOrder = Comparer<byte[]>.Create(static (left, right) => left.AsSpan().SequenceCompareTo(right));

    /// <summary>Builds a set.</summary>
    /// <param name="type">The type of all.</param>
    /// <param name="ttl">The TTL of all.</param>
    /// <param name="data">The data of each, different ones in canonical order.</param>
    /// <param name="apex">The zone's name.</param>
    internal static RecordSet Build(RecordType type, uint ttl, IReadOnlyList<ReadOnlyMemory<byte>> data, DomainName apex)
    {
        var fields = RecordSchema.FieldsOf(type);
        if (!Array.Exists(fields, FieldWire.IsName))
            return new RecordSet(type, ttl, data.Count, Plain(type, ttl, data), null, null, null);
        using var writer = new RecordSetWriter(type, ttl, apex);
        var exact = new byte[data.Sum(one => one.Length + 2)];
        var at = 0;
        foreach (var one in data)
        {
            BinaryPrimitives.WriteUInt16BigEndian(exact.AsSpan(at), (ushort)one.Length);
            one.Span.CopyTo(exact.AsSpan(at + 2));
            at += one.Length + 2;
            writer.Add(fields, one.Span);
        }

        return new RecordSet(type, ttl, data.Count, writer.Body, exact, writer.Relocations, writer.Names);
    }

    private static byte[] Plain(RecordType type, uint ttl, IReadOnlyList<ReadOnlyMemory<byte>> data)
    {
        var body = new byte[data.Sum(one => one.Length + HeadLength)];
        var at = 0;
        foreach (var one in data)
        {
            WriteHead(body.AsSpan(at), type, ttl, one.Length);
            one.Span.CopyTo(body.AsSpan(at + HeadLength));
            at += HeadLength + one.Length;
        }

        return body;
    }

    internal static void WriteHead(Span<byte> target, RecordType type, uint ttl, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, ResponseWriter.Pointer | ResponseWriter.QuestionOffset);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], (ushort)RecordClass.In);
        BinaryPrimitives.WriteUInt32BigEndian(target[6..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(target[10..], (ushort)length);
    }
}

/// <summary>Writes the body of a set whose data has names.</summary>
internal sealed class RecordSetWriter(RecordType type, uint ttl, DomainName apex) : IDisposable
{
    // Names of other zones that later ones may point to: a bound on the work for a set of many.
    private const int MostSuffixes = 32;

    private readonly MemoryStream _body = new();
    private readonly List<int> _relocations = [];
    private readonly List<int> _names = [];
    private readonly List<(int Offset, byte[] Name)> _suffixes = [];

    internal byte[] Body => _body.ToArray();

    public void Dispose() => _body.Dispose();

    internal int[]? Relocations => _relocations.Count == 0 ? null : [.. _relocations];

    internal int[]? Names => _names.Count == 0 ? null : [.. _names];

    internal void Add(FieldKind[] fields, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[RecordSet.HeadLength];
        var start = (int)_body.Position;
        RecordSet.WriteHead(head, type, ttl, 0);
        _body.Write(head);
        foreach (var kind in fields)
        {
            var length = FieldWire.Measure(kind, data);
            if (FieldWire.IsName(kind) && type is RecordType.Ns or RecordType.Mx or RecordType.Srv or RecordType.Svcb or RecordType.Https)
                _names.Add((int)_body.Position);
            if (kind == FieldKind.CompressedName)
                AddName(data[..length]);
            else
                _body.Write(data[..length]);
            data = data[length..];
        }

        var end = _body.Position;
        _body.Position = start + RecordSet.HeadLength - 2;
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)(end - start - RecordSet.HeadLength));
        _body.Write(head[..2]);
        _body.Position = end;
    }

    private void AddName(ReadOnlySpan<byte> name)
    {
        var isWithin = !apex.IsRoot && WireName.IsWithin(name, apex.Lower);
        while (name.Length > 1)
        {
            if (isWithin && name.Length == apex.Wire.Length)
            {
                _relocations.Add((int)_body.Position);
                _body.Write([ResponseWriter.Pointer >> 8, 0]);
                return;
            }

            if (!isWithin && Find(name) is { } offset)
            {
                _relocations.Add(~(int)_body.Position);
                _body.Write([(byte)(offset >> 8), (byte)offset]);
                return;
            }

            if (!isWithin && _suffixes.Count < MostSuffixes && _body.Position < 0x2000)
                _suffixes.Add(((int)_body.Position, name.ToArray()));
            _body.Write(name[..(name[0] + 1)]);
            name = name[(name[0] + 1)..];
        }

        _body.WriteByte(0);
    }

    private int? Find(ReadOnlySpan<byte> name)
    {
        foreach (var (offset, suffix) in _suffixes)
        {
            if (WireName.AreEqual(suffix, name))
                return offset;
        }

        return null;
    }
}
