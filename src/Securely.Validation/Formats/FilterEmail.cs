using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>The narrow address syntax of PHP's filter: dotted atoms or a plain quoted string, and a host name of two labels or an address literal.</summary>
internal static class FilterEmail
{
    private const int LongestLocal = 64;
    private const int LongestDomain = 255;
    private const int LongestLabel = 63;
    private const string AtomSigns = "!#$%&'*+/=?^_`{|}~-";

    public static bool IsValid(string text, bool allowsUnicode)
    {
        var at = text.LastIndexOf('@');
        if (at <= 0 || at > LongestLocal || text.Length - at - 1 > LongestDomain)
            return false;
        return IsLocal(text[..at], allowsUnicode) && IsDomain(text[(at + 1)..]);
    }

    private static bool IsLocal(string local, bool allowsUnicode)
    {
        if (local.Length > 1 && local[0] == '"' && local[^1] == '"')
            return IsQuoted(local[1..^1]);
        return local.Split('.').All(atom => atom.Length > 0 && atom.EnumerateRunes().All(rune => IsAtom(rune, allowsUnicode)));
    }

    private static bool IsAtom(Rune rune, bool allowsUnicode) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || AtomSigns.Contains((char)rune.Value, StringComparison.Ordinal)
        : allowsUnicode && Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsQuoted(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && ++i < text.Length && text[i] <= '\u007F')
                continue;
            if (i >= text.Length || text[i] is '"' or ' ' or '\0' or '\t' or '\n' or '\r' or '\\' or > '\u007F')
                return false;
        }

        return true;
    }

    private static bool IsDomain(string domain)
    {
        if (domain.Length > 2 && domain[0] == '[' && domain[^1] == ']')
        {
            var literal = domain[1..^1];
            return literal.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? IpSyntax.IsVersion6(literal.AsSpan(5)) : IpSyntax.IsVersion4(literal);
        }

        var labels = domain.Split('.');
        return labels.Length > 1 && char.IsAsciiLetter(labels[^1].FirstOrDefault()) && labels.All(label =>
            label.Length is > 0 and <= LongestLabel && label[0] != '-' && label[^1] != '-'
            && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'));
    }
}
