using System.Buffers.Binary;

namespace Securely.Dns.Records;

/// <summary>Fields whose parts depend on one another: how many bytes they take, and whether words say all of them.</summary>
internal static class CompositeField
{
    /// <summary>How many bytes the field takes; -1 when it is malformed.</summary>
    internal static int Measure(FieldKind kind, ReadOnlySpan<byte> rest) => kind switch
    {
        FieldKind.Nsap => rest.IsEmpty ? -1 : rest.Length,
        // A protocol has 65,536 ports.
        FieldKind.Services => rest.Length is > 0 and <= 8193 ? rest.Length : -1,
        FieldKind.AddressSuffix => MeasureSuffix(rest),
        FieldKind.Gateway => rest.Length < 2 ? -1 : MeasureHost(rest[0], rest, 2),
        FieldKind.Relay => rest.IsEmpty ? -1 : MeasureHost(rest[0] & 0x7F, rest, 1),
        FieldKind.HostIdentity => IsHostIdentity(rest) ? rest.Length : -1,
        _ => rest.Length,
    };

    /// <summary>Whether words say all that a valid field has.</summary>
    internal static bool Covers(FieldKind kind, ReadOnlySpan<byte> field) => kind switch
    {
        FieldKind.Services => field.Length == 1 || field[^1] != 0,
        FieldKind.OldTypeBitmap => field.IsEmpty || (field.Length <= 16 && field[^1] != 0 && field[0] < 0x80),
        // Bits of the prefix are nobody's to say.
        FieldKind.AddressSuffix => field[0] == 128 || (byte)(field[1] & ~(0xFF >> (field[0] % 8))) == 0,
        FieldKind.Gateway => field[0] <= 3,
        FieldKind.Relay => (field[0] & 0x7F) <= 3,
        _ => true,
    };

    /// <summary>Where the name of an address suffix begins.</summary>
    internal static int SuffixEnd(int prefix) => 1 + 16 - (prefix / 8);

    private static int MeasureSuffix(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest[0] > 128 || SuffixEnd(rest[0]) is var end && rest.Length < end)
            return -1;
        if (rest[0] == 0)
            return end;
        return WireName.Measure(rest[end..]) is > 0 and var length ? end + length : -1;
    }

    // Of a kind that nobody knows the rest is the host.
    private static int MeasureHost(int kind, ReadOnlySpan<byte> rest, int start)
    {
        var length = kind switch
        {
            0 => 0,
            1 => 4,
            2 => 16,
            3 => WireName.Measure(rest[start..]) is > 0 and var name ? name : -1,
            _ => rest.Length - start,
        };
        return length < 0 || start + length > rest.Length ? -1 : start + length;
    }

    private static bool IsHostIdentity(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 4 || rest[0] == 0 || BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) is not (> 0 and var key) || rest.Length < 4 + rest[0] + key)
            return false;
        for (var at = 4 + rest[0] + key; at < rest.Length;)
        {
            var length = WireName.Measure(rest[at..]);
            if (length == 0)
                return false;
            at += length;
        }

        return true;
    }
}
