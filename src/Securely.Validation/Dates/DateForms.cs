using System.Globalization;
using System.Text.RegularExpressions;
using static Securely.Validation.DateForm.Start;
using static Securely.Validation.DatePatterns;

namespace Securely.Validation;

/// <summary>All forms of dates and times, in the order in which equally long ones are preferred.</summary>
internal static class DateForms
{
    public static IEnumerable<DateForm> All() => [.. Words(), .. Times(), .. NumericDates(), .. WrittenDates(), .. CompactDates(), .. DateShifts.All()];

    /// <summary>A number of one or two digits is a year of the last or this century.</summary>
    public static long YearOf(string digits)
    {
        var year = long.Parse(digits, CultureInfo.InvariantCulture);
        return digits.Length >= 4 || year >= 100 ? year : year < 70 ? year + 2000 : year + 1900;
    }

    public static int MonthOf(string name) => name.ToLowerInvariant() switch
    {
        "i" => 1,
        "ii" => 2,
        "iii" => 3,
        "iv" => 4,
        "v" => 5,
        "vi" => 6,
        "vii" => 7,
        "viii" => 8,
        "ix" => 9,
        "x" => 10,
        "xi" => 11,
        "xii" => 12,
        var text => (("janfebmaraprmayjunjulaugsepoctnovdec".IndexOf(text[..3], StringComparison.Ordinal)) / 3) + 1,
    };

    private static IEnumerable<DateForm> Words() =>
    [
        new("yesterday", Letter, static (fields, _) => Days(fields, -1)),
        new("now", Letter, static (_, _) => { }),
        new("noon", Letter, static (fields, _) => Noon(fields)),
        new("midnight|today", Letter, static (fields, _) => Days(fields, 0)),
        new("tomorrow", Letter, static (fields, _) => Days(fields, 1)),
        new(@"(?<edge>back|front) of " + Hour24 + @"(?:[ \t]*" + Meridian + ")?", Letter, AroundHour),
        new(@"@(?<n>-?[0-9]{1,18})(?:\.(?<f>[0-9]{0,6}))?", Sign, Timestamp),
    ];

    private static IEnumerable<DateForm> Times() =>
    [
        new($@"{Hour12}(?:[:.]{MinuteLong}(?:[:.]{SecondLong})?)?[ \t]*{Meridian}", Digit, Twelve),
        new($"{Hour12}:{MinuteLong}:{SecondLong}[:.](?<f>[0-9]+){Meridian}", Digit, Twelve),
        new($"t{Hour24}", Letter, Clock),
        new($"t?{Hour24}[:.]{Minute}(?:[:.]{Second}(?:{Fraction})?)?", Digit | Letter, Clock),
        new($"t?{Hour24Long}{MinuteLong}", Digit | Letter, ClockOrYear),
        new($"t?{Hour24Long}{MinuteLong}{SecondLong}", Digit | Letter, Clock),
    ];

    private static IEnumerable<DateForm> NumericDates() =>
    [
        new($"{Month}/{Day}(?:/{Year})?", Digit, Date),
        new($"(?<sign>[+-])?{Year4}-{MonthLong}-{DayLong}", Digit | Sign, Date),
        new($"{Year4}/{Month}/{Day}/?", Digit, Date),
        new($"(?<sign>[+-])(?<y>[0-9]{{5,9}})-{MonthLong}-{DayLong}", Sign, Date),
        new($"{Year2}-{MonthLong}-{DayLong}", Digit, Date),
        new($"{Year4}-{Month}", Digit, FirstOfMonth),
        new($"{Year}-{Month}-{Day}", Digit, Date),
    ];

    private static IEnumerable<DateForm> WrittenDates() =>
    [
        new($@"{Day}(?:st|nd|rd|th)?[ \t.-]*{MonthText}[ \t.-]*{Year}", Digit, Date),
        new($@"{Day}[.\t-]{Month}[.-]{Year4}", Digit, Date),
        new($@"{Day}[.\t]{Month}\.{Year2}", Digit, Date),
        new($@"{MonthText}[ .\t-]*{Year4}", Letter, FirstOfMonth),
        new($@"{Year4}[ .\t-]*{MonthText}", Digit, FirstOfMonth),
        new($@"{MonthText}[ .\t-]*{Day}[,.stndrh\t ]+{Year}", Letter, Date),
        new($@"{MonthText}[ .\t-]*{Day}(?:[,.stndrh\t ]+|$)", Letter, Date),
        new($@"{Day}(?:st|nd|rd|th)?[ .\t-]*{MonthText}", Digit, Date),
        new($@"{MonthText}[ .\t-]*{Day}[,.stndrh\t ]+{Hour24}[:.]{MinuteLong}(?:[:.]{SecondLong})?", Letter, DateAndClock),
        new($@"{Year4}:{MonthLong}:{DayLong} {Hour24Long}:{MinuteLong}:{SecondLong}", Digit, DateAndClock),
        new($@"{Day}/{MonthShort}/{Year4}:{Hour24Long}:{MinuteLong}:{SecondLong}", Digit, DateAndClock),
    ];

