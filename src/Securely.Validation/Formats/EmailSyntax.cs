using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>
/// Mail addresses by RFC 5322 and 6531, with comments, quotes and address literals. Strict also refuses what is allowed but suspect: quotes,
/// comments, blanks, a domain of one label, and parts longer than RFC 5321 allows.
/// </summary>
internal ref struct EmailSyntax
{
    private const int LongestLocal = 64;
    private const int LongestAddress = 254;
    private const int LongestDomain = 253;
    private const int LongestLabel = 63;

    /// <summary>ASCII signs that RFC 5322 allows in an atom beside letters and digits, or that have a meaning of their own.</summary>
    private const string Signs = "!#$%&'*+-/=?^_`{|}~.()<>[]:;@\\,\" \t\r\n";

    private readonly ReadOnlySpan<char> _text;
    private int _place;
    private bool _isSuspect;

    private EmailSyntax(ReadOnlySpan<char> text) => _text = text;

    private readonly char Current => _place < _text.Length ? _text[_place] : '\0';

    private readonly char Next => _place + 1 < _text.Length ? _text[_place + 1] : '\0';

    private readonly char Previous => _place > 0 ? _text[_place - 1] : '\0';

    public static bool IsValid(string text, bool isStrict)
    {
        var syntax = new EmailSyntax(text);
        return syntax.Read() && !(isStrict && syntax._isSuspect);
    }

    /// <summary>What follows the last at sign.</summary>
    public static string DomainOf(string text) => text[(text.LastIndexOf('@') + 1)..].TrimEnd('.');

    private bool Read()
    {
        if (!HasKnownLetters(_text) || _text.IsEmpty || _text[0] == '@')
            return false;
        if (!ReadLocal() || Current != '@')
            return false;
        var local = Encoding.UTF8.GetByteCount(_text[.._place]);
        _place++;
        var domain = _text[_place..];
        _isSuspect |= local > LongestLocal || local + 1 + Encoding.UTF8.GetByteCount(domain) > LongestAddress;
        return ReadDomain() && Encoding.UTF8.GetByteCount(domain) <= LongestDomain;
    }

    /// <summary>Letters, digits and marks of all languages; of symbols and controls only those with a place in the grammar.</summary>
    private static bool HasKnownLetters(ReadOnlySpan<char> text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && Signs.Contains((char)rune.Value, StringComparison.Ordinal))
                continue;
            if (rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol
                or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol or UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                return false;
        }

        return true;
    }

    private bool ReadLocal()
    {
        if (Current == '.')
            return false;
        while (_place < _text.Length && Current != '@')
        {
            switch (Current)
            {
                case '"':
                    return ReadQuoted();
                case '(':
                    if (!ReadLocalComment())
                        return false;
                    continue;
                case '.' when Next is '.' or '@':
                case '\\' when IsAtom(Next):
                case ')' or ',' or '[' or ']' or '<' or '>' or ':' or ';' or '\r' or '\n':
                    return false;
                case ' ' or '\t' when Previous != '\\' && !ReadBlank():
                    return false;
            }

            _place++;
        }

        return true;
    }

    /// <summary>A blank may stand before the at sign or a sign, never before more letters.</summary>
    private bool ReadBlank()
    {
        _isSuspect = true;
        return !IsAtom(Next);
    }

    /// <summary>A quoted string ends the local part; before it only whole atoms with a dot may stand.</summary>
    private bool ReadQuoted()
    {
        if (_place > 0 && IsAtom(Previous) && IsAtom(Next))
            return false;
        _isSuspect = true;
        _place++;
        while (_place < _text.Length && Current != '"')
        {
            if (Current is '\t' or '\r' or '\n')
                return false;
            _place += Current == '\\' ? 2 : 1;
        }

        if (_place >= _text.Length)
            return false;
        _place++;
        return Current == '@';
    }

    /// <summary>A comment reaches to the at sign, with all its parentheses closed.</summary>
    private bool ReadLocalComment()
    {
        _isSuspect = true;
        var depth = 0;
        for (; _place < _text.Length && Current != '@'; _place++)
        {
            depth += Current switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0)
                return false;
        }

        return depth == 0 && Current == '@' && Previous is not ('.' or ',' or ':' or ';' or '<' or '>' or '[' or ']');
    }

    private bool ReadDomain()
    {
        if (Current is '.' or '-' or '@' or '\0')
            return false;
        if (Current == '[')
            return ReadLiteral();
        var hasDot = false;
        var label = _place;
        while (_place < _text.Length)
        {
            if (Current == '(')
            {
                if (!ReadDomainComment())
                    return false;
                continue;
            }

            if (Current == '.')
            {
                if (!IsLabel(label) || Next is '.' or '\0' || Previous == '-')
                    return false;
                hasDot |= IsAtom(Next);
                label = _place;
            }
            else if (Current != '-' && !IsAtom(Current))
            {
                return false;
            }

            _place++;
        }

        _isSuspect |= !hasDot;
        return IsLabel(label) && Previous != '-';
    }

    private readonly bool IsLabel(int start)
    {
        var label = _text[start.._place];
        if (!label.ContainsAnyExceptInRange('\0', '\u007F'))
            return label.Length <= LongestLabel;
        if (label.Length <= 20)
            return true;
        try
        {
            return new IdnMapping().GetAscii(label.TrimStart('.').ToString()).Length <= LongestLabel;
        }
        catch (ArgumentException)
        {
            return label.Length <= LongestLabel / 2;
        }
    }

    /// <summary>A comment in a domain is followed by a dot.</summary>
    private bool ReadDomainComment()
    {
        _isSuspect = true;
        var depth = 0;
        for (; _place < _text.Length; _place++)
        {
            depth += Current switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth < 0)
                return false;
            if (depth == 0 && Next == '.')
            {
                _place++;
                return true;
            }
        }

        return false;
    }

    private bool ReadLiteral()
    {
        _isSuspect = true;
        var end = _text[_place..].IndexOf(']');
        if (end < 0)
            return false;
        var literal = _text.Slice(_place + 1, end - 1);
        return literal.IndexOfAny("[\\\r") < 0 && _place + end == _text.Length - 1;
    }

    /// <summary>Letters, digits and what is not ASCII.</summary>
    private static bool IsAtom(char letter) => char.IsAsciiLetterOrDigit(letter) || letter > '\u007F';
}
