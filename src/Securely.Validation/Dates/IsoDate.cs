namespace Securely.Validation;

/// <summary>The most frequent forms of a date, <c>2025-03-15</c> and <c>2025-03-15 12:34:56</c>, read without the scanner's patterns.</summary>
internal static class IsoDate
{
    private const int DayLength = 10;
    private const int TimeLength = 19;

    /// <summary>Whether a text of the form of a day names a real one; null when it has another form.</summary>
    public static bool? IsRealDay(ReadOnlySpan<char> text) =>
        text.Length == DayLength && TryReadDay(text, out var year, out var month, out var day) ? Calendar.IsReal(year, month, day) : null;

    /// <summary>The seconds since 1970 that a text says, without a zone; false for another form, and for what is no moment of the calendar.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out long seconds)
    {
        seconds = 0;
        if (text.Length is not (DayLength or TimeLength) || !TryReadDay(text[..DayLength], out var year, out var month, out var day) || !Calendar.IsReal(year, month, day))
            return false;
        seconds = Calendar.DayOf(year, month, day) * Calendar.SecondsPerDay;
        if (text.Length == DayLength)
            return true;
        var (hour, minute, second) = (Digits(text, 11, 2), Digits(text, 14, 2), Digits(text, 17, 2));
        seconds += (hour * 3600) + (minute * 60) + second;
        return text[DayLength] is ' ' or 'T' && text[13] == ':' && text[16] == ':' && hour is >= 0 and < 24 && minute is >= 0 and < 60 && second is >= 0 and < 60;
    }

    private static bool TryReadDay(ReadOnlySpan<char> text, out int year, out int month, out int day)
    {
        (year, month, day) = (Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2));
        return text[4] == '-' && text[7] == '-' && year >= 0 && month >= 0 && day >= 0;
    }

    /// <summary>A number of so many digits, or -1.</summary>
    private static int Digits(ReadOnlySpan<char> text, int start, int count)
    {
        var number = 0;
        foreach (var letter in text.Slice(start, count))
        {
            if (!char.IsAsciiDigit(letter))
                return -1;
            number = (number * 10) + letter - '0';
        }

        return number;
    }
}
