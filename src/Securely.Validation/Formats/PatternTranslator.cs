using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>
/// Rewrites what PCRE and .NET spell differently: classes, ASCII without the flag <c>u</c>, possessive quantifiers, quoted parts, named groups and code points.
/// </summary>
internal sealed class PatternTranslator
{
    private const string AsciiWord = "A-Za-z0-9_";
    private const string UnicodeWord = @"\p{L}\p{N}_";
    private readonly string _source;
    private readonly bool _isUnicode;
    private readonly bool _isWholeEnd;
    private readonly bool _isExtended;
    private readonly bool _isSingleLine;
    private readonly StringBuilder _result = new();
    private readonly Stack<int> _groups = new();
    private int _place;
    private int _atom;

    private PatternTranslator(string source, RegexOptions options, bool isUnicode, bool isWholeEnd)
    {
        _source = source;
        _isUnicode = isUnicode;
        _isWholeEnd = isWholeEnd && (options & RegexOptions.Multiline) == 0;
        _isExtended = (options & RegexOptions.IgnorePatternWhitespace) != 0;
        _isSingleLine = (options & RegexOptions.Singleline) != 0;
    }

    public static string Translate(string source, RegexOptions options, bool isUnicode, bool isWholeEnd) =>
        new PatternTranslator(source, options, isUnicode, isWholeEnd).Run();

    private string Run()
    {
        while (_place < _source.Length)
        {
            switch (_source[_place])
            {
                case '\\': Atom(Escape); break;
                case '[': Atom(Class); break;
                case '(': Open(); break;
                case ')': Close(); break;
                case '*' or '+' or '?': Quantifier(_source[_place].ToString()); break;
                case '{' when Repetition() is { } repetition: Quantifier(repetition); break;
                case '{': Atom(() => Take(@"\{")); break;
                case '$' when _isWholeEnd: Atom(() => Take(@"\z")); break;
                case '.' when _isUnicode: Atom(() => Take(_isSingleLine ? @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[\s\S])" : @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\n])")); break;
                case '#' when _isExtended: Comment(); break;
                default: Atom(() => Take(_source[_place].ToString())); break;
            }
        }

