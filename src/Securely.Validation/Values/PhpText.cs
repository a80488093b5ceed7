using System.Globalization;

namespace Securely.Validation;

/// <summary>How values become text where a rule compares text: true is "1", false and nothing are "", floats have 14 digits.</summary>
internal static class PhpText
{
    private const int Digits = 14;
    private const string Blanks = " \t\n\r\v\0";

    public static string Of(FieldValue value) => value.Kind switch
    {
        FieldKind.Text => value.AsText!,
        FieldKind.Integer => value.AsInteger!.Value.ToString(CultureInfo.InvariantCulture),
        FieldKind.Float => Of(value.AsFloat!.Value),
        FieldKind.Boolean => value.AsBoolean!.Value ? "1" : "",
        FieldKind.Null => "",
        FieldKind.Upload => value.AsUpload!.Name,
        _ => "Array",
    };

    public static string Trim(string text) => text.Trim(Blanks.AsSpan()).Length == text.Length ? text : text.AsSpan().Trim(Blanks).ToString();

    public static bool IsBlank(string text) => text.AsSpan().Trim(Blanks).IsEmpty;

    /// <summary>Fourteen significant digits, exponents as <c>1.0E+25</c>.</summary>
    public static string Of(double value)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? "NAN" : value > 0 ? "INF" : "-INF";
        if (value == 0)
            return double.IsNegative(value) ? "-0" : "0";
        var scientific = value.ToString("E" + (Digits - 1), CultureInfo.InvariantCulture);
        var mark = scientific.IndexOf('E', StringComparison.Ordinal);
        var exponent = int.Parse(scientific.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = value < 0 ? "-" : "";
        var digits = scientific[sign.Length..mark].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
        if (exponent is < -4 or >= Digits)
            return $"{sign}{digits[0]}.{(digits.Length > 1 ? digits[1..] : "0")}E{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}";
        if (exponent < 0)
            return sign + "0." + new string('0', -exponent - 1) + digits;
        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : sign + digits[..(exponent + 1)] + "." + digits[(exponent + 1)..];
    }
}
