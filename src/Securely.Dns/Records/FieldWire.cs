using System.Buffers.Binary;

namespace Securely.Dns.Records;

/// <summary>Record data as bytes: where its fields end, whether they are whole, and how they look to a signature.</summary>
internal static class FieldWire
{
    /// <summary>The most bytes of one record's data.</summary>
    internal const int Maximum = 65535;

    /// <summary>Whether a field is a name.</summary>
    internal static bool IsName(FieldKind kind) => kind is FieldKind.CompressedName or FieldKind.LowerName or FieldKind.Name;

    /// <summary>How many bytes a field takes of data without pointers; -1 when it is malformed.</summary>
    /// <param name="kind">The field.</param>
    /// <param name="rest">The data from the field on.</param>
    internal static int Measure(FieldKind kind, ReadOnlySpan<byte> rest) => kind switch
    {
        FieldKind.CompressedName or FieldKind.LowerName or FieldKind.Name => WireName.Measure(rest) is > 0 and var length ? length : -1,
        FieldKind.Number8 or FieldKind.Algorithm or FieldKind.Scheme => Fixed(rest, 1),
        FieldKind.Number16 or FieldKind.CertificateType or FieldKind.TypeName => Fixed(rest, 2),
        FieldKind.Number32 or FieldKind.Duration or FieldKind.Time or FieldKind.Address4 => Fixed(rest, 4),
        FieldKind.Address6 => Fixed(rest, 16),
        FieldKind.Mac48 => Fixed(rest, 6),
        FieldKind.Mac64 or FieldKind.Groups64 => Fixed(rest, 8),
        FieldKind.Text or FieldKind.Salt => Counted(rest),
        FieldKind.HashedName or FieldKind.Tag => Counted(rest) is > 1 and var length ? length : -1,
        FieldKind.Texts => MeasureTexts(rest),
        FieldKind.TypeBitmap => TypeBitmap.IsValid(rest) ? rest.Length : -1,
        FieldKind.ServiceParameters => ServiceParameters.IsValid(rest) ? rest.Length : -1,
        FieldKind.Location => rest.Length > 0 && rest[0] != 0 ? rest.Length : Fixed(rest, 16),
        FieldKind.AddressRanges => AddressRanges.IsValid(rest) ? rest.Length : -1,
        _ => CompositeField.Measure(kind, rest),
    };

    /// <summary>Whether data without pointers has exactly the fields of its type.</summary>
    internal static bool IsValid(RecordType type, ReadOnlySpan<byte> data)
    {
        var at = 0;
        foreach (var kind in RecordSchema.FieldsOf(type))
        {
            var length = Measure(kind, data[at..]);
            if (length < 0)
                return false;
            at += length;
        }

        return at == data.Length;
    }

    /// <summary>Copies record data out of a message, its names without pointers.</summary>
    /// <param name="type">The record's type.</param>
    /// <param name="message">The whole message.</param>
    /// <param name="start">Where the data begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="target">Takes the data: 65,535 bytes.</param>
    /// <param name="length">How many bytes it has without pointers.</param>
    /// <returns>False when it is malformed.</returns>
    internal static bool TryExpand(RecordType type, ReadOnlySpan<byte> message, int start, int end, Span<byte> target, out int length)
    {
        length = 0;
        Span<byte> name = stackalloc byte[WireName.Maximum];
        foreach (var kind in RecordSchema.FieldsOf(type))
        {
            scoped ReadOnlySpan<byte> field;
            if (IsName(kind))
            {
                if (start >= end || !WireName.TryRead(message, ref start, name, out var size) || start > end)
                    return false;
                field = name[..size];
            }
            else
            {
                var size = Measure(kind, message[start..end]);
                if (size < 0)
                    return false;
                field = message.Slice(start, size);
                start += size;
            }

            if (length + field.Length > target.Length)
                return false;
            field.CopyTo(target[length..]);
            length += field.Length;
        }

        return start == end;
    }