        return _result.ToString();
    }

    private static RuleException Unsupported(string what) => new($"Regular expressions cannot have [{what}] here; write it another way");

    private void Atom(Action write)
    {
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
            Take(_source[_place].ToString());
    }

    private void Open()
    {
        _groups.Push(_result.Length);
        var rest = _source.AsSpan(_place);
        if (rest.StartsWith("(*"))
            throw Unsupported("(*");
        if (rest.StartsWith("(?P<"))
            Take("(?<", 4);
        else if (rest.StartsWith("(?P=") && rest.IndexOf(')') is > 0 and var end)
            TakeReference(rest[4..end].ToString(), end + 1);
        else if (rest.StartsWith("(?P>") || rest.StartsWith("(?R") || rest.StartsWith("(?|") || rest.StartsWith("(?&")
            || (rest.Length > 2 && rest.StartsWith("(?") && (char.IsAsciiDigit(rest[2]) || (rest[2] is '+' or '-' && rest.Length > 3 && char.IsAsciiDigit(rest[3])))))
            throw Unsupported(rest[..3].ToString());
        else
            Take(rest.StartsWith("(?") ? "(?" : "(", rest.StartsWith("(?") ? 2 : 1);
    }

    private void TakeReference(string name, int letters)
    {
        _atom = _groups.Pop();
        Take(@"\k<" + name + ">", letters);
    }

    private void Close()
    {
        _atom = _groups.Count > 0 ? _groups.Pop() : _result.Length;
        Take(")");
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
        Take(quantifier, quantifier.Length);
        if (_place < _source.Length && _source[_place] == '+')
        {
            _result.Insert(_atom, "(?>").Append(')');
            _place++;
        }
        else if (_place < _source.Length && _source[_place] == '?')
        {
            Take("?");
        }
    }

    private void Escape()
    {
        var letter = _place + 1 < _source.Length ? _source[_place + 1] : throw Unsupported("\\");
        switch (letter)
        {
            case 'Q': Quoted(); break;
            case 'E': _place += 2; break;
            case 'R': Take(@"(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])", 2); break;
            case 'N': Take(@"[^\n]", 2); break;
            case 'X' or 'K' or 'C': throw Unsupported("\\" + letter);
            case 'g': GroupReference(); break;
            case 'b' or 'B': Boundary(letter, _isUnicode ? UnicodeWord : AsciiWord); break;
            default:
                if (ClassEscape(letter) is { } set)
                    _result.Append('[').Append(set).Append(']');
                else
                    Literal(letter, inClass: false);
                break;
        }
    }

    private void Boundary(char letter, string word) => Take(letter == 'b'
        ? $"(?:(?<=[{word}])(?![{word}])|(?<![{word}])(?=[{word}]))"
        : $"(?:(?<=[{word}])(?=[{word}])|(?<![{word}])(?![{word}]))", 2);

    private void Quoted()
    {
        var end = _source.IndexOf(@"\E", _place, StringComparison.Ordinal);
        var text = _source[(_place + 2)..(end < 0 ? _source.Length : end)];
        _result.Append(Regex.Escape(text));
        _place = end < 0 ? _source.Length : end + 2;
    }

    private void GroupReference()
    {
        var rest = _source[(_place + 2)..];
        var digits = rest.TakeWhile(char.IsAsciiDigit).Count();
        if (digits > 0)
            Take($@"(?:\{rest[..digits]})", digits + 2);
        else if (rest.StartsWith('{') && rest.IndexOf('}', StringComparison.Ordinal) is > 1 and var end)
            Take($@"\k<{rest[1..end]}>", end + 3);
        else
            throw Unsupported(@"\g");
    }

    /// <summary>What stands in brackets for a class such as <c>\d</c>; null for everything else. Goes on after it.</summary>
    private string? ClassEscape(char letter)
    {
        if (letter is 'p' or 'P')
            return Property(letter);
        var set = letter switch
        {
            'd' when !_isUnicode => "0-9",
            'D' when !_isUnicode => @"\u0000-/:-\uFFFF",
            'w' when !_isUnicode => AsciiWord,
            'W' when !_isUnicode => @"\u0000-/:-@\[-^`{-\uFFFF",
            's' when !_isUnicode => @"\t-\r ",
            'S' when !_isUnicode => @"\u0000-\u0008\u000E-\u001F!-\uFFFF",
            'd' or 'D' or 's' or 'S' => "\\" + letter,
            'w' => UnicodeWord,
            'W' => @"\p{M}\p{Z}\p{S}\p{C}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pd}\p{Po}\u203F\u2040\u2054\uFE33\uFE34\uFE4D-\uFE4F\uFF3F",
            'h' => @"\t \u00A0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000",
            'v' => @"\n-\r\u0085\u2028\u2029",
            _ => null,
        };
        _place += set is null ? 0 : 2;
        return set;
    }

    private string Property(char letter)
    {
        var start = _place + 2;
        var end = start < _source.Length && _source[start] == '{' ? _source.IndexOf('}', start) : start;
        if (start >= _source.Length || end < 0)
            throw Unsupported("\\" + letter);
        var name = end == start ? _source[start].ToString() : _source[(start + 1)..end];
        _place = end + 1;
        var isNegated = letter == 'P' ^ name.StartsWith('^');
        name = name.TrimStart('^');
        if (UnicodeScripts.Find(name) is { } script)
            return (isNegated ? script.Inverse() : script).ToBrackets();
        return name switch
        {
            "Any" => @"\s\S",
            "L&" => isNegated ? throw Unsupported(@"\P{L&}") : @"\p{Lu}\p{Ll}\p{Lt}",
            _ => (isNegated ? @"\P{" : @"\p{") + name + "}",
        };
    }

    private void Literal(char letter, bool inClass)
    {
        if (letter == 'x' && _place + 2 < _source.Length && _source[_place + 2] == '{')
        {
            var end = _source.IndexOf('}', _place);
            if (end < 0 || !int.TryParse(_source.AsSpan(_place + 3, end - _place - 3), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code)
                || !Rune.IsValid(code))
                throw Unsupported(@"\x{");
            if (inClass && code > char.MaxValue)
                throw Unsupported($"[\\x{{{code:X}}}]");
            var text = new Rune(code).ToString();
            Take(string.Concat(text.Select(unit => $"\\u{(int)unit:X4}")), end + 1 - _place);
        }
        else
        {
            Take("\\" + letter, 2);
        }
    }

    private void Class()
    {
        Take("[");
        if (_place < _source.Length && _source[_place] == '^')
            Take("^");
        if (_place < _source.Length && _source[_place] == ']')
            Take(@"\]");
        while (_place < _source.Length && _source[_place] != ']')
        {
            if (_source[_place] == '[')
                ClassName();
            else if (_source[_place] == '\\' && _place + 1 < _source.Length)
                ClassEscapeOrLiteral(_source[_place + 1]);
            else
                Take(_source[_place].ToString());
        }

        if (_place >= _source.Length)
            throw Unsupported("[");
        Take("]");
    }

    private void ClassEscapeOrLiteral(char letter)
    {
        if (ClassEscape(letter) is { } set)
            _result.Append(set);
        else
            Literal(letter, inClass: true);
    }

    private void ClassName()
    {
        var end = _source.AsSpan(_place).StartsWith("[:") ? _source.IndexOf(":]", _place, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            Take(@"\[");
            return;
        }

        var name = _source[(_place + 2)..end];
        _result.Append(name switch
        {
            "alpha" => "A-Za-z",
            "digit" => "0-9",
            "alnum" => "A-Za-z0-9",
            "upper" => "A-Z",
            "lower" => "a-z",
            "space" => @"\t-\r ",
            "blank" => @"\t ",
            "punct" => @"!-/:-@\[-`{-~",
            "xdigit" => "0-9A-Fa-f",
            "word" => "A-Za-z0-9_",
            "cntrl" => @"\u0000-\u001F\u007F",
            "print" => " -~",
            "graph" => "!-~",
            _ => throw Unsupported($"[:{name}:]"),
        });
        _place = end + 2;
    }
}
