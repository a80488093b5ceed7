using System.Globalization;
using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>Groups, the flags in them, and references to them.</summary>
internal sealed partial class PatternTranslator
{
    private void Open()
    {
        var rest = _source.AsSpan(_place);
        if (rest.StartsWith("(?#"))
        {
            var end = rest.IndexOf(')');
            _place += end < 0 ? throw Unsupported("(?#") : end + 1;
            return;
        }

        if (rest.StartsWith("(*"))
            throw Unsupported("(*");
        if (rest.StartsWith("(?P="))
        {
            Reference(Until(_place + 4, ')'));
            return;
        }

        _groups.Push((_result.Length, _options, _isLazy));
        _isAfterQuantifier = false;
        if (!rest.StartsWith("(?"))
            Capture(null, 1);
        else if (rest.StartsWith("(?P<"))
            Capture(Until(_place + 4, '>'), 0);
        else if (rest.StartsWith("(?'"))
            Capture(Until(_place + 3, '\''), 0);
        else if (rest.StartsWith("(?<") && rest.Length > 3 && rest[3] is not ('=' or '!'))
            Capture(Until(_place + 3, '>'), 0);
        else
            Special(rest);
    }

    private void Special(ReadOnlySpan<char> rest)
    {
        var kind = rest.Length > 2 ? rest[2] : '\0';
        if (kind is ':' or '=' or '!' or '>')
            Take(rest[..3].ToString(), 3);
        else if (kind == '<')
            Take(rest[..4].ToString(), 4);
        else if (rest.StartsWith("(?(?"))
            Take("(?", 2);
        else if (kind == '(')
            Condition();
        else if (kind == '^' || kind == '-' || char.IsAsciiLetter(kind))
            Inline();
        else
            throw Unsupported(rest[..Math.Min(rest.Length, 3)].ToString());
    }

    /// <summary>PCRE numbers groups in their order, .NET those with names last; so beside names every group gets its number.</summary>
    private void Capture(string? name, int letters)
    {
        if (name is null && Ignores(RegexOptions.ExplicitCapture))
        {
            Take("(?:", letters);
            return;
        }

        _captures.Add(name ?? (_captures.Count + 1).ToString(CultureInfo.InvariantCulture));
        Take(name is null && !_hasNames ? "(" : $"(?<{_captures[^1]}>", letters);
    }

    private void Condition()
    {
        var name = Until(_place + 3, ')').Trim('<', '>', '\'');
        if (name.Length == 0 || name is "DEFINE" || name[0] is 'R' or '+' or '-')
            throw Unsupported("(?(" + name);
        _result.Append(CultureInfo.InvariantCulture, $"(?({NameOf(name)})");
    }

    /// <summary><c>(?i)</c> up to the end of the group around it, or <c>(?i:...)</c>. Case is ours without Unicode, laziness always.</summary>
    private void Inline()
    {
        var end = _source.AsSpan(_place).IndexOfAny(')', ':');
        if (end < 0)
            throw Unsupported("(?");
        var letters = _source[(_place + 2)..(_place + end)];
        var isOn = true;
        foreach (var letter in letters)
        {
            var option = PatternFlags.OptionOf(letter);
            if (letter == '-')
                isOn = false;
            else if (letter == '^')
                _options &= ~(RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture);
            else if (letter == 'U')
                _isLazy = isOn;
            else if (option != RegexOptions.None)
                _options = isOn ? _options | option : _options & ~option;
            else if (letter != 'J')
                throw Unsupported("(?" + letters);
        }

        _place += end + 1;
        if (_source[_place - 1] == ':')
        {
            _result.Append("(?").Append(NetFlags()).Append(':');
            return;
        }

        _groups.Pop();
        _result.Append("(?").Append(NetFlags()).Append(')');
    }

    private string NetFlags()
    {
        var (on, off) = ("", "");
        foreach (var (letter, option) in (ReadOnlySpan<(string, RegexOptions)>)[("i", RegexOptions.IgnoreCase), ("m", RegexOptions.Multiline), ("s", RegexOptions.Singleline)])
        {
            var isOn = Ignores(option) && (letter != "i" || _flags.IsUnicode);
            (on, off) = isOn ? (on + letter, off) : (on, off + letter);
        }

        return off.Length == 0 ? on : on + "-" + off;
    }

    private void Close()
    {
        if (_groups.Count == 0)
            throw Unsupported(")");
        (_atom, _options, _isLazy) = _groups.Pop();
        _isAfterQuantifier = false;
        Take(")");
    }

    /// <summary>The text from a place to a letter; goes on behind it.</summary>
    private string Until(int start, char letter)
    {
        var end = start < _source.Length ? _source.IndexOf(letter, start) : -1;
        if (end < 0)
            throw Unsupported(_source[_place..Math.Min(_source.Length, _place + 4)]);
        _place = end + 1;
        return _source[start..end];
    }

    /// <summary>A group by its name, its number, or how many groups before this place it is.</summary>
    private void Reference(string group) => Atom(() =>
    {
        if (group.StartsWith('-') && int.TryParse(group.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var back) && back >= 1 && back <= _captures.Count)
            group = (_captures.Count - back + 1).ToString(CultureInfo.InvariantCulture);
        if (group.Length == 0 || group[0] is '-' or '+' or '0')
            throw Unsupported(@"\g{" + group + "}");
        var isCased = Ignores(RegexOptions.IgnoreCase) && !_flags.IsUnicode;
        _result.Append(CultureInfo.InvariantCulture, $"(?{(isCased ? "i" : "")}:\\k<{NameOf(group)}>)");
    });

    private string NameOf(string group) =>
        int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= _captures.Count ? _captures[number - 1] : group;
}
