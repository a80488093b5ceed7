using System.Globalization;

namespace Securely.Validation;

/// <summary>
/// Reads a text by a format of PHP's letters (<c>Y-m-d H:i:s</c>), starting from 1970-01-01 00:00:00 UTC. Days beyond the end of a month
/// roll over, as there; comparing with <see cref="DateWriter"/> finds them.
/// </summary>
internal ref struct DateLayout
{
    private readonly ReadOnlySpan<char> _format;
    private readonly ReadOnlySpan<char> _text;
    private int _place;
    private bool _isAfternoon;
    private bool _hasMeridian;
    private bool _ignoresRest;
    private int _dayOfYear = -1;

    private DateLayout(ReadOnlySpan<char> format, ReadOnlySpan<char> text)
    {
        _format = format;
        _text = text;
    }

    private readonly char Current => _place < _text.Length ? _text[_place] : '\0';

    /// <summary>Reads a text; null when it has another shape.</summary>
    public static DateFields? Read(string format, string text)
    {
        var layout = new DateLayout(format, text);
        var fields = new DateFields();
        return layout.Run(fields) ? fields : null;
    }

    private bool Run(DateFields fields)
    {
        (fields.Year, fields.Month, fields.Day) = (1970, 1, 1);
        (fields.Hour, fields.Minute, fields.Second, fields.Microsecond) = (0, 0, 0, 0);
        for (var i = 0; i < _format.Length; i++)
        {
            var letter = _format[i];
            if (_place >= _text.Length && letter is not ('!' or '|' or '+' or '*'))
                return false;
            if (letter == '\\' && i + 1 < _format.Length)
            {
                if (Current != _format[++i])
                    return false;
                _place++;
            }
            else if (!Date(letter, fields) && !Time(letter, fields) && !Other(letter, fields))
            {
                return false;
            }
        }

        if (_place < _text.Length && !_ignoresRest)
            return false;
        if (_hasMeridian)
            fields.Hour = (fields.Hour % 12) + (_isAfternoon ? 12 : 0);
        if (_dayOfYear >= 0)
            (fields.Month, fields.Day) = (1, _dayOfYear + 1);
        return true;
    }

    private bool Date(char letter, DateFields fields)
    {
        switch (letter)
        {
            case 'd' or 'j': return Number(2, 1) is { } day && (fields.Day = day) is not null;
            case 'm' or 'n': return Number(2, 1) is { } month && (fields.Month = month) is not null;
            case 'Y': return Number(4, 1) is { } year && (fields.Year = year) is not null;
            case 'x' or 'X': return Signed() is { } any && (fields.Year = Math.Clamp(any, -999_999_999, 999_999_999)) is not null;
            case 'y': return Number(2, 2) is { } two && (fields.Year = two < 70 ? two + 2000 : two + 1900) is not null;
            case 'z': return Number(3, 1) is { } ofYear && (_dayOfYear = ofYear) >= 0;
            case 'M' or 'F': return Word() is { Length: >= 3 } name && IsMonth(name) && (fields.Month = DateForms.MonthOf(name)) is not null;
            case 'D' or 'l': return Word() is { } day2 && DateShifts.WeekdayOf(day2) is { } weekday && SetWeekday(fields, weekday);
            case 'S': return Word(2) is "st" or "nd" or "rd" or "th";
            case 'U': return Signed() is { } seconds && SetSeconds(fields, seconds);
            default: return false;
        }
    }

    private bool Time(char letter, DateFields fields)
    {
        switch (letter)
        {
            case 'H' or 'G': return Number(2, 1) is { } hour && (fields.Hour = hour) is not null;
            case 'h' or 'g': return Number(2, 1) is >= 1 and <= 12 and var twelve && (fields.Hour = twelve) is not null;
            case 'i': return Number(2, 2) is { } minute && (fields.Minute = minute) is not null;
            case 's': return Number(2, 2) is { } second && (fields.Second = second) is not null;
            case 'u': return Fraction(6) is { } micro && (fields.Microsecond = micro) is not null;
            case 'v': return Fraction(3) is { } milli && (fields.Microsecond = milli) is not null;
            case 'a' or 'A':
                _hasMeridian = true;
                var word = Word(2);
                _isAfternoon = word is ['p' or 'P', ..];
                return word is [_, 'm' or 'M'] && word[0] is 'a' or 'A' or 'p' or 'P';
            default: return false;
        }
    }

    private bool Other(char letter, DateFields fields)
    {
        switch (letter)
        {
            case 'e' or 'T' or 'P' or 'p' or 'O': return Zone(fields);
            case '!' or '|': return true;
            case '+':
                _ignoresRest = true;
                return true;
            case '?':
                _place++;
                return true;
            case '*':
                while (_place < _text.Length && !char.IsAsciiDigit(Current) && Current is not (' ' or ',' or ';' or ':' or '/' or '.' or '\\' or '(' or ')'))
                    _place++;
                return true;
            case '#': return Current is ';' or ':' or '/' or '.' or ',' or '-' or '(' or ')' && ++_place > 0;
            default: return Current == letter && ++_place > 0;
        }
    }

    private static bool IsMonth(string name) =>
        ("|" + DatePatterns.MonthNames + "|").Contains("|" + name.ToLowerInvariant() + "|", StringComparison.Ordinal);

    private static bool SetWeekday(DateFields fields, int weekday)
    {
        fields.Shift.Weekday = weekday;
        fields.Shift.WeekdayMode = 1;
        return true;
    }

    private static bool SetSeconds(DateFields fields, long seconds)
    {
        fields.Shift.Seconds += seconds;
        fields.Zone = new DateZone(0, "+00:00");
        return true;
    }

    private bool Zone(DateFields fields)
    {
        var start = _place;
        if (Current is '+' or '-')
        {
            _place++;
            while (char.IsAsciiDigit(Current) || Current == ':')
                _place++;
        }
        else
        {
            while (char.IsAsciiLetter(Current) || Current is '/' or '_' || (Current is '-' or '+' && _place > start) || (char.IsAsciiDigit(Current) && _place > start))
                _place++;
        }

        fields.Zone = DateZones.Find(_text[start.._place].ToString());
        return fields.Zone is not null;
    }

    private int? Number(int most, int least)
    {
        var start = _place;
        while (_place - start < most && char.IsAsciiDigit(Current))
            _place++;
        return _place - start < least ? null : int.Parse(_text[start.._place], CultureInfo.InvariantCulture);
    }

    private int? Fraction(int digits)
    {
        var start = _place;
        return Number(digits, 1) is null ? null : int.Parse(_text[start.._place].ToString().PadRight(6, '0'), CultureInfo.InvariantCulture);
    }

    private long? Signed()
    {
        var start = _place;
        if (Current is '+' or '-')
            _place++;
        while (char.IsAsciiDigit(Current) && _place - start < 18)
            _place++;
        return long.TryParse(_text[start.._place], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private string Word(int most = 12)
    {
        var start = _place;
        while (_place - start < most && char.IsAsciiLetter(Current))
            _place++;
        return _text[start.._place].ToString();
    }
}
