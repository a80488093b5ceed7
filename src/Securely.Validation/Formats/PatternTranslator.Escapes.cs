using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>What begins with a backslash, and classes.</summary>
internal sealed partial class PatternTranslator
{
    private void Escape()
    {
        if (_place + 1 >= _source.Length)
            throw Unsupported("\\");
        var letter = _source[_place + 1];
        switch (letter)
        {
            case 'Q': Quoted(Literal); break;
            case 'E': _place += 2; break;
            case 'R': Atom(() => Take(@"(?:\r\n|[\n\v\f\r\u0085\u2028\u2029])", 2)); break;
            case 'A' or 'Z' or 'z' or 'G': Atom(() => Take("\\" + letter, 2)); break;
            case 'b' or 'B': Atom(() => Boundary(letter)); break;
            case 'g' or 'k': GroupReference(letter); break;
            case >= '1' and <= '9' when Digits() is var digits && (digits < 10 || digits <= _captures.Count):
                _place += 1 + digits.ToString(CultureInfo.InvariantCulture).Length;
                Reference(digits.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                if (SetOrNull(letter) is { } set)
                    Atom(() => Set(set));
                else
                    Character(letter);
                break;
        }
    }

    private void Character(char letter)
    {
        var code = CodeOf(letter, inClass: false);
        Atom(() => Letter(code));
    }

    private int Digits()
    {
        var rest = _source.AsSpan(_place + 1);
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
    }

    private void Set(PatternSet set)
    {
        var letters = NewClass();
        letters.Add(set);
        _result.Append(letters.Write());
    }

    private void Boundary(char letter)
    {
        var word = NewClass();
        word.Add(PatternSet.WordLetters(_flags.IsUnicode));
        var at = word.Write();
        Take(letter == 'b' ? $"(?:(?<={at})(?!{at})|(?<!{at})(?={at}))" : $"(?:(?<={at})(?={at})|(?<!{at})(?!{at}))", 2);
    }

    private void Quoted(Action take)
    {
        _place += 2;
        while (_place < _source.Length && !_source.AsSpan(_place).StartsWith(@"\E"))
            take();
        _place = Math.Min(_source.Length, _place + 2);
    }

    private void GroupReference(char letter)
    {
        var start = _place + 2;
        var opening = start < _source.Length ? _source[start] : '\0';
        if (opening == '{')
        {
            Reference(Until(start + 1, '}'));
        }
        else if (letter == 'k' && opening is '<' or '\'')
        {
            Reference(Until(start + 1, opening == '<' ? '>' : '\''));
        }
        else if (letter == 'g' && (char.IsAsciiDigit(opening) || opening == '-'))
        {
            _place = start + 1;
            while (_place < _source.Length && char.IsAsciiDigit(_source[_place]))
                _place++;
            Reference(_source[start.._place]);
        }
        else
        {
            throw Unsupported("\\" + letter + opening);
        }
    }

    /// <summary>The set of an escape such as <c>\d</c> or <c>\p{L}</c>, behind which it goes on; null for every other one.</summary>
    private PatternSet? SetOrNull(char letter)
    {
        if (letter is 'p' or 'P')
            return Property(letter);
        var set = PatternSet.OfEscape(letter, _flags.IsUnicode);
        _place += set is null ? 0 : 2;
        return set;
    }

    private PatternSet Property(char letter)
    {
        var start = _place + 2;
        if (start >= _source.Length)
            throw Unsupported("\\" + letter);
        string name;
        if (_source[start] == '{')
            name = Until(start + 1, '}').Trim();
        else
            (name, _place) = (_source[start].ToString(), start + 1);
        var isNegated = letter == 'P' ^ name.StartsWith('^');
        return PatternSet.OfProperty(name.TrimStart('^'), isNegated) ?? throw Unsupported($"\\{letter}{{{name}}}");
    }

    /// <summary>The character that an escape stands for; goes on behind it.</summary>
    private int CodeOf(char letter, bool inClass)
    {
        _place += 2;
        switch (letter)
        {
            case 'a': return '\a';
            case 'e': return 0x1B;
            case 'f': return '\f';
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'b' when inClass: return '\b';
            case 'c' when _place < _source.Length && _source[_place] is > ' ' and < '\u007F': return char.ToUpperInvariant(_source[_place++]) ^ 0x40;
            case 'x' when _place < _source.Length && _source[_place] == '{': return Number(Until(_place + 1, '}'), 16);
            case 'x': return Number(Run(2, char.IsAsciiHexDigit), 16);
            case 'o' when _place < _source.Length && _source[_place] == '{': return Number(Until(_place + 1, '}'), 8);
            case >= '0' and <= '7':
                _place--;
                return Number(Run(3, static digit => digit is >= '0' and <= '7'), 8);
            default:
                if (char.IsAsciiLetterOrDigit(letter))
                    throw Unsupported("\\" + letter);
                _place--;
                return Next();
        }
    }

    private string Run(int most, Func<char, bool> isWanted)
    {
        var start = _place;
        while (_place < _source.Length && _place - start < most && isWanted(_source[_place]))
            _place++;
        return _source[start.._place];
    }

    private int Number(string digits, int radix)
    {
        long code = 0;
        foreach (var digit in digits.Trim())
            code = char.IsAsciiHexDigit(digit) && Convert.ToInt32(digit.ToString(), 16) is var value && value < radix && code < CodePointSet.Last ? (code * radix) + value : long.MaxValue / 32;
        return code <= CodePointSet.Last && Rune.IsValid((int)code) && (_flags.IsUnicode || code <= char.MaxValue) ? (int)code : throw Unsupported(@"\x{" + digits + "}");
    }

    private void Class()
    {
        var letters = NewClass();
        var isFirst = true;
        _place++;
        if (_place < _source.Length && _source[_place] == '^')
        {
            letters.IsNegated = true;
            _place++;
        }

        for (; _place < _source.Length && (isFirst || _source[_place] != ']'); isFirst = false)
        {
            if (PosixOrNull() is { } named)
                letters.Add(named);
            else if (_source.AsSpan(_place).StartsWith(@"\Q"))
                Quoted(() => letters.Add(_source[_place], Next()));
            else if (_source.AsSpan(_place).StartsWith(@"\E"))
                _place += 2;
            else if (_source[_place] == '\\' && _place + 1 < _source.Length && SetOrNull(_source[_place + 1]) is { } set)
                letters.Add(set);
            else
                Range(letters);
        }

        if (_place >= _source.Length)
            throw Unsupported("[");
        _place++;
        _result.Append(letters.Write());
    }

    /// <summary>A letter, or two with a hyphen between them. A hyphen before the end or before a set is one itself.</summary>
    private void Range(PatternClass letters)
    {
        var first = ClassLetter();
        var rest = _source.AsSpan(_place);
        if (rest.Length < 2 || rest[0] != '-' || rest[1] == ']' || (rest.Length > 2 && rest[1] == '\\' && "dDwWsShHvVpPN".Contains(rest[2], StringComparison.Ordinal)))
        {
            letters.Add(first, first);
            return;
        }

        _place++;
        var last = ClassLetter();
        letters.Add(first, last >= first ? last : throw Unsupported($"[{char.ConvertFromUtf32(first)}-{char.ConvertFromUtf32(last)}]"));
    }

    private int ClassLetter() => _source[_place] == '\\' && _place + 1 < _source.Length ? CodeOf(_source[_place + 1], inClass: true) : Next();

    private PatternSet? PosixOrNull()
    {
        if (!_source.AsSpan(_place).StartsWith("[:") || _source.IndexOf(":]", _place, StringComparison.Ordinal) is var end && end < 0)
            return null;
        var name = _source[(_place + 2)..end];
        if (name.AsSpan().ContainsAnyExceptInRange('^', 'z'))
            return null;
        _place = end + 2;
        return PatternSet.OfPosix(name, _flags.IsUnicode) ?? throw Unsupported($"[:{name}:]");
    }
}
