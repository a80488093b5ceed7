using System.Collections.Frozen;
using System.Text;

namespace Securely.Validation;

/// <summary>
/// The scripts of Unicode by their extensions (UAX #24): a letter that several scripts use is in each of them. <c>Data/scripts.txt</c> has them as
/// numbers, because the normalisation of a source text would change letters.
/// </summary>
internal static class UnicodeScripts
{
    private static readonly Lazy<FrozenDictionary<string, CodePointSet>> All = new(Read);

    /// <summary>Scripts that are written with others: a letter of the first may stand wherever the second may (UTS #39, augmented script sets).</summary>
    private static readonly (string Script, string System)[] Systems =
    [
        ("Han", "Chinese"), ("Bopomofo", "Chinese"),
        ("Han", "Japanese"), ("Hiragana", "Japanese"), ("Katakana", "Japanese"),
        ("Han", "Korean"), ("Hangul", "Korean"),
    ];

    private static readonly string[] SystemNames = [.. Systems.Select(system => system.System).Distinct()];

    /// <summary>The letters of a script; null when it is not known. Case, blanks, hyphens and underscores of the name do not matter.</summary>
    public static CodePointSet? Find(string name) => All.Value.GetValueOrDefault(Plain(name));

    /// <summary>
    /// Whether letters of scripts that are not written together stand in one text, as in a forged name: more than "highly restrictive" of UTS #39 allows, which
    /// is one script, or Latin with one of the writing systems of East Asia.
    /// </summary>
    public static bool IsMixed(string text)
    {
        HashSet<string>? any = null;
        HashSet<string>? notLatin = null;
        var seen = new HashSet<int>();
        foreach (var rune in text.EnumerateRunes())
        {
            var letter = !rune.IsAscii ? rune.Value : Rune.IsLetter(rune) ? 'a' : ' ';
            if (letter == ' ' || !seen.Add(letter))
                continue;
            var scripts = ScriptsOf(letter);
            if (scripts.Contains("common") || scripts.Contains("inherited"))
                continue;
            Keep(ref any, scripts);
            if (!scripts.Contains("latin"))
                Keep(ref notLatin, scripts);
        }

        return any is { Count: 0 } && !SystemNames.Any(system => notLatin!.Contains(system));
    }

    private static void Keep(ref HashSet<string>? kept, HashSet<string> scripts)
    {
        if (kept is null)
            kept = [.. scripts];
        else
            kept.IntersectWith(scripts);
    }

    private static HashSet<string> ScriptsOf(int code)
    {
        var scripts = All.Value.Where(script => script.Value.Contains(code)).Select(script => script.Key).ToHashSet(StringComparer.Ordinal);
        if (scripts.Count == 0)
            scripts.Add("unknown");
        foreach (var (script, system) in Systems)
        {
            if (scripts.Contains(Plain(script)))
                scripts.Add(system);
        }

        return scripts;
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static FrozenDictionary<string, CodePointSet> Read()
    {
        using var reader = new StreamReader(typeof(UnicodeScripts).Assembly.GetManifestResourceStream("scripts.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToFrozenDictionary(words => Plain(words[0]), words => CodePointSet.Parse(words[1..]), StringComparer.Ordinal);
    }
}
