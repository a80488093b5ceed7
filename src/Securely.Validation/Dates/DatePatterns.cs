namespace Securely.Validation;

/// <summary>The pieces of which date texts are made, as regular expressions.</summary>
internal static class DatePatterns
{
    public const string MonthNames = "january|february|march|april|may|june|july|august|september|october|november|december|sept|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec";
    public const string MonthWord = "(?<month>" + MonthNames + ")";
    public const string MonthText = "(?<month>" + MonthNames + "|(?-i:VIII|VII|III|XII|VI|IV|IX|XI|II|I|V|X))";
    public const string MonthShort = "(?<month>sept|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)";
    public const string Weekdays = "sundays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sun|mon|tue|wed|thu|fri|sat";
    public const string Ordinals = "first|second|third|fourth|fifth|sixth|seventh|eighth?|ninth|tenth|eleventh|twelfth|next|last|previous|this";
    public const string Units = "milliseconds?|msecs?|ms|microseconds?|usecs?|µs|seconds?|secs?|minutes?|mins?|hours?|weekdays?|days?|weeks|fortnights?|forthnights?|months?|years?|" + Weekdays;

    public const string Hour24 = "(?<h>2[0-4]|[01]?[0-9])";
    public const string Hour24Long = "(?<h>2[0-4]|[01][0-9])";
    public const string Hour12 = "(?<h>1[0-2]|0?[1-9])";
    public const string Minute = "(?<i>[0-5]?[0-9])";
    public const string MinuteLong = "(?<i>[0-5][0-9])";
    public const string Second = "(?<s>60|[0-5]?[0-9])";
    public const string SecondLong = "(?<s>60|[0-5][0-9])";
    public const string Fraction = @"[.,](?<f>[0-9]+)";
    public const string Meridian = @"(?<mer>[ap])\.?m\.?(?=[\t ]|$)";

    public const string Month = "(?<m>1[0-2]|0?[0-9])";
    public const string MonthLong = "(?<m>0[0-9]|1[0-2])";
    public const string Day = "(?<d>3[01]|[0-2]?[0-9])";
    public const string DayLong = "(?<d>0[0-9]|[12][0-9]|3[01])";
    public const string Year = "(?<y>[0-9]{1,4})";
    public const string Year4 = "(?<y>[0-9]{4})";
    public const string Year2 = "(?<y>[0-9]{2})";

    public const string Correction = "(?:GMT)?[+-](?:2[0-4]|[01]?[0-9])(?::?[0-5]?[0-9](?::?[0-5][0-9])?)?";
    public const string ZoneName = @"(?-i:[A-Z][a-z]+(?:[_/-][A-Za-z]+)+)|\(?[A-Za-z]{1,6}\)?";
}
