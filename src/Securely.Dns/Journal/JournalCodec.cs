using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Securely.Dns;

/// <summary>What an entry of a journal is.</summary>
internal enum JournalKind : byte
{
    /// <summary>A whole zone, with which a journal begins.</summary>
    Zone = 1,

    /// <summary>One <see cref="ZoneChange"/>.</summary>
    Change = 2,

    /// <summary>The moment at which a primary last said that the zone is current.</summary>
    Confirmation = 3,

    /// <summary>A <see cref="ZoneChange"/> that the zone at the beginning has already: for secondaries that are behind.</summary>
    PastChange = 4,
}

/// <summary>
/// Entries of a journal as bytes: the length of what follows the head (4), its CRC-32C with the kind (4), the kind (1), and what the kind has.
/// Records have owner, type (2), TTL (4), length (2) and data; names are whole.
/// </summary>
internal static class JournalCodec
{
    /// <summary>Length, checksum and kind.</summary>
    internal const int HeadLength = 9;

    private const long AfterYear9999 = 253_402_300_800_000;

    /// <summary>What a journal begins with: its name and its version.</summary>
    internal static ReadOnlySpan<byte> Magic => "SECDNSJ1"u8;

    internal static void WriteZone(MemoryStream target, IReadOnlyCollection<ResourceRecord> records)
    {
        var start = Begin(target);
        Write32(target, (uint)records.Count);
        foreach (var record in records)
            Write(target, record);
        End(target, start, JournalKind.Zone);
    }

    internal static void WriteChange(MemoryStream target, ZoneChange change, JournalKind kind = JournalKind.Change)
    {
        var start = Begin(target);
        WriteHalf(target, change.OldSoa, change.Removed);
        WriteHalf(target, change.NewSoa, change.Added);
        End(target, start, kind);
    }

    internal static void WriteConfirmation(MemoryStream target, DateTimeOffset moment)
    {
        var start = Begin(target);
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, moment.ToUnixTimeMilliseconds());
        target.Write(value);
        End(target, start, JournalKind.Confirmation);
    }

    internal static uint Checksum(byte kind, ReadOnlySpan<byte> bytes)
    {
        var crc = BitOperations.Crc32C(uint.MaxValue, kind);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>Reads the records of a whole zone.</summary>
    internal static bool TryReadZone(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out List<ResourceRecord>? records) =>
        TryReadList(ref bytes, out records) && bytes.IsEmpty && records.Count > 0;

    internal static bool TryReadChange(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ZoneChange? change)
    {
        change = null;
        if (!TryReadHalf(ref bytes, out var oldSoa, out var removed) || !TryReadHalf(ref bytes, out var newSoa, out var added) || !bytes.IsEmpty)
            return false;
        change = new ZoneChange(oldSoa, removed, newSoa, added);
        return true;
    }

    internal static bool TryReadConfirmation(ReadOnlySpan<byte> bytes, out DateTimeOffset moment)
    {
        moment = default;
        if (bytes.Length != 8 || BinaryPrimitives.ReadInt64BigEndian(bytes) is not (>= 0 and < AfterYear9999 and var milliseconds))
            return false;
        moment = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    private static int Begin(MemoryStream target)
    {
        var start = (int)target.Position;
        target.Write(stackalloc byte[HeadLength]);
        return start;
    }

    private static void End(MemoryStream target, int start, JournalKind kind)
    {
        var entry = target.GetBuffer().AsSpan(start, (int)target.Position - start);
        BinaryPrimitives.WriteUInt32BigEndian(entry, (uint)(entry.Length - HeadLength));
        BinaryPrimitives.WriteUInt32BigEndian(entry[4..], Checksum((byte)kind, entry[HeadLength..]));
        entry[8] = (byte)kind;
    }

    private static void WriteHalf(MemoryStream target, ResourceRecord soa, IReadOnlyList<ResourceRecord> records)
    {
        Write32(target, (uint)records.Count + 1);
        Write(target, soa);
        foreach (var record in records)
            Write(target, record);
    }

    private static bool TryReadHalf(ref ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ResourceRecord? soa, out List<ResourceRecord> records)
    {
        soa = null;
        if (!TryReadList(ref bytes, out records!) || records.Count == 0 || records[0].Type != RecordType.Soa)
            return false;
        soa = records[0];
        records.RemoveAt(0);
        return true;
    }

    private static void Write(MemoryStream target, ResourceRecord record)
    {
        target.Write(record.Name.Wire);
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)record.Type);
        BinaryPrimitives.WriteUInt32BigEndian(head[2..], record.Ttl);
        BinaryPrimitives.WriteUInt16BigEndian(head[6..], (ushort)record.Data.Length);
        target.Write(head);
        target.Write(record.Data.Span);
    }

    private static bool TryReadList(ref ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out List<ResourceRecord>? records)
    {
        records = null;
        if (bytes.Length < 4)
            return false;
        var count = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        bytes = bytes[4..];
        var list = new List<ResourceRecord>();
        DomainName? name = null;
        for (; count > 0; count--)
        {
            var length = WireName.Measure(bytes);
            if (length == 0 || bytes.Length < length + 8)
                return false;
            // Records of one name follow each other, and share it.
            name = name is not null && name.Wire.SequenceEqual(bytes[..length]) ? name : DomainName.OfValid(bytes[..length]);
            var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(bytes[length..]);
            var ttl = BinaryPrimitives.ReadUInt32BigEndian(bytes[(length + 2)..]);
            var size = BinaryPrimitives.ReadUInt16BigEndian(bytes[(length + 6)..]);
            bytes = bytes[(length + 8)..];
            if (bytes.Length < size || !MayHold(type, bytes[..size]))
                return false;
            list.Add(ResourceRecord.OfValid(name, type, ttl, bytes[..size].ToArray()));
            bytes = bytes[size..];
        }

        records = list;
        return true;
    }

    // What was acknowledged is never refused later: the checksum says that the data is what was written, and it may be from a time when its type was
    // only known as bytes. Only names have to be whole, because they are read where records are made ready for answers.
    private static bool MayHold(RecordType type, ReadOnlySpan<byte> data) =>
        FieldWire.IsValid(type, data) || !Array.Exists(RecordSchema.FieldsOf(type), FieldWire.IsName);

    private static void Write32(MemoryStream target, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        target.Write(bytes);
    }
}
