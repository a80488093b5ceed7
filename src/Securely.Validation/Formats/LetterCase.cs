using System.Buffers;
using System.Text;

namespace Securely.Validation;

/// <summary>Letters in capitals and small letters by Unicode, with the few that become several letters.</summary>
internal static class LetterCase
{
    private static readonly SearchValues<char> Growing = SearchValues.Create("ıſßŉǰΐΰևẖẗẘẙẚﬀﬁﬂﬃﬄﬅﬆ");

    public static string Lower(string text) => text.Contains('İ', StringComparison.Ordinal)
        ? text.ToLowerInvariant().Replace("İ", "i\u0307", StringComparison.Ordinal)
        : text.ToLowerInvariant();

    public static string Upper(string text)
    {
        if (text.AsSpan().IndexOfAny(Growing) < 0)
            return text.ToUpperInvariant();
        var result = new StringBuilder(text.Length + 4);
        foreach (var letter in text)
            result.Append(Expand(letter) ?? char.ToUpperInvariant(letter).ToString());
        return result.ToString();
    }

    private static string? Expand(char letter) => letter switch
    {
        'ı' => "I",
        'ſ' => "S",
        'ß' => "SS",
        'ŉ' => "\u02BCN",
        'ǰ' => "J\u030C",
        'ΐ' => "\u0399\u0308\u0301",
        'ΰ' => "\u03A5\u0308\u0301",
        'և' => "\u0535\u0552",
        'ẖ' => "H\u0331",
        'ẗ' => "T\u0308",
        'ẘ' => "W\u030A",
        'ẙ' => "Y\u030A",
        'ẚ' => "A\u02BE",
        'ﬀ' => "FF",
        'ﬁ' => "FI",
        'ﬂ' => "FL",
        'ﬃ' => "FFI",
        'ﬄ' => "FFL",
        'ﬅ' or 'ﬆ' => "ST",
        _ => null,
    };
}
