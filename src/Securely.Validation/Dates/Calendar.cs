namespace Securely.Validation;

/// <summary>The Gregorian calendar for any year, counted in days since 1970-01-01.</summary>
internal static class Calendar
{
    public const long SecondsPerDay = 86_400;

    private static readonly int[] Lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    public static bool IsLeap(long year) => (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    public static int DaysIn(long year, int month) => month == 2 && IsLeap(year) ? 29 : Lengths[month - 1];

    public static bool IsReal(long year, int month, int day) => year is >= 1 and <= 32767 && month is >= 1 and <= 12 && day >= 1 && day <= DaysIn(year, month);

    /// <summary>The day of a date; months and days beyond their ends roll over.</summary>
    public static long DayOf(long year, long month, long day)
    {
        year += Math.DivRem(month - 1, 12, out var index);
        if (index < 0)
        {
            index += 12;
            year--;
        }

        var shifted = index < 2 ? year - 1 : year;
        var era = (shifted >= 0 ? shifted : shifted - 399) / 400;
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * ((index + 10) % 12)) + 2) / 5) + day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }

    /// <summary>The date of a day.</summary>
    public static (long Year, int Month, int Day) DateOf(long day)
    {
        day += 719_468;
        var era = (day >= 0 ? day : day - 146_096) / 146_097;
        var dayOfEra = day - (era * 146_097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1));
    }

    /// <summary>The day of the week, Sunday is 0.</summary>
    public static int Weekday(long day) => (int)(((day + 4) % 7) + 7) % 7;

    /// <summary>The first day of an ISO week.</summary>
    public static long WeekStart(long year, int week)
    {
        var fourth = DayOf(year, 1, 4);
        return fourth - ((Weekday(fourth) + 6) % 7) + ((week - 1) * 7L);
    }
}
