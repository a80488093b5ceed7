using System.Globalization;

namespace Securely.Validation;

/// <summary>What counts as a number: digits with a sign, a point and an exponent, blanks around it allowed.</summary>
internal static class PhpNumber
{
    private const string Blanks = " \t\n\r\v\f";

    public static bool IsNumeric(FieldValue value) =>
        value.Kind is FieldKind.Integer or FieldKind.Float || (value.AsText is { } text && IsNumeric(text));

    public static bool IsNumeric(ReadOnlySpan<char> text) => Scan(text.Trim(Blanks), out _);

    /// <summary>Reads a number: a whole one that fits in 64 bits, else a float.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out FieldValue number)
    {
        number = default;
        text = text.Trim(Blanks);
        if (!Scan(text, out var isWhole))
            return false;
        if (isWhole && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            number = whole;
        else
            number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>The strict integer of filters: no leading zeros, no fraction, within 64 bits, blanks around it allowed.</summary>
    public static bool IsFilterInteger(FieldValue value)
    {
        switch (value.Kind)
        {
            case FieldKind.Integer: return true;
            case FieldKind.Boolean: return value.AsBoolean!.Value;
            case FieldKind.Float or FieldKind.Text: return IsFilterInteger(PhpText.Of(value));
            default: return false;
        }
    }

    private static bool IsFilterInteger(ReadOnlySpan<char> text)
    {
        text = text.Trim(" \t\n\r\v");
        var digits = text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;
        if (digits.IsEmpty || digits.Length > 19 || digits.ContainsAnyExceptInRange('0', '9') || (digits[0] == '0' && digits.Length > 1))
            return false;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
    }

    private static bool Scan(ReadOnlySpan<char> text, out bool isWhole)
    {
        isWhole = true;
        var place = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var digits = Digits(text, ref place);
        if (place < text.Length && text[place] == '.')
        {
            isWhole = false;
            place++;
            digits += Digits(text, ref place);
        }

        if (digits == 0)
            return false;
        if (place < text.Length && text[place] is 'e' or 'E')
        {
            isWhole = false;
            place++;
            if (place < text.Length && text[place] is '+' or '-')
                place++;
            if (Digits(text, ref place) == 0)
                return false;
        }

        return place == text.Length;
    }

    private static int Digits(ReadOnlySpan<char> text, ref int place)
    {
        var start = place;
        while (place < text.Length && char.IsAsciiDigit(text[place]))
            place++;
        return place - start;
    }
}
