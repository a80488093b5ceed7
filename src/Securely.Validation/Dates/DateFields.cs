namespace Securely.Validation;

/// <summary>What a text says about a moment, before it is one: parts that are missing stay null.</summary>
internal sealed class DateFields
{
    private int _zones;

    public long? Year { get; set; }

    public int? Month { get; set; }

    public int? Day { get; set; }

    public int? Hour { get; set; }

    public int? Minute { get; set; }

    public int? Second { get; set; }

    public int? Microsecond { get; set; }

    public DateZone? Zone { get; set; }

    public DateShift Shift { get; } = new();

    public bool HasDate { get; private set; }

    public int Times { get; set; }

    public bool HasTime => Times > 0;

    public bool IsWrong { get; set; }

    /// <summary>A date; a second one is a mistake.</summary>
    public void SetDate(long? year, int? month, int? day)
    {
        IsWrong |= HasDate;
        HasDate = true;
        Year = year ?? Year;
        Month = month ?? Month;
        Day = day ?? Day;
    }

    /// <summary>A time of day; a second one is a mistake.</summary>
    public void SetTime(int hour, int minute, int second, int microsecond = 0)
    {
        IsWrong |= HasTime;
        Times = 1;
        SetClock(hour, minute, second, microsecond);
    }

    /// <summary>Takes the time of day back, as words for days do: a time may still follow.</summary>
    public void ResetTime()
    {
        Times = 0;
        SetClock(0, 0, 0, 0);
    }

    /// <summary>A zone; a second one is passed over, a third is a mistake.</summary>
    public void SetZone(DateZone? zone)
    {
        _zones++;
        IsWrong |= zone is null || _zones > 2;
        Zone ??= zone;
    }

    private void SetClock(int hour, int minute, int second, int microsecond)
    {
        Hour = hour;
        Minute = minute;
        Second = second;
        Microsecond = microsecond;
    }
}

/// <summary>How a date is moved after it is read.</summary>
internal sealed class DateShift
{
    public long Years { get; set; }

    public long Months { get; set; }

    public long Days { get; set; }

    public long Seconds { get; set; }

    /// <summary>The day of the week to move to, Sunday is 0.</summary>
    public int? Weekday { get; set; }

    /// <summary>0 leaves the day even when it is that weekday, 1 stays on it, 2 stays within the week.</summary>
    public int WeekdayMode { get; set; }

    /// <summary>Working days to move by.</summary>
    public int? Workdays { get; set; }

    /// <summary>1 for the first day of the month, 2 for the last.</summary>
    public int EdgeOfMonth { get; set; }

    /// <summary>Which of the weekdays of a month; negative for the last.</summary>
    public int? WeekdayOfMonth { get; set; }

    public void Invert()
    {
        Years = -Years;
        Months = -Months;
        Days = -Days;
        Seconds = -Seconds;
        Workdays = -Workdays;
        if (Weekday is { } weekday)
            Weekday = weekday == 0 ? -7 : -weekday;
    }
}

/// <summary>A zone: an offset from UTC in seconds, or a name of the tz database.</summary>
internal sealed record DateZone(int Offset, string Text, TimeZoneInfo? Rules = null);
