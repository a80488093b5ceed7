using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>
/// A regular expression with delimiters and flags (<c>/^[a-z]+$/i</c>) as one of .NET. Where it can be, it is matched in time that grows
/// with the length of the text only; otherwise (references, looking around) the timeout bounds it.
/// </summary>
internal sealed class PhpPattern
{
    private readonly string _pattern;
    private readonly RegexOptions _options;
    private Regex? _regex;

    private PhpPattern(string pattern, RegexOptions options)
    {
        _pattern = pattern;
        _options = options;
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
        var options = RegexOptions.CultureInvariant;
        bool isUnicode = false, isWholeEnd = false, isAnchored = false;
        foreach (var flag in trimmed[(end + 1)..])
        {
            switch (flag)
            {
                case 'i': options |= RegexOptions.IgnoreCase; break;
                case 'm': options |= RegexOptions.Multiline; break;
                case 's': options |= RegexOptions.Singleline; break;
                case 'x': options |= RegexOptions.IgnorePatternWhitespace; break;
                case 'n': options |= RegexOptions.ExplicitCapture; break;
                case 'u': isUnicode = true; break;
                case 'D': isWholeEnd = true; break;
                case 'A': isAnchored = true; break;
                case 'S' or 'X' or '\n' or '\r' or ' ': break;
                default: throw new RuleException($"Pattern [{text}] has the flag [{flag}], which is not supported; take it out");
            }
        }

        var translated = PatternTranslator.Translate(trimmed[1..end], options, isUnicode, isWholeEnd);
        return Check(new PhpPattern(isAnchored ? $@"\A(?:{translated})" : translated, options), text);
    }

    public Regex For(TimeSpan timeout)
    {
        var regex = _regex;
        if (regex is null || regex.MatchTimeout != timeout)
            _regex = regex = Build(timeout);
        return regex;
    }

    private static PhpPattern Check(PhpPattern pattern, string text)
    {
        try
        {
            pattern.For(TimeSpan.FromMilliseconds(250));
            return pattern;
        }
        catch (ArgumentException fault)
        {
            throw new RuleException($"Pattern [{text}] cannot be read: {fault.Message}", fault);
        }
    }

    private Regex Build(TimeSpan timeout)
    {
        try
        {
            return new Regex(_pattern, _options | RegexOptions.NonBacktracking, timeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(_pattern, _options, timeout);
        }
    }
}
