using System.Text;
using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>
/// Rewrites what PCRE and .NET spell differently: classes and properties, ASCII without the flag <c>u</c>, letters beyond the basic plane with it, possessive quantifiers,
/// quoted parts, groups, references and code points.
/// </summary>
internal sealed partial class PatternTranslator
{
    private readonly string _source;
    private readonly PatternFlags _flags;
    private readonly bool _isWide;
    private readonly bool _hasNames;
    private readonly StringBuilder _result = new();
    private readonly Stack<(int Start, RegexOptions Options, bool IsLazy)> _groups = new();
    private readonly List<string> _captures = [];
    private RegexOptions _options;
    private bool _isLazy;
    private bool _isAfterQuantifier;
    private int _place;
    private int _atom;

    private PatternTranslator(string source, PatternFlags flags, bool isWide)
    {
        _source = source;
        _flags = flags;
        _isWide = isWide;
        _options = flags.Options;
        _isLazy = flags.IsLazy;
        _hasNames = source.Contains("(?<", StringComparison.Ordinal) || source.Contains("(?P<", StringComparison.Ordinal) || source.Contains("(?'", StringComparison.Ordinal);
    }

    /// <summary>Translates a pattern.</summary>
    /// <param name="source">What is between the delimiters.</param>
    /// <param name="flags">The flags behind them.</param>
    /// <param name="isWide">Whether it is for texts with letters beyond the basic plane.</param>
    /// <exception cref="RuleException">It has something that .NET cannot do.</exception>
    public static string Translate(string source, PatternFlags flags, bool isWide) => new PatternTranslator(source, flags, isWide).Run();

    private bool Ignores(RegexOptions option) => (_options & option) != 0;

    private string Run()
    {
        while (_place < _source.Length)
        {
            switch (_source[_place])
            {
                case '\\': Escape(); break;
                case '[': Atom(Class); break;
                case '(': Open(); break;
                case ')': Close(); break;
                case '*' or '+' or '?': Quantifier(_source[_place].ToString()); break;
                case '{' when Repetition() is { } repetition: Quantifier(repetition); break;
                case '$' when _flags.IsWholeEnd && !Ignores(RegexOptions.Multiline): Atom(() => Take(@"\z")); break;
                case '.' when _isWide: Atom(AnyLetter); break;
                case '.' or '^' or '$' or '|': Atom(() => Take(_source[_place].ToString())); break;
                case '#' when Ignores(RegexOptions.IgnorePatternWhitespace): Comment(); break;
                case var blank when Ignores(RegexOptions.IgnorePatternWhitespace) && blank is ' ' or (>= '\t' and <= '\r'): _place++; break;
                default: Literal(); break;
            }
        }

        return _result.ToString();
    }

    private static RuleException Unsupported(string what) => new($"Regular expressions cannot have [{what}] here; write it another way");

    private void Atom(Action write)
    {
        _isAfterQuantifier = false;
        _atom = _result.Length;
        write();
    }

    private void Take(string text, int letters = 1)
    {
        _result.Append(text);
        _place += letters;
    }

    private void Comment()
    {
        while (_place < _source.Length && _source[_place] != '\n')
            _place++;
    }

    private void AnyLetter()
    {
        var letters = NewClass();
        if (!Ignores(RegexOptions.Singleline))
            letters.Add('\n', '\n');
        letters.IsNegated = true;
        Take(letters.Write());
    }

    private PatternClass NewClass() => new(_flags.IsUnicode, Ignores(RegexOptions.IgnoreCase), _isWide);

    /// <summary>The letter of the source at the place, as a whole.</summary>
    private int Next()
    {
        _ = Rune.TryGetRuneAt(_source, _place, out var rune);
        var code = rune == default ? _source[_place] : rune.Value;
        _place += code > char.MaxValue ? 2 : 1;
        return code;
    }

    private void Literal()
    {
        var code = Next();
        Atom(() => Letter(code));
    }

    private void Letter(int code)
    {
        var hasTwoCases = Ignores(RegexOptions.IgnoreCase) && (_flags.IsUnicode ? code > char.MaxValue : code < 0x80 && char.IsAsciiLetter((char)code));
        if (hasTwoCases)
        {
            var letters = NewClass();
            letters.Add(code, code);
            _result.Append(letters.Write());
        }
        else
        {
            _result.Append(code > char.MaxValue ? $"(?:{char.ConvertFromUtf32(code)})" : char.IsAsciiLetterOrDigit((char)code) ? ((char)code).ToString() : $"\\u{code:X4}");
        }
    }

    private string? Repetition()
    {
        var end = _source.IndexOf('}', _place);
        if (end < 0)
            return null;
        var inner = _source.AsSpan(_place + 1, end - _place - 1);
        return inner.Length > 0 && char.IsAsciiDigit(inner[0]) && !inner.ContainsAnyExcept(Letters.Repetition) && inner.Count(',') < 2
            ? _source[_place..(end + 1)]
            : null;
    }

    private void Quantifier(string quantifier)
    {
        if (_isAfterQuantifier)
            _result.Insert(_atom, "(?:").Append(')');
        _isAfterQuantifier = true;
        Take(quantifier, quantifier.Length);
        var behind = _place < _source.Length ? _source[_place] : '\0';
        if (behind == '+')
            _result.Insert(_atom, "(?>").Append(')');
        else if (behind == '?' != _isLazy)
            _result.Append('?');
        if (behind is '+' or '?')
            _place++;
    }
}
