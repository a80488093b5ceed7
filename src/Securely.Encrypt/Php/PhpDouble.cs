using System.Buffers.Text;
using System.Globalization;

namespace Securely.Encrypt;

/// <summary>Numbers of floating point as PHP writes them: the fewest digits that mean the same number (serialize_precision -1).</summary>
internal static class PhpDouble
{
    private const int MostDigits = 17;

    public static string Format(double value)
    {
        if (double.IsNaN(value))
            return "NAN";
        if (double.IsInfinity(value))
            return value > 0 ? "INF" : "-INF";
        var sign = double.IsNegative(value) ? "-" : "";
        return value == 0 ? sign + "0" : sign + FormatDigits(Math.Abs(value));
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        value = text.SequenceEqual("NAN"u8) ? double.NaN
            : text.SequenceEqual("INF"u8) ? double.PositiveInfinity
            : text.SequenceEqual("-INF"u8) ? double.NegativeInfinity
            : 0;
        return value != 0 || (Utf8Parser.TryParse(text, out value, out var read) && read == text.Length && double.IsFinite(value));
    }

    private static string FormatDigits(double value)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var digits = shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).Trim('0');
        var point = ExponentOf(shortest) + 1;
        if (point < -3 || point > MostDigits)
            return WithExponent(digits, point - 1);
        if (point <= 0)
            return "0." + new string('0', -point) + digits;
        return digits.Length <= point ? digits.PadRight(point, '0') : digits[..point] + "." + digits[point..];
    }

    /// <summary>The power of ten of the first digit that is not 0.</summary>
    private static int ExponentOf(string shortest)
    {
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        if (mark >= 0)
            return int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var first = shortest.AsSpan().IndexOfAnyInRange('1', '9');
        var point = shortest.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? dot : shortest.Length;
        return first < point ? point - first - 1 : point - first;
    }

    private static string WithExponent(string digits, int exponent) => string.Create(
        CultureInfo.InvariantCulture, $"{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
}
