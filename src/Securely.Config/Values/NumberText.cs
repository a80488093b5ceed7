using System.Globalization;

namespace Securely.Config;

/// <summary>Splits texts such as <c>250ms</c> into the digits and what follows.</summary>
internal static class NumberText
{
    /// <summary>Reads the digits at the start; false when there are none or the number is larger than a long.</summary>
    public static bool TryReadStart(string text, out long number, out ReadOnlySpan<char> rest)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        rest = text.AsSpan(digits);
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Whether a number starts the text, however large it is.</summary>
    public static bool StartsWithDigit(string text) => text.Length > 0 && char.IsAsciiDigit(text[0]);
}