    private static IEnumerable<DateForm> CompactDates() =>
    [
        new($"{Year4}{MonthLong}{DayLong}", Digit, Date),
        new($@"{Year4}[.-]?(?<doy>00[1-9]|0[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])", Digit, DayOfYear),
        new($"{Year4}-?W(?<w>0[1-9]|[1-4][0-9]|5[0-3])(?:-?(?<wd>[0-7]))?", Digit, Week),
        new($"{MonthShort}-{DayLong}-{Year}", Letter, Date),
        new($"{Year}-{MonthShort}-{DayLong}", Digit, Date),
        new(Year4, Digit, static (fields, match) => fields.Year = YearOf(match.Groups["y"].Value)),
    ];

    private static int? Number(Match match, string group) =>
        match.Groups[group] is { Success: true } found ? int.Parse(found.ValueSpan, CultureInfo.InvariantCulture) : null;

    private static void Days(DateFields fields, int days)
    {
        fields.ResetTime();
        fields.Shift.Days += days;
    }

    private static void Noon(DateFields fields)
    {
        fields.ResetTime();
        fields.SetTime(12, 0, 0);
    }

    /// <summary>A quarter past an hour, or a quarter before it.</summary>
    private static void AroundHour(DateFields fields, Match match)
    {
        var hour = Number(match, "h")!.Value;
        if (match.Groups["mer"] is { Success: true } meridian)
            hour = (hour % 12) + (meridian.Value is "p" or "P" ? 12 : 0);
        var isBack = match.Groups["edge"].Value[0] is 'b' or 'B';
        fields.SetTime(isBack ? hour : hour - 1, isBack ? 15 : 45, 0);
    }

    private static void Timestamp(DateFields fields, Match match)
    {
        fields.SetDate(1970, 1, 1);
        fields.SetTime(0, 0, 0, Microseconds(match));
        fields.Shift.Seconds += long.Parse(match.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
        fields.SetZone(new DateZone(0, "+00:00"));
    }

    private static int Microseconds(Match match) => match.Groups["f"] is { Success: true } fraction
        ? int.Parse(fraction.Value.PadRight(6, '0')[..6], CultureInfo.InvariantCulture)
        : 0;

    private static void Twelve(DateFields fields, Match match)
    {
        var hour = (Number(match, "h")!.Value % 12) + (match.Groups["mer"].Value is "p" or "P" ? 12 : 0);
        fields.SetTime(hour, Number(match, "i") ?? 0, Number(match, "s") ?? 0, Microseconds(match));
    }

    private static void Clock(DateFields fields, Match match) =>
        fields.SetTime(Number(match, "h")!.Value, Number(match, "i") ?? 0, Number(match, "s") ?? 0, Microseconds(match));

    /// <summary>Four digits are a time; after a time they are a year.</summary>
    private static void ClockOrYear(DateFields fields, Match match)
    {
        if (fields.Times == 0)
        {
            Clock(fields, match);
            return;
        }

        fields.IsWrong |= fields.Times > 1;
        fields.Year = YearOf(match.Value.TrimStart('t', 'T'));
        fields.Times++;
    }

    private static void Date(DateFields fields, Match match)
    {
        var year = match.Groups["y"] is { Success: true } digits ? YearOf(digits.Value) : (long?)null;
        if (match.Groups["sign"].Value == "-")
            year = -year;
        fields.SetDate(year, MonthIn(match), Number(match, "d"));
    }

    private static void FirstOfMonth(DateFields fields, Match match) =>
        fields.SetDate(YearOf(match.Groups["y"].Value), MonthIn(match), 1);

    private static int MonthIn(Match match) => match.Groups["month"] is { Success: true } name ? MonthOf(name.Value) : Number(match, "m")!.Value;

    private static void DateAndClock(DateFields fields, Match match)
    {
        Date(fields, match);
        Clock(fields, match);
    }

    private static void DayOfYear(DateFields fields, Match match) =>
        fields.SetDate(YearOf(match.Groups["y"].Value), 1, Number(match, "doy"));

    private static void Week(DateFields fields, Match match)
    {
        var year = YearOf(match.Groups["y"].Value);
        fields.SetDate(year, 1, 1);
        var day = Calendar.WeekStart(year, Number(match, "w")!.Value) + (Number(match, "wd") ?? 1) - 1;
        fields.Shift.Days += day - Calendar.DayOf(year, 1, 1);
    }
}
