using System.Globalization;
using System.Text.RegularExpressions;
using static Securely.Validation.DateForm.Start;
using static Securely.Validation.DatePatterns;

namespace Securely.Validation;

/// <summary>The forms that move a date: <c>+1 day</c>, <c>next monday</c>, <c>last day of</c>; and weekdays, months and zones on their own.</summary>
internal static class DateShifts
{
    public static IEnumerable<DateForm> All() =>
    [
        new(@"(?<edge>first|last) day of", Letter, static (fields, match) => fields.Shift.EdgeOfMonth = match.Groups["edge"].Value[0] is 'f' or 'F' ? 1 : 2),
        new($@"(?<nth>{Ordinals})[ \t]+(?<day>{Weekdays})[ \t]+of", Letter, WeekdayOfMonth),
        new("ago", Letter, static (fields, _) => fields.Shift.Invert()),
        new($"(?<day>{Weekdays})", Letter, Weekday),
        new(@"(?<nth>next|last|previous|this)[ \t]+week", Letter, Week),
        new($@"(?<nth>{Ordinals})[ \t]+(?<unit>{Units})", Letter, Named),
        new(MonthWord, Letter, Month),
        new($"(?<z>{Correction}|{ZoneName})", Letter | Sign, static (fields, match) => fields.SetZone(DateZones.Find(match.Groups["z"].Value))),
        new($@"(?<n>[+-]*[ \t]*[0-9]{{1,13}})[ \t]*(?<unit>{Units}|week)", Any, Counted),
    ];

    /// <summary>Sunday is 0; null when the word is no weekday.</summary>
    public static int? WeekdayOf(string name)
    {
        if (name.Length < 3)
            return null;
        var place = "sunmontuewedthufrisat".IndexOf(name[..3].ToLowerInvariant(), StringComparison.Ordinal);
        return place >= 0 && place % 3 == 0 && !name.StartsWith("month", StringComparison.OrdinalIgnoreCase) ? place / 3 : null;
    }

    private static int Amount(string ordinal) => ordinal.ToLowerInvariant() switch
    {
        "first" or "next" => 1,
        "second" => 2,
        "third" => 3,
        "fourth" => 4,
        "fifth" => 5,
        "sixth" => 6,
        "seventh" => 7,
        "eight" or "eighth" => 8,
        "ninth" => 9,
        "tenth" => 10,
        "eleventh" => 11,
        "twelfth" => 12,
        "last" or "previous" => -1,
        _ => 0,
    };

    private static void Month(DateFields fields, Match match)
    {
        fields.SetDate(null, DateForms.MonthOf(match.Value), null);
    }

    private static void Weekday(DateFields fields, Match match)
    {
        fields.ResetTime();
        fields.Shift.Weekday = WeekdayOf(match.Value);
        if (fields.Shift.WeekdayMode != 2)
            fields.Shift.WeekdayMode = 1;
    }

    private static void WeekdayOfMonth(DateFields fields, Match match)
    {
        fields.ResetTime();
        fields.Shift.Weekday = WeekdayOf(match.Groups["day"].Value);
        fields.Shift.WeekdayOfMonth = Amount(match.Groups["nth"].Value);
    }

    private static void Week(DateFields fields, Match match)
    {
        fields.Shift.Days += Amount(match.Groups["nth"].Value) * 7L;
        fields.Shift.WeekdayMode = 2;
        fields.Shift.Weekday ??= 1;
    }

    private static void Named(DateFields fields, Match match)
    {
        var ordinal = match.Groups["nth"].Value;
        if (match.Groups["unit"].Value.StartsWith("weekday", StringComparison.OrdinalIgnoreCase) || WeekdayOf(match.Groups["unit"].Value) is not null)
            fields.ResetTime();
        Move(fields, Amount(ordinal), match.Groups["unit"].Value, ordinal.Equals("this", StringComparison.OrdinalIgnoreCase) ? 1 : 0);
    }

    /// <summary>Each minus sign turns the direction.</summary>
    private static void Counted(DateFields fields, Match match)
    {
        var text = match.Groups["n"].Value;
        var amount = long.Parse(text.AsSpan().TrimStart("+- \t"), CultureInfo.InvariantCulture);
        Move(fields, text.Count(letter => letter == '-') % 2 == 0 ? amount : -amount, match.Groups["unit"].Value, 1);
    }

    private static void Move(DateFields fields, long amount, string unit, int mode)
    {
        var shift = fields.Shift;
        switch (unit.ToLowerInvariant().TrimEnd('s'))
        {
            case "m" or "msec" or "millisecond": shift.Seconds += amount / 1000; break;
            case "µ" or "usec" or "microsecond": shift.Seconds += amount / 1_000_000; break;
            case "sec" or "second": shift.Seconds += amount; break;
            case "min" or "minute": shift.Seconds += amount * 60; break;
            case "hour": shift.Seconds += amount * 3600; break;
            case "day": shift.Days += amount; break;
            case "week": shift.Days += amount * 7; break;
            case "fortnight" or "forthnight": shift.Days += amount * 14; break;
            case "month": shift.Months += amount; break;
            case "year": shift.Years += amount; break;
            case "weekday": shift.Workdays = (int)((shift.Workdays ?? 0) + Math.Clamp(amount, -100_000, 100_000)); break;
            default:
                shift.Days += (amount > 0 ? amount - 1 : amount) * 7;
                shift.Weekday = WeekdayOf(unit);
                shift.WeekdayMode = mode;
                break;
        }
    }
}
