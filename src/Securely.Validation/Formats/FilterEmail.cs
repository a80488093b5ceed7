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
        for (var rest = local.AsSpan(); ;)
        {
            var length = rest.StartsWith('"') ? QuotedLength(rest) : rest.IndexOf('.') is var dot and >= 0 ? dot : rest.Length;
            if (length <= 0 || (rest[0] == '"' ? !IsQuoted(rest[1..(length - 1)]) : !IsAtoms(rest[..length], allowsUnicode)))
                return false;
            if (length == rest.Length)
                return true;
            if (rest[length] != '.')
                return false;
            rest = rest[(length + 1)..];
        }
    }

    /// <summary>How long the quoted part at the beginning is, its quotes included; 0 where it does not end.</summary>
    private static int QuotedLength(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i + 1;
        }

        return 0;
    }

    private static bool IsAtoms(ReadOnlySpan<char> atom, bool allowsUnicode)
    {
        foreach (var rune in atom.EnumerateRunes())
        {
            if (!IsAtom(rune, allowsUnicode))
                return false;
        }

        return true;
    }

    private static bool IsAtom(Rune rune, bool allowsUnicode) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || AtomSigns.Contains((char)rune.Value, StringComparison.Ordinal)
        : allowsUnicode && Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsQuoted(ReadOnlySpan<char> text)
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
