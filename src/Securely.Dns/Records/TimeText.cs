using System.Globalization;
using System.Text;

namespace Securely.Dns.Records;

/// <summary>Times of zone files: seconds with units, and the moments of signatures.</summary>
internal static class TimeText
{
    /// <summary>Reads <c>3600</c>, <c>1h</c>, <c>1w2d3h4m5s</c>; letters of any case.</summary>
    internal static bool TryParseDuration(ReadOnlySpan<char> text, out uint seconds)
    {
        ulong total = 0, number = 0;
        seconds = 0;
        if (text.IsEmpty || !char.IsAsciiDigit(text[0]))
            return false;
        var digits = false;
        foreach (var letter in text)
        {
            if (char.IsAsciiDigit(letter))
            {
                number = (number * 10) + (uint)(letter - '0');
                digits = true;
            }
            else
            {
                ulong unit = letter switch { 's' or 'S' => 1, 'm' or 'M' => 60, 'h' or 'H' => 3600, 'd' or 'D' => 86400, 'w' or 'W' => 604800, _ => 0 };
                if (unit == 0 || !digits)
                    return false;
                total += number * unit;
                number = 0;
                digits = false;
            }

            if (number > uint.MaxValue || total > uint.MaxValue)
                return false;
        }

        total += number;
        seconds = (uint)total;
        return total <= uint.MaxValue;
    }

    /// <summary>Reads <c>YYYYMMDDHHmmSS</c>, or seconds since 1970; what is too late for 32 bits wraps (RFC 4034, 3.1.5).</summary>
    internal static bool TryParseMoment(ReadOnlySpan<char> text, out uint seconds)
    {
        seconds = 0;
        if (text.Length != 14)
            return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
        if (!DateTime.TryParseExact(text, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
            return false;
        seconds = unchecked((uint)(long)(moment - DateTime.UnixEpoch).TotalSeconds);
        return true;
    }

    /// <summary>Writes <c>YYYYMMDDHHmmSS</c>.</summary>
    internal static void FormatMoment(uint seconds, StringBuilder text) =>
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddSeconds(seconds):yyyyMMddHHmmss}");
}
