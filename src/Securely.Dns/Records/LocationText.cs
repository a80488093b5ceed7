using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Securely.Dns.Records;

/// <summary>Positions of LOC records (RFC 1876).</summary>
internal static class LocationText
{
    private const uint Equator = 1u << 31;
    private const decimal AltitudeBase = 100_000m;

    internal static bool TryParse(ReadOnlySpan<string> words, Span<byte> bytes, out int used)
    {
        used = 0;
        bytes.Clear();
        if (!TryReadAngle(words, ref used, 90, "N", "S", out var latitude) || !TryReadAngle(words, ref used, 180, "E", "W", out var longitude))
            return false;
        if (used >= words.Length || !TryReadMetres(words[used++], out var altitude) || altitude < -AltitudeBase || altitude > 42849672.95m)
            return false;
        // The defaults: a size of 1 m, precisions of 10 km and 10 m.
        ReadOnlySpan<byte> defaults = [0x12, 0x16, 0x13];
        for (var i = 0; i < 3; i++)
        {
            bytes[1 + i] = defaults[i];
            if (used >= words.Length)
                continue;
            if (!TryReadMetres(words[used++], out var metres) || metres < 0 || metres > 90_000_000m)
                return false;
            bytes[1 + i] = ToExponent(metres);
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], latitude);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], longitude);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], (uint)((altitude + AltitudeBase) * 100));
        return true;
    }

    /// <summary>Whether the words can say it: version 0, a place on the earth, sizes of two decimal digits.</summary>
    internal static bool Covers(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] != 0)
            return false;
        foreach (var exponent in bytes[1..4])
        {
            if (exponent >> 4 > 9 || (exponent & 15) > 9 || (exponent >> 4 == 0 && exponent != 0))
                return false;
        }

        return Distance(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..])) <= 90 * 3_600_000 && Distance(BinaryPrimitives.ReadUInt32BigEndian(bytes[8..])) <= 180 * 3_600_000;
    }

    internal static void Format(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        AppendAngle(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), 'N', 'S', text);
        AppendAngle(BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]), 'E', 'W', text);
        text.Append(CultureInfo.InvariantCulture, $"{(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]) / 100m) - AltitudeBase:0.00}m");
        foreach (var exponent in bytes[1..4])
        {
            var centimetres = (decimal)(exponent >> 4);
            for (var i = exponent & 15; i > 0; i--)
                centimetres *= 10;
            text.Append(CultureInfo.InvariantCulture, $" {centimetres / 100:0.00}m");
        }
    }

    private static bool TryReadAngle(ReadOnlySpan<string> words, ref int used, int most, string positive, string negative, out uint angle)
    {
        angle = 0;
        Span<decimal> parts = stackalloc decimal[3];
        var count = 0;
        while (used < words.Length && count < 3 && decimal.TryParse(words[used], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part))
        {
            parts[count++] = part;
            used++;
        }

        if (count == 0 || used >= words.Length || parts[0] > most || parts[1] >= 60 || parts[2] >= 60 || parts[0] % 1 != 0 || parts[1] % 1 != 0)
            return false;
        var direction = words[used++];
        var thousandths = (parts[0] * 3_600_000) + (parts[1] * 60_000) + (parts[2] * 1000);
        if (thousandths > most * 3_600_000m || !(direction.Equals(positive, StringComparison.OrdinalIgnoreCase) || direction.Equals(negative, StringComparison.OrdinalIgnoreCase)))
            return false;
        angle = direction.Equals(positive, StringComparison.OrdinalIgnoreCase) ? Equator + (uint)thousandths : Equator - (uint)thousandths;
        return true;
    }

    private static bool TryReadMetres(string word, out decimal metres) =>
        decimal.TryParse(word.AsSpan().TrimEnd("mM"), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out metres);

    private static byte ToExponent(decimal metres)
    {
        var value = (ulong)(metres * 100);
        var exponent = 0;
        for (; value > 9; value /= 10)
            exponent++;
        return (byte)(((int)value << 4) | exponent);
    }

    private static void AppendAngle(uint angle, char positive, char negative, StringBuilder text)
    {
        var thousandths = Distance(angle);
        text.Append(CultureInfo.InvariantCulture, $"{thousandths / 3_600_000} {thousandths / 60_000 % 60} {thousandths % 60_000 / 1000m:0.000} {(angle >= Equator ? positive : negative)} ");
    }

    private static uint Distance(uint angle) => angle >= Equator ? angle - Equator : Equator - angle;
}
