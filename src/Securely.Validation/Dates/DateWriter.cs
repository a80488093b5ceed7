using System.Globalization;
using System.Text;

namespace Securely.Validation;

/// <summary>Writes a moment by a format of PHP's letters.</summary>
internal sealed class DateWriter
{
    private static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] Weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    private readonly DateMoment _moment;
    private readonly DateZone _zone;
    private readonly int _offset;
    private readonly long _dayNumber;
    private readonly long _year;
    private readonly int _month;
    private readonly int _day;
    private readonly int _second;

    private DateWriter(DateMoment moment, DateZone zone)
    {
        _moment = moment;
        _zone = zone;
        _offset = zone.Rules is null ? zone.Offset : (int)zone.Rules.GetUtcOffset(DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(moment.Seconds, -60_000_000_000, 250_000_000_000))).TotalSeconds;
        var local = moment.Seconds + _offset;
        _dayNumber = Math.DivRem(local, Calendar.SecondsPerDay, out var rest);
        if (rest < 0)
        {
            _dayNumber--;
            rest += Calendar.SecondsPerDay;
        }

        _second = (int)rest;
        (_year, _month, _day) = Calendar.DateOf(_dayNumber);
    }

    public static string Write(DateMoment moment, DateZone zone, string format)
    {
        var writer = new DateWriter(moment, zone);
        var result = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] == '\\' && i + 1 < format.Length)
                result.Append(format[++i]);
            else
                result.Append(writer.Date(format[i]) ?? writer.Time(format[i]) ?? writer.Whole(format[i]) ?? format[i].ToString());
        }

        return result.ToString();
    }

    private string? Date(char letter) => letter switch
    {
        'd' => Padded(_day, 2),
        'j' => Padded(_day, 1),
        'D' => Weekdays[Calendar.Weekday(_dayNumber)][..3],
        'l' => Weekdays[Calendar.Weekday(_dayNumber)],
        'N' => Padded(IsoWeekday, 1),
        'w' => Padded(Calendar.Weekday(_dayNumber), 1),
        'S' => _day is >= 11 and <= 13 ? "th" : (_day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" },
        'z' => Padded(_dayNumber - Calendar.DayOf(_year, 1, 1), 1),
        'W' => Padded(IsoWeek().Week, 2),
        'o' => Padded(IsoWeek().Year, 1),
        'F' => Months[_month - 1],
        'M' => Months[_month - 1][..3],
        'm' => Padded(_month, 2),
        'n' => Padded(_month, 1),
        't' => Padded(Calendar.DaysIn(_year, _month), 1),
        'L' => Calendar.IsLeap(_year) ? "1" : "0",
        'Y' => (_year < 0 ? "-" : "") + Padded(Math.Abs(_year), 4),
        'x' or 'X' => (_year < 0 ? "-" : letter == 'X' || _year > 9999 ? "+" : "") + Padded(Math.Abs(_year), 4),
        'y' => Padded(Math.Abs(_year) % 100, 2),
        _ => null,
    };

    private string? Time(char letter)
    {
        var hour = _second / 3600;
        return letter switch
        {
            'a' => hour < 12 ? "am" : "pm",
            'A' => hour < 12 ? "AM" : "PM",
            'g' => Padded(((hour + 11) % 12) + 1, 1),
            'h' => Padded(((hour + 11) % 12) + 1, 2),
            'G' => Padded(hour, 1),
            'H' => Padded(hour, 2),
            'i' => Padded(_second / 60 % 60, 2),
            's' => Padded(_second % 60, 2),
            'u' => Padded(_moment.Microseconds, 6),
            'v' => Padded(_moment.Microseconds / 1000, 3),
            'e' => _zone.Text,
            'T' => _zone.Rules is null && _zone.Text[0] is not ('+' or '-') ? _zone.Text : "GMT" + Offset(""),
            'I' => "0",
            'O' => Offset(""),
            'P' => Offset(":"),
            'p' => _offset == 0 ? "Z" : Offset(":"),
            'Z' => Padded(_offset, 1),
            'U' => Padded(_moment.Seconds, 1),
            _ => null,
        };
    }

    private string? Whole(char letter) => letter switch
    {
        'c' => Write(_moment, _zone, @"Y-m-d\TH:i:sP"),
        'r' => Write(_moment, _zone, "D, d M Y H:i:s O"),
        _ => null,
    };

    private int IsoWeekday => ((Calendar.Weekday(_dayNumber) + 6) % 7) + 1;

    private (long Year, long Week) IsoWeek()
    {
        var thursday = _dayNumber + 4 - IsoWeekday;
        var year = Calendar.DateOf(thursday).Year;
        return (year, ((thursday - Calendar.DayOf(year, 1, 1)) / 7) + 1);
    }

    private string Offset(string separator)
    {
        var minutes = Math.Abs(_offset) / 60;
        return (_offset < 0 ? "-" : "+") + Padded(minutes / 60, 2) + separator + Padded(minutes % 60, 2);
    }

    private static string Padded(long number, int digits) => number.ToString("D" + digits, CultureInfo.InvariantCulture);
}
