namespace Securely.Validation;

/// <summary>
/// A part of a class of a regular expression: as it stands in brackets for the basic plane, and what it has beyond. The latter is asked for only where a text has
/// letters beyond that plane.
/// </summary>
internal sealed record PatternSet(string Brackets, Func<CodePointSet> Beyond)
{
    private const string WordText = @"\p{L}\p{N}_";
    private static readonly CodePointSet AsciiDigits = CodePointSet.Of(('0', '9'));
    private static readonly CodePointSet AsciiWord = CodePointSet.Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePointSet AsciiSpace = CodePointSet.Of((9, 13), (' ', ' '));
    private static readonly CodePointSet Horizontal = CodePointSet.Parse("9 20 A0 1680 180E 2000-200A 202F 205F 3000".Split(' '));
    private static readonly CodePointSet Vertical = CodePointSet.Parse("A-D 85 2028 2029".Split(' '));
    private static readonly PatternSet Word = new(WordText, () => UnicodeCategories.Of("L", "N"));

    public static PatternSet Of(CodePointSet points) => new(points.ToBrackets(), () => points.Between(char.MaxValue + 1, CodePointSet.Last));

    /// <summary>The letters that <c>\b</c> looks at.</summary>
    public static PatternSet WordLetters(bool isUnicode) => isUnicode ? Word : Of(AsciiWord);

    /// <summary>The set of an escape such as <c>\d</c>; null for every other letter.</summary>
    public static PatternSet? OfEscape(char letter, bool isUnicode) => letter switch
    {
        'w' => WordLetters(isUnicode),
        'W' => Of((isUnicode ? UnicodeCategories.Of("L", "N").With(AsciiWord) : AsciiWord).Inverse()),
        'd' => isUnicode ? Category("Nd", false) : Of(AsciiDigits),
        'D' => isUnicode ? Category("Nd", true) : Of(AsciiDigits.Inverse()),
        's' => Of(isUnicode ? Horizontal.With(Vertical) : AsciiSpace),
        'S' => Of((isUnicode ? Horizontal.With(Vertical) : AsciiSpace).Inverse()),
        'h' => Of(Horizontal),
        'H' => Of(Horizontal.Inverse()),
        'v' => Of(Vertical),
        'V' => Of(Vertical.Inverse()),
        'N' => Of(CodePointSet.Of(('\n', '\n')).Inverse()),
        _ => null,
    };

    /// <summary>The set of <c>\p{name}</c>: a category, a script, or one of PCRE's own; null when it is not known.</summary>
    public static PatternSet? OfProperty(string name, bool isNegated)
    {
        var plain = string.Concat(name.Where(letter => letter is not (' ' or '_' or '-')));
        if (plain.StartsWith("scx:", StringComparison.OrdinalIgnoreCase))
            plain = plain[4..];
        else if (plain.Length is 1 or 2 && UnicodeCategories.Has(plain = char.ToUpperInvariant(plain[0]) + plain[1..].ToLowerInvariant()))
            return Category(plain, isNegated);
        var points = plain.ToUpperInvariant() switch
        {
            "ANY" => CodePointSet.Of((0, CodePointSet.Last)),
            "L&" or "LC" => UnicodeCategories.Of("Lu", "Ll", "Lt"),
            "XAN" => UnicodeCategories.Of("L", "N"),
            "XWD" => UnicodeCategories.Of("L", "N").With(AsciiWord),
            "XSP" or "XPS" => Horizontal.With(Vertical),
            _ => UnicodeScripts.Find(plain),
        };
        return points is null ? null : Of(isNegated ? points.Inverse() : points);
    }

    /// <summary>The set of <c>[:name:]</c>: of ASCII, or by Unicode's properties; null when it is not known.</summary>
    public static PatternSet? OfPosix(string name, bool isUnicode)
    {
        var isNegated = name.StartsWith('^');
        var bare = isNegated ? name[1..] : name;
        var points = (isUnicode ? Unicode(bare) : null) ?? Ascii(bare);
        return points is null ? null : Of(isNegated ? points.Inverse() : points);
    }

    private static PatternSet Category(string name, bool isNegated) => new(
        (isNegated ? @"\P{" : @"\p{") + name + "}",
        () => isNegated ? UnicodeCategories.Of(name).Inverse().Between(char.MaxValue + 1, CodePointSet.Last) : UnicodeCategories.Of(name).Between(char.MaxValue + 1, CodePointSet.Last));

    private static CodePointSet? Unicode(string name) => name switch
    {
        "alpha" => UnicodeCategories.Of("L"),
        "lower" => UnicodeCategories.Of("Ll"),
        "upper" => UnicodeCategories.Of("Lu"),
        "alnum" => UnicodeCategories.Of("L", "N"),
        "word" => UnicodeCategories.Of("L", "N").With(AsciiWord),
        "digit" => UnicodeCategories.Of("Nd"),
        "space" => Horizontal.With(Vertical),
        "blank" => Horizontal,
        "cntrl" => UnicodeCategories.Of("Cc"),
        "punct" => UnicodeCategories.Of("P").With(CodePointSet.Parse("24 2B 3C-3E 5E 60 7C 7E".Split(' '))),
        "graph" => Visible("180E 61C 2066-2069"),
        "print" => Visible("61C 2066-2069").With(UnicodeCategories.Of("Zs")),
        _ => null,
    };

    /// <summary>All that marks the page, apart from some characters that only direct it.</summary>
    private static CodePointSet Visible(string without) =>
        UnicodeCategories.Of("Z", "Cc", "Cn", "Co", "Cs").With(CodePointSet.Parse(without.Split(' '))).Inverse();

    private static CodePointSet? Ascii(string name) => name switch
    {
        "alpha" => CodePointSet.Of(('A', 'Z'), ('a', 'z')),
        "digit" => AsciiDigits,
        "alnum" => CodePointSet.Of(('0', '9'), ('A', 'Z'), ('a', 'z')),
        "upper" => CodePointSet.Of(('A', 'Z')),
        "lower" => CodePointSet.Of(('a', 'z')),
        "space" => AsciiSpace,
        "blank" => CodePointSet.Of((9, 9), (' ', ' ')),
        "punct" => CodePointSet.Of(('!', '/'), (':', '@'), ('[', '`'), ('{', '~')),
        "xdigit" => CodePointSet.Of(('0', '9'), ('A', 'F'), ('a', 'f')),
        "word" => AsciiWord,
        "cntrl" => CodePointSet.Of((0, 0x1F), (0x7F, 0x7F)),
        "print" => CodePointSet.Of((' ', '~')),
        "graph" => CodePointSet.Of(('!', '~')),
        "ascii" => CodePointSet.Of((0, 0x7F)),
        _ => null,
    };
}
