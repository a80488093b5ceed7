using System.Buffers.Binary;

namespace Securely.Dns;

/// <summary>Writes messages of records into a buffer, for answers that no set was prepared for: transfers, clients, tests. One thread at a time.</summary>
internal sealed class DnsWriter(byte[] buffer, NameCompressor compressor)
{
    /// <summary>Where the next byte goes.</summary>
    internal int Position { get; private set; }

    /// <summary>What has been written.</summary>
    internal Span<byte> Written => buffer.AsSpan(0, Position);

    /// <summary>Begins another message.</summary>
    internal void Clear()
    {
        Position = 0;
        compressor.Clear();
    }

    internal bool TryWrite(scoped ReadOnlySpan<byte> bytes)
    {
        if (Position + bytes.Length > buffer.Length)
            return false;
        bytes.CopyTo(buffer.AsSpan(Position));
        Position += bytes.Length;
        return true;
    }

    internal bool TryWrite16(ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return TryWrite(bytes);
    }

    internal bool TryWrite32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return TryWrite(bytes);
    }

    internal bool TryWriteName(DomainName name) => TryWriteName(name.Wire, compress: true);

    /// <summary>Writes a record; nothing of it stays when it does not fit.</summary>
    internal bool TryWriteRecord(ResourceRecord record)
    {
        var start = Position;
        if (TryWriteName(record.Name) && TryWrite16((ushort)record.Type) && TryWrite16((ushort)record.Class) && TryWrite32(record.Ttl) && TryWriteData(record.Type, record.Data.Span))
            return true;
        Position = start;
        return false;
    }

    private bool TryWriteData(RecordType type, ReadOnlySpan<byte> data)
    {
        var start = Position;
        if (!TryWrite16(0))
            return false;
        foreach (var kind in RecordSchema.FieldsOf(type))
        {
            if (data.IsEmpty)
                break;
            var length = FieldWire.Measure(kind, data);
            if (length < 0)
                return false;
            if (!(kind == FieldKind.CompressedName ? TryWriteName(data[..length], compress: true) : TryWrite(data[..length])))
                return false;
            data = data[length..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(start), (ushort)(Position - start - 2));
        return true;
    }

    private bool TryWriteName(ReadOnlySpan<byte> name, bool compress)
    {
        if (!compress)
            return TryWrite(name);
        var length = compressor.Write(name, buffer, Position);
        Position += Math.Max(length, 0);
        return length > 0;
    }
}
