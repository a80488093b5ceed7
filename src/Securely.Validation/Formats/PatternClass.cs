using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>A class of a regular expression while it is read, and how it is written for .NET, which knows halves of letters beyond the basic plane only.</summary>
internal sealed class PatternClass(bool isUnicode, bool ignoresCase, bool isWide)
{
    private readonly List<PatternSet> _sets = [];
    private readonly List<(int First, int Last)> _literals = [];

    public bool IsNegated { get; set; }

    public void Add(PatternSet set) => _sets.Add(set);

    public void Add(int first, int last) => _literals.Add((first, last));

    /// <summary>The text for .NET, which is one atom.</summary>
    public string Write()
    {
        var literals = Cased();
        var brackets = literals.ToBrackets() + string.Concat(_sets.Select(set => set.Brackets));
        var hasBeyond = literals.Ranges.Any(range => range.Last > char.MaxValue);
        if (!isWide && (isUnicode || !hasBeyond))
            return Folded(Brackets(brackets, IsNegated, halves: true));
        var beyond = _sets.Where(_ => isWide).Aggregate(literals.Between(char.MaxValue + 1, CodePointSet.Last), (all, set) => all.With(set.Beyond()));
        if (IsNegated)
            beyond = beyond.Inverse().Between(char.MaxValue + 1, CodePointSet.Last);
        return $"(?:{Folded(Brackets(brackets, IsNegated, halves: false))}{Pairs(beyond)})";
    }

    /// <summary>Properties have no case in PCRE, whatever the flag says.</summary>
    private string Folded(string brackets) => isUnicode && _literals.Count == 0 ? $"(?-i:{brackets})" : brackets;

    private static string Brackets(string inner, bool isNegated, bool halves)
    {
        if (inner.Length == 0)
            return isNegated ? @"[\s\S]" : @"[^\s\S]";
        return halves ? $"[{(isNegated ? "^" : "")}{inner}]" : isNegated ? $@"[^{inner}\uD800-\uDFFF]" : $@"[{inner}-[\uD800-\uDFFF]]";
    }

    /// <summary>Without Unicode only the letters of ASCII have two cases; beyond the basic plane .NET knows none.</summary>
    private CodePointSet Cased()
    {
        var all = CodePointSet.Of(_literals);
        if (!ignoresCase)
            return all;
        if (!isUnicode)
        {
            return all
                .With(CodePointSet.Of(all.Between('A', 'Z').Ranges.Select(range => (range.First + 32, range.Last + 32))))
                .With(CodePointSet.Of(all.Between('a', 'z').Ranges.Select(range => (range.First - 32, range.Last - 32))));
        }

        var others = new List<(int, int)>();
        foreach (var (first, last) in all.Between(0x10400, 0x1E943).Ranges)
        {
            for (var code = first; code <= last; code++)
            {
                var (lower, upper) = (Rune.ToLowerInvariant(new Rune(code)).Value, Rune.ToUpperInvariant(new Rune(code)).Value);
                if (lower != upper)
                    others.AddRange([(lower, lower), (upper, upper)]);
            }
        }

        return all.With(CodePointSet.Of(others));
    }

    /// <summary>Alternatives of a high half and its low halves; high halves with the same low ones stand together.</summary>
    private static string Pairs(CodePointSet beyond)
    {
        var byLow = new Dictionary<string, List<(int, int)>>(StringComparer.Ordinal);
        for (var i = 0; i < beyond.Ranges.Count; i++)
        {
            var (first, last) = beyond.Ranges[i];
            while (first <= last)
            {
                var end = Math.Min(last, first | 0x3FF);
                var high = High(first);
                var isWhole = (first & 0x3FF) == 0 && last - first >= 0x3FF;
                if (isWhole)
                    end = ((last + 1) & ~0x3FF) - 1;
                Place(byLow, isWhole, high, first, end);
                first = end + 1;
            }
        }

        return Alternatives(byLow);
    }

    private static void Place(Dictionary<string, List<(int, int)>> byLow, bool isWhole, int high, int first, int end)
    {
        var key = isWhole ? "*" : $"#{high}";
        if (!byLow.TryGetValue(key, out var ranges))
            byLow[key] = ranges = [];
        ranges.Add(isWhole ? (high, High(end)) : (0xDC00 + (first & 0x3FF), 0xDC00 + (end & 0x3FF)));
    }

    private static string Alternatives(Dictionary<string, List<(int, int)>> byLow)
    {
        var grouped = new Dictionary<string, List<(int, int)>>(StringComparer.Ordinal);
        foreach (var (key, ranges) in byLow)
        {
            var lows = key == "*" ? @"\uDC00-\uDFFF" : CodePointSet.Of(ranges).ToBrackets();
            if (!grouped.TryGetValue(lows, out var highs))
                grouped[lows] = highs = [];
            if (key == "*")
                highs.AddRange(ranges);
            else
                highs.Add((int.Parse(key.AsSpan(1), CultureInfo.InvariantCulture), int.Parse(key.AsSpan(1), CultureInfo.InvariantCulture)));
        }

        return string.Concat(grouped.Select(entry => $"|[{CodePointSet.Of(entry.Value).ToBrackets()}][{entry.Key}]"));
    }

    private static int High(int code) => 0xD800 + ((code - 0x10000) >> 10);
}
