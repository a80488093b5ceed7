using System.Text;

namespace Securely.Validation;

/// <summary>The scripts that patterns and the check for look-alike letters know, by their ranges in the basic plane.</summary>
internal static class UnicodeScripts
{
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["Latin"] = "A-Za-zªºÀ-ÖØ-öø-ʸˠ-ˤᴀ-ᴥᴬ-ᵜᵢ-ᵥᵫ-ᵷᵹ-ᶾḀ-ỿⁱⁿₐ-ₜK-ÅℲⅎⅠ-ↈⱠ-ⱿꜢ-ꞇꞋ-ꟊꟲ-ꟿꬰ-ꭚꭜ-ꭤﬀ-ﬆＡ-Ｚａ-ｚ",
        ["Greek"] = "Ͱ-ͳ͵-ͷͺ-ͽͿ΄ΆΈ-ΡΣ-ϡϰ-Ͽἀ-῾",
        ["Cyrillic"] = "Ѐ-҄҇-ԯᲀ-ᲈᴫᵸⷠ-ⷿꙀ-ꚟ︮︯",
        ["Armenian"] = "Ա-Ֆՙ-֊֍-֏ﬓ-ﬗ",
        ["Hebrew"] = "֑-״יִ-ﭏ",
        ["Arabic"] = "؀-؄؆-؋؍-ؚ؝-؞ؠ-ؿف-ٯٱ-ۜ۞-ۿݐ-ݿࢠ-ࣿﭐ-﷿ﹰ-ﻼ",
        ["Devanagari"] = "ऀ-ॐॕ-ॣ०-ॿ",
        ["Thai"] = "ก-ฺเ-๛",
        ["Georgian"] = "Ⴀ-ჿᲐ-Ჿⴀ-ⴭ",
        ["Hangul"] = "ᄀ-ᇿㄱ-ㆎ가-힣ﾠ-ￜ",
        ["Hiragana"] = "ぁ-ゖゝ-ゟ",
        ["Katakana"] = "ァ-ヺヽ-ヿㇰ-ㇿｦ-ﾝ",
        ["Han"] = "々〇〡-〩㐀-䶿一-鿿豈-龎",
    };

    private static readonly string[] EastAsian = ["Han", "Hiragana", "Katakana", "Hangul"];

    /// <summary>The ranges of a script as they stand in brackets; null when it is not known.</summary>
    public static string? Ranges(string script) => Known.GetValueOrDefault(script);

    /// <summary>Everything but a script.</summary>
    public static string Inverse(string script)
    {
        var result = new StringBuilder();
        var next = 0;
        foreach (var (first, last) in Pairs(Known[script]).Order())
        {
            if (first > next)
                result.Append($"\\u{next:X4}-\\u{first - 1:X4}");
            next = Math.Max(next, last + 1);
        }

        return result.Append($"\\u{next:X4}-\\uFFFF").ToString();
    }

    /// <summary>Whether letters of scripts that are not written together stand in one text, as in a forged name.</summary>
    public static bool IsMixed(string text)
    {
        string? first = null;
        foreach (var letter in text)
        {
            if (ScriptOf(letter) is not { } script || script == first)
                continue;
            if (first is null)
                first = script;
            else if (!(EastAsian.Contains(first) && EastAsian.Contains(script)))
                return true;
        }

        return false;
    }

    private static string? ScriptOf(char letter)
    {
        if (char.IsAscii(letter))
            return char.IsAsciiLetter(letter) ? "Latin" : null;
        foreach (var (script, ranges) in Known)
        {
            if (Pairs(ranges).Any(pair => letter >= pair.First && letter <= pair.Last))
                return script;
        }

        return null;
    }

    private static IEnumerable<(int First, int Last)> Pairs(string ranges)
    {
        for (var i = 0; i < ranges.Length; i++)
        {
            var isRange = i + 2 < ranges.Length && ranges[i + 1] == '-';
            yield return (ranges[i], ranges[isRange ? i + 2 : i]);
            if (isRange)
                i += 2;
        }
    }
}
