using System.Globalization;

namespace Securely.Validation;

/// <summary>How large a value is: a number itself where that is asked for, entries, kibibytes, or characters (code points).</summary>
internal static class FieldSize
{
    private const double Kibibyte = 1024;

    public static bool TryMeasure(FieldValue value, bool isNumeric, out DecimalNumber size)
    {
        if (isNumeric && PhpNumber.IsNumeric(value))
            return DecimalNumber.TryParse(PhpText.Of(value), out size);
        if (value.AsUpload is { } upload)
            return DecimalNumber.TryParse(Kibibytes(upload), out size);
        size = DecimalNumber.Of(value.IsArray ? value.Count : Characters(PhpText.Of(value)));
        return true;
    }

    /// <summary>The size of a value that was compared with, for a message.</summary>
    public static string Describe(FieldValue value) => value.AsUpload is { } upload
        ? Kibibytes(upload)
        : (value.IsArray ? value.Count : Characters(PhpText.Of(value))).ToString(CultureInfo.InvariantCulture);

    private static string Kibibytes(Upload upload) => (upload.Length / Kibibyte).ToString("0.##############", CultureInfo.InvariantCulture);

    private static int Characters(string text)
    {
        var count = text.Length;
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i + 1 < text.Length; i++)
        {
            if (char.IsSurrogatePair(text[i], text[i + 1]))
                count--;
        }

        return count;
    }
}
