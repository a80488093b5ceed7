using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about dates: whether something is one, how it is written, and which of two comes first.</summary>
internal static class DateRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("date", context => IsDate(context.Value)),
        Rule("date_format", HasFormat, 1),
        Rule("date_equals", context => Compare(context, static order => order == 0, isEqual: true), 1),
        Rule("after", context => Compare(context, static order => order > 0), 1, RuleTraits.Dependent),
        Rule("after_or_equal", context => Compare(context, static order => order >= 0), 1, RuleTraits.Dependent),
        Rule("before", context => Compare(context, static order => order < 0), 1, RuleTraits.Dependent),
        Rule("before_or_equal", context => Compare(context, static order => order <= 0), 1, RuleTraits.Dependent),
    ];

    /// <summary>A text that names a day of the calendar; a time of day, a month or a relative text alone does not.</summary>
    private static bool IsDate(FieldValue value)
    {
        if (StringRules.TextOrNumber(value) is not { } text)
            return false;
        if (IsoDate.IsRealDay(text) is { } isReal)
            return isReal;
        return DateScanner.Read(text) is { Year: { } year, Month: { } month, Day: { } day } && Calendar.IsReal(year, month, day);
    }

    private static bool HasFormat(RuleContext context)
    {
        if (StringRules.TextOrNumber(context.Value) is not { } text)
            return false;
        foreach (var format in context.Parameters)
        {
            if (DateLayout.Read(format ?? "", text) is not { } fields)
                continue;
            var written = DateWriter.Write(DateReader.Resolve(fields, context.Options), fields.Zone ?? new DateZone(0, "UTC"), format ?? "");
            if (PhpEquality.Loose(context.Value, written))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Compares with a date or with another field. Where the field has a format, both are read by it first. What is no date counts as before
    /// all dates since 1970.
    /// </summary>
    private static bool Compare(RuleContext context, Func<int, bool> holds, bool isEqual = false)
    {
        if (StringRules.TextOrNumber(context.Value) is null)
            return false;
        if (context.State.Rules.DateFormat is { } format)
            return CompareFormatted(context, format, holds);
        var first = Seconds(context.Value, context.Options);
        var second = Seconds(context.Text(0), context.Options) ?? Seconds(Named(context), context.Options);
        if (first is null || second is null)
            return isEqual ? first is null && second is null : holds(Order(first, second));
        return holds(first.Value.CompareTo(second.Value));
    }

    /// <summary>Nothing against a number: both count by whether they are zero.</summary>
    private static int Order(long? first, long? second) => ((first ?? 0) != 0).CompareTo((second ?? 0) != 0);

    private static bool CompareFormatted(RuleContext context, string format, Func<int, bool> holds)
    {
        var path = FieldPath.Parse(context.Text(0));
        var otherFormat = context.Validator.Plan.Find(path)?.Rules.DateFormat ?? format;
        if (Moment(context.Text(0), otherFormat, context.Options) is not { } second)
        {
            var other = Named(context);
            if (other.IsNull)
                return true;
            if (Moment(other, otherFormat, context.Options) is not { } read)
                return false;
            second = read;
        }

        return Moment(context.Value, format, context.Options) is { } first && holds(first.CompareTo(second));
    }

    private static FieldValue Named(RuleContext context) =>
        context.Use.Definition.Is(RuleTraits.Dependent) ? context.Other(0) : context.Get(FieldPath.Parse(context.Text(0)));

    private static long? Seconds(FieldValue value, ValidatorOptions options) =>
        DateReader.TryRead(value, options, out var moment) ? moment.Seconds : null;

    /// <summary>By the format, else as any date: a number that the format does not fit is a moment in seconds.</summary>
    private static DateMoment? Moment(FieldValue value, string format, ValidatorOptions options)
    {
        if (DateLayout.Read(format, PhpText.Of(value)) is { } fields)
            return DateReader.Resolve(fields, options);
        return DateReader.TryRead(value, options, out var moment) ? moment : null;
    }
}