    /// <summary>Brings data into the canonical form: the names of the old types in small letters (RFC 4034, 6.2; RFC 6840, 5.1).</summary>
    internal static void MakeCanonical(RecordType type, Span<byte> data)
    {
        var at = 0;
        foreach (var kind in RecordSchema.FieldsOf(type))
        {
            var length = Measure(kind, data[at..]);
            if (length < 0)
                return;
            if (kind is FieldKind.CompressedName or FieldKind.LowerName)
                WireName.ToLower(data.Slice(at, length), data.Slice(at, length));
            at += length;
        }
    }

    /// <summary>Whether two records of a type say the same: names compare without case.</summary>
    internal static bool AreEqual(RecordType type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (first.Length != second.Length)
            return false;
        if (first.SequenceEqual(second))
            return true;
        byte[] left = first.ToArray(), right = second.ToArray();
        MakeCanonical(type, left);
        MakeCanonical(type, right);
        return left.AsSpan().SequenceEqual(right);
    }

    private static int Fixed(ReadOnlySpan<byte> rest, int length) => rest.Length >= length ? length : -1;

    private static int Counted(ReadOnlySpan<byte> rest) => rest.Length > 0 && rest.Length > rest[0] ? rest[0] + 1 : -1;

    private static int MeasureTexts(ReadOnlySpan<byte> rest)
    {
        var at = 0;
        do
        {
            var length = Counted(rest[at..]);
            if (length < 0)
                return -1;
            at += length;
        }
        while (at < rest.Length);
        return at;
    }
}

/// <summary>The sets of record types in NSEC, NSEC3 and CSYNC (RFC 4034, 4.1.2).</summary>
internal static class TypeBitmap
{
    internal static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        var last = -1;
        for (var at = 0; at < bytes.Length; at += bytes[at + 1] + 2)
        {
            if (at + 2 > bytes.Length || bytes[at] <= last || bytes[at + 1] is 0 or > 32 || at + 2 + bytes[at + 1] > bytes.Length)
                return false;
            last = bytes[at];
        }

        return true;
    }

    /// <summary>The types of a valid set, in order.</summary>
    internal static List<RecordType> Read(ReadOnlySpan<byte> bytes)
    {
        var types = new List<RecordType>();
        for (var at = 0; at < bytes.Length; at += bytes[at + 1] + 2)
        {
            for (var bit = 0; bit < bytes[at + 1] * 8; bit++)
            {
                if ((bytes[at + 2 + (bit / 8)] & (0x80 >> (bit % 8))) != 0)
                    types.Add((RecordType)((bytes[at] << 8) | bit));
            }
        }

        return types;
    }

    /// <summary>The bytes of a set.</summary>
    internal static byte[] Write(IEnumerable<RecordType> types)
    {
        using var bytes = new MemoryStream();
        foreach (var window in types.Distinct().Order().GroupBy(type => (ushort)type >> 8))
        {
            var bits = new byte[32];
            var used = 0;
            foreach (var type in window)
            {
                var low = (ushort)type & 0xFF;
                bits[low / 8] |= (byte)(0x80 >> (low % 8));
                used = (low / 8) + 1;
            }

            bytes.WriteByte((byte)window.Key);
            bytes.WriteByte((byte)used);
            bytes.Write(bits, 0, used);
        }

        return bytes.ToArray();
    }
}

/// <summary>The ranges of APL (RFC 3123).</summary>
internal static class AddressRanges
{
    internal static bool IsValid(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += 4 + (bytes[at + 3] & 0x7F))
        {
            if (at + 4 > bytes.Length || at + 4 + (bytes[at + 3] & 0x7F) > bytes.Length)
                return false;
            var (most, bits) = BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) switch { 1 => (4, 32), 2 => (16, 128), _ => (127, 255) };
            if ((bytes[at + 3] & 0x7F) > most || bytes[at + 2] > bits)
                return false;
        }

        return true;
    }
}
