namespace Securely.Validation;

/// <summary>Turns what a text says into a moment.</summary>
internal static class DateReader
{
    /// <summary>The moment of a text, which may be relative to now.</summary>
    public static bool TryRead(string text, ValidatorOptions options, out DateMoment moment)
    {
        if (IsoDate.TryRead(text, out var local))
        {
            moment = new DateMoment(local - Offset(local, zone: null, options.Zone), 0);
            return true;
        }

        moment = default;
        if (DateScanner.Read(text) is not { } fields)
            return false;
        moment = Resolve(fields, options);
        return true;
    }

    /// <summary>The moment that a value of a field is: text, or a number of seconds since 1970.</summary>
    public static bool TryRead(FieldValue value, ValidatorOptions options, out DateMoment moment)
    {
        moment = default;
        switch (value.Kind)
        {
            case FieldKind.Text when IsTimestamp(value.AsText!) && PhpNumber.TryRead(value.AsText!, out var number): return TryRead(number, options, out moment);
            case FieldKind.Text: return TryRead(value.AsText!, options, out moment);
            case FieldKind.Integer: moment = new(value.AsInteger!.Value, 0); return true;
            case FieldKind.Float when Math.Abs(value.AsFloat!.Value) < 1e15:
                var whole = Math.Floor(value.AsFloat.Value);
                moment = new((long)whole, (int)((value.AsFloat.Value - whole) * 1_000_000));
                return true;
            default: return false;
        }
    }

    /// <summary>A number with a sign, a fraction or an exponent, or one too long for a date.</summary>
    private static bool IsTimestamp(string text) =>
        PhpNumber.IsNumeric(text) && (text.Length > 14 || text.AsSpan().ContainsAnyExceptInRange('0', '9'));

    /// <summary>Fills what is missing from now, moves the date, and takes it to UTC.</summary>
    public static DateMoment Resolve(DateFields fields, ValidatorOptions options)
    {
        var local = options.Time.GetUtcNow().ToOffset(options.Zone.GetUtcOffset(options.Time.GetUtcNow()));
        var isDayOnly = fields.HasDate && !fields.HasTime;
        var hour = fields.Hour ?? (isDayOnly ? 0 : local.Hour);
        var minute = fields.Minute ?? (isDayOnly ? 0 : local.Minute);
        var second = fields.Second ?? (isDayOnly ? 0 : local.Second);
        var hasAny = fields.Year is not null || fields.Month is not null || fields.Day is not null || fields.Hour is not null;
        var microsecond = fields.Microsecond ?? (hasAny ? 0 : (int)(local.Ticks % TimeSpan.TicksPerSecond / 10));
        var day = Move(fields.Year ?? local.Year, fields.Month ?? local.Month, (fields.Day ?? local.Day) + (hour / 24), fields.Shift);
        var seconds = (day * Calendar.SecondsPerDay) + (hour % 24 * 3600L) + (minute * 60L) + second;
        return new DateMoment(seconds - Offset(seconds, fields.Zone, options.Zone) + fields.Shift.Seconds, microsecond);
    }

    private static long Move(long year, long month, long day, DateShift shift)
    {
        if (shift is { WeekdayOfMonth: { } nth, Weekday: { } wanted })
            return InMonth(year + shift.Years, month + shift.Months, nth, wanted) + shift.Days;
        if (shift.Weekday is { } weekday)
            (year, month, day) = Rolled(Calendar.DayOf(year, month, day) + ToWeekday(Calendar.DayOf(year, month, day), weekday, shift));
        year += shift.Years;
        month += shift.Months;
        day += shift.Days;
        if (shift.EdgeOfMonth == 1)
            day = 1;
        else if (shift.EdgeOfMonth == 2)
            (month, day) = (month + 1, 0);
        var result = Calendar.DayOf(year, month, day);
        return shift.Workdays is { } workdays ? Workdays(result, workdays) : result;
    }

    private static (long Year, long Month, long Day) Rolled(long day) => Calendar.DateOf(day);

    private static int ToWeekday(long day, int weekday, DateShift shift)
    {
        var current = Calendar.Weekday(day);
        if (shift.WeekdayMode == 2)
        {
            if (current == 0 && weekday != 0)
                weekday -= 7;
            return (weekday == 0 && current != 0 ? 7 : weekday) - current;
        }

        if (weekday < 0)
            return -(7 - (-weekday - current));
        var difference = weekday - current;
        return (shift.Days < 0 && difference < 0) || (shift.Days >= 0 && difference <= -shift.WeekdayMode) ? difference + 7 : difference;
    }

    /// <summary>The first, second ... of a weekday in a month; the last is a week before the first of the next.</summary>
    private static long InMonth(long year, long month, int nth, int weekday)
    {
        if (nth <= 0)
            month++;
        else
            nth--;
        var first = Calendar.DayOf(year, month, 1);
        return first + ((weekday - Calendar.Weekday(first) + 7) % 7) + (nth * 7L);
    }

    private static long Workdays(long day, int count)
    {
        while (count == 0 && Calendar.Weekday(day) is 0 or 6)
            day++;
        var step = Math.Sign(count);
        for (var left = Math.Abs(count); left > 0;)
        {
            day += step;
            if (Calendar.Weekday(day) is not (0 or 6))
                left--;
        }

        return day;
    }

    private static long Offset(long seconds, DateZone? zone, TimeZoneInfo fallback)
    {
        if (zone is { Rules: null })
            return zone.Offset;
        var rules = zone?.Rules ?? fallback;
        if (ReferenceEquals(rules, TimeZoneInfo.Utc))
            return 0;
        var clamped = Math.Clamp(seconds, -62_000_000_000, 253_000_000_000);
        return (long)rules.GetUtcOffset(new DateTime(DateTime.UnixEpoch.Ticks + (clamped * TimeSpan.TicksPerSecond), DateTimeKind.Unspecified)).TotalSeconds;
    }
}
