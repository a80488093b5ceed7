using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>Absolute URLs with an authority, as people write them: letters of all languages in host, path and query are fine.</summary>
internal static class UrlSyntax
{
    private const string SubDelimiters = "!$&'()*+,;=:@";

    private static readonly Lazy<FrozenSet<string>> Schemes = new(ReadSchemes);

    /// <summary>Whether a text is a URL of a known scheme, or of one of the given ones.</summary>
    public static bool IsValid(string text, IReadOnlyList<string?> schemes)
    {
        var mark = text.IndexOf("://", StringComparison.Ordinal);
        if (mark <= 0 || !IsScheme(text[..mark], schemes))
            return false;
        var rest = text.AsSpan(mark + 3);
        if (rest.EndsWith("\n"))
            rest = rest[..^1];
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        return IsAuthority(authority) && (end < 0 || IsTail(rest[end..]));
    }

    /// <summary>The host of a URL or of anything that begins like one; null when it has none.</summary>
    public static string? HostOf(string text)
    {
        var start = text.IndexOf("//", StringComparison.Ordinal);
        if (start < 0 || (start > 0 && text[start - 1] != ':'))
            return null;
        var rest = text[(start + 2)..];
        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var colon = authority.StartsWith('[') ? authority.IndexOf(':', Math.Max(0, authority.IndexOf(']', StringComparison.Ordinal))) : authority.IndexOf(':', StringComparison.Ordinal);
        var host = colon < 0 ? authority : authority[..colon];
        return host.Length == 0 ? null : host;
    }

    private static bool IsScheme(string scheme, IReadOnlyList<string?> schemes)
    {
        if (schemes.Count == 0)
            return Schemes.Value.Contains(scheme.ToLowerInvariant());
        return schemes.Any(allowed => string.Equals(allowed, scheme, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsAuthority(ReadOnlySpan<char> authority)
    {
        var at = authority.IndexOf('@');
        if (at >= 0 && !IsUser(authority[..at]))
            return false;
        var host = authority[(at + 1)..];
        var bracket = host.StartsWith("[") ? host.IndexOf(']') : -1;
        var colon = bracket >= 0 ? bracket + 1 : host.IndexOf(':');
        if (bracket >= 0 && !IpSyntax.IsVersion6(host[1..bracket]))
            return false;
        if (bracket >= 0 ? colon < host.Length : colon >= 0)
        {
            var port = host[colon..];
            if (port.Length < 2 || port[0] != ':' || port[1..].ContainsAnyExceptInRange('0', '9'))
                return false;
            host = host[..colon];
        }

        return bracket >= 0 || IsHost(host);
    }

    private static bool IsUser(ReadOnlySpan<char> user)
    {
        var colon = user.IndexOf(':');
        return colon < 0
            ? IsMadeOf(user, "_.-") && user.Length > 0
            : colon > 0 && colon + 1 < user.Length && IsMadeOf(user[..colon], "_.-") && IsMadeOf(user[(colon + 1)..], "_.-");
    }

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (host.EndsWith("."))
            host = host[..^1];
        var dot = host.LastIndexOf('.');
        if (dot < 0)
            return host.Length > 0 && !host.ContainsAnyExcept(Letters.HostLabel);
        foreach (var label in host[..dot].Split('.'))
        {
            if (!IsLabel(host[..dot][label], isLast: false))
                return false;
        }

        return IsLabel(host[(dot + 1)..], isLast: true);
    }

    private static bool IsLabel(ReadOnlySpan<char> label, bool isLast)
    {
        if (label.IsEmpty)
            return false;
        if (isLast && label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) && label.Length > 4)
            return !label.ContainsAnyExcept(Letters.Punycode);
        foreach (var rune in label.EnumerateRunes())
        {
            if (!IsLetterOrNumber(rune) && !IsMark(rune) && (isLast || !(IsSymbol(rune) || rune.Value is '-' or '_')))
                return false;
        }

        return true;
    }

    /// <summary>Path, query and fragment.</summary>
    private static bool IsTail(ReadOnlySpan<char> tail)
    {
        var hash = tail.IndexOf('#');
        if (hash >= 0 && !IsMadeOf(tail[(hash + 1)..], SubDelimiters + "-._~/?"))
            return false;
        var front = hash < 0 ? tail : tail[..hash];
        var question = front.IndexOf('?');
        if (question >= 0 && !IsMadeOf(front[(question + 1)..], SubDelimiters + "-._~/?[]"))
            return false;
        return IsMadeOf(question < 0 ? front : front[..question], SubDelimiters + "-._~/");
    }

    private static bool IsMadeOf(ReadOnlySpan<char> text, string others)
    {
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return false;
                i += 3;
                continue;
            }

            if (Rune.DecodeFromUtf16(text[i..], out var rune, out var length) != System.Buffers.OperationStatus.Done)
                return false;
            if (!IsLetterOrNumber(rune) && !(rune.IsAscii && others.Contains((char)rune.Value, StringComparison.Ordinal)))
                return false;
            i += length;
        }

        return true;
    }

    private static bool IsLetterOrNumber(Rune rune) => Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.OtherLetter
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark;

    private static bool IsSymbol(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol
        or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol;

    /// <summary>The names of IANA's registry of URI schemes (RFC 7595), permanent, provisional and historical, as it stood on 2022-11-18.</summary>
    private static FrozenSet<string> ReadSchemes()
    {
        using var reader = new StreamReader(typeof(UrlSyntax).Assembly.GetManifestResourceStream("schemes.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }
}
