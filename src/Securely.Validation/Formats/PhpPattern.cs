using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>
/// A regular expression with delimiters and flags (<c>/^[a-z]+$/i</c>) as one of .NET. Where it can be, it is matched in time that grows
/// with the length of the text only; otherwise (references, looking around) the timeout bounds it.
/// </summary>
internal sealed class PhpPattern
{
    // Matching in linear time has to be prepared, which for the hundreds of ranges of a property beyond the basic plane takes seconds.
    private const int MostInLinearTime = 2000;

    private readonly string _source;
    private readonly PatternFlags _flags;

    // Made by whoever needs them first; made twice they are the same.
    private Regex? _regex;
    private Regex? _wide;

    private PhpPattern(string source, PatternFlags flags)
    {
        _source = source;
        _flags = flags;
    }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="RuleException">It has no end, an unknown flag, or something that .NET does not know.</exception>
    public static PhpPattern Parse(string text)
    {
        var trimmed = text.TrimStart();
        if (trimmed.Length == 0 || char.IsAsciiLetterOrDigit(trimmed[0]) || trimmed[0] == '\\')
            throw new RuleException($"Pattern [{text}] needs delimiters around it, as in [/^[a-z]+$/]");
        var close = trimmed[0] switch { '(' => ')', '[' => ']', '{' => '}', '<' => '>', var same => same };
        var end = trimmed.LastIndexOf(close);
        if (end <= 0)
            throw new RuleException($"Pattern [{text}] has no [{close}] at its end; a pattern with a bar in it needs the list form of rules");
        if (!PatternFlags.TryParse(trimmed.AsSpan(end + 1), out var flags, out var unknown))
            throw new RuleException($"Pattern [{text}] has the flag [{unknown}], which is not supported; take it out");
        return Check(new PhpPattern(trimmed[1..end], flags), text);
    }

    /// <summary>Whether a text matches.</summary>
    /// <exception cref="RegexMatchTimeoutException">It took longer than the timeout.</exception>
    public bool IsMatch(string text, TimeSpan timeout) => (_flags.IsUnicode && text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')
        ? For(timeout, isWide: true, ref _wide)
        : For(timeout, isWide: false, ref _regex)).IsMatch(text);

    private Regex For(TimeSpan timeout, bool isWide, ref Regex? made)
    {
        var regex = made;
        if (regex is null || regex.MatchTimeout != timeout)
            made = regex = Build(timeout, isWide);
        return regex;
    }

    private static PhpPattern Check(PhpPattern pattern, string text)
    {
        try
        {
            pattern.For(TimeSpan.FromMilliseconds(250), isWide: false, ref pattern._regex);
            return pattern;
        }
        catch (ArgumentException fault)
        {
            throw new RuleException($"Pattern [{text}] cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>White space and groups without names are the translator's; so is case without Unicode, where only the letters of ASCII have two.</summary>
    private Regex Build(TimeSpan timeout, bool isWide)
    {
        var translated = PatternTranslator.Translate(_source, _flags, isWide);
        var pattern = _flags.IsAnchored ? $@"\A(?:{translated})" : translated;
        var options = RegexOptions.CultureInvariant | (_flags.Options & (RegexOptions.Multiline | RegexOptions.Singleline | (_flags.IsUnicode ? RegexOptions.IgnoreCase : 0)));
        try
        {
            if (isWide && pattern.Length > MostInLinearTime)
                return new Regex(pattern, options, timeout);
            return new Regex(pattern, options | RegexOptions.NonBacktracking, timeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options, timeout);
        }
    }
}
