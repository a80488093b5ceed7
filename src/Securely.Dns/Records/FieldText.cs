using System.Buffers.Binary;

namespace Securely.Dns.Records;

/// <summary>
/// Whether what zone files write for a field says all that its bytes do. Messages may hold more than there are words for: a position of another version,
/// a set of types with bits that mean nothing. Such data is written as bytes (RFC 3597, 5), so that it always reads back as it was.
/// </summary>
internal static class FieldText
{
    /// <summary>Whether all fields of valid data can be written.</summary>
    internal static bool Covers(FieldKind[] fields, ReadOnlySpan<byte> data)
    {
        foreach (var kind in fields)
        {
            var length = FieldWire.Measure(kind, data);
            if (!Covers(kind, data[..length]))
                return false;
            data = data[length..];
        }

        return true;
    }

    private static bool Covers(FieldKind kind, ReadOnlySpan<byte> field) => kind switch
    {
        FieldKind.Hex or FieldKind.Base64 => !field.IsEmpty,
        FieldKind.Tag => IsTag(field[1..]),
        FieldKind.TypeBitmap => CoversTypes(field),
        FieldKind.ServiceParameters => CoversParameters(field),
        FieldKind.Location => LocationText.Covers(field),
        FieldKind.AddressRanges => CoversRanges(field),
        _ => CompositeField.Covers(kind, field),
    };

    private static bool IsTag(ReadOnlySpan<byte> tag)
    {
        foreach (var letter in tag)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter))
                return false;
        }

        return true;
    }

    // A window ends with its last type.
    private static bool CoversTypes(ReadOnlySpan<byte> field)
    {
        for (var at = 0; at < field.Length; at += field[at + 1] + 2)
        {
            if (field[at + 1 + field[at + 1]] == 0)
                return false;
        }

        return true;
    }

    // The last key is reserved and has no name (RFC 9460, 14.3.2).
    private static bool CoversParameters(ReadOnlySpan<byte> field)
    {
        for (var at = 0; at < field.Length; at += 4 + BinaryPrimitives.ReadUInt16BigEndian(field[(at + 2)..]))
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(field[at..]) == ushort.MaxValue)
                return false;
        }

        return true;
    }

    // Two families have words, and trailing zero bytes are left out (RFC 3123, 4).
    private static bool CoversRanges(ReadOnlySpan<byte> field)
    {
        for (var at = 0; at < field.Length;)
        {
            var size = field[at + 3] & 0x7F;
            if (BinaryPrimitives.ReadUInt16BigEndian(field[at..]) is not (1 or 2) || (size > 0 && field[at + 3 + size] == 0))
                return false;
            at += 4 + size;
        }

        return true;
    }
}
