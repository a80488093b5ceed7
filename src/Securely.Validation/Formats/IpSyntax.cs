namespace Securely.Validation;

/// <summary>IP addresses in their strict textual forms: no leading zeros, no zones, no shortened dotted quads.</summary>
internal static class IpSyntax
{
    private const int Groups = 8;

    public static bool IsVersion4(ReadOnlySpan<char> text)
    {
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part[0] == '0' && part.Length > 1) || int.Parse(part, System.Globalization.CultureInfo.InvariantCulture) > 255)
                return false;
        }

        return parts == 4;
    }

    public static bool IsVersion6(ReadOnlySpan<char> text)
    {
        var gap = text.IndexOf("::");
        if (gap < 0)
            return Count(text, allowsDotted: true) == Groups;
        if (text[(gap + 1)..].IndexOf("::") >= 0)
            return false;
        var before = gap == 0 ? 0 : Count(text[..gap], allowsDotted: false);
        var after = gap + 2 == text.Length ? 0 : Count(text[(gap + 2)..], allowsDotted: true);
        return before >= 0 && after >= 0 && before + after < Groups;
    }

    /// <summary>How many groups of 16 bits there are; a dotted quad at the end is two; -1 when one is malformed.</summary>
    private static int Count(ReadOnlySpan<char> text, bool allowsDotted)
    {
        var count = 0;
        foreach (var range in text.Split(':'))
        {
            var group = text[range];
            if (allowsDotted && range.End.GetOffset(text.Length) == text.Length && group.Contains('.'))
                return IsVersion4(group) ? count + 2 : -1;
            if (group.Length is 0 or > 4 || group.ContainsAnyExcept(Letters.Hex))
                return -1;
            count++;
        }

        return count;
    }
}
