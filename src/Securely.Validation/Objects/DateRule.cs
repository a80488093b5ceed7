namespace Securely.Validation;

/// <summary>A date with bounds. Each call returns a new rule. A bound is a date, a relative text (<c>+1 day</c>) or another field.</summary>
public sealed class DateRule : RuleEntry
{
    private readonly string? _format;
    private readonly string[] _bounds;

    internal DateRule(string? format = null, params string[] bounds)
    {
        _format = format;
        _bounds = bounds;
    }

    /// <summary>Written in a format of PHP's letters, <c>Y-m-d</c>.</summary>
    public DateRule Format(string format) => new(format, _bounds);

    /// <summary>Before today.</summary>
    public DateRule BeforeToday() => Before("today");

    /// <summary>After today.</summary>
    public DateRule AfterToday() => After("today");

    /// <summary>Today or before.</summary>
    public DateRule TodayOrBefore() => BeforeOrEqual("today");

    /// <summary>Today or after.</summary>
    public DateRule TodayOrAfter() => AfterOrEqual("today");

    /// <summary>Before now.</summary>
    public DateRule Past() => Before("now");

    /// <summary>After now.</summary>
    public DateRule Future() => After("now");

    /// <summary>Now or before.</summary>
    public DateRule NowOrPast() => BeforeOrEqual("now");

    /// <summary>Now or after.</summary>
    public DateRule NowOrFuture() => AfterOrEqual("now");

    /// <summary>Before a date.</summary>
    public DateRule Before(string date) => With("before:" + date);

    /// <summary>After a date.</summary>
    public DateRule After(string date) => With("after:" + date);

    /// <summary>A date or before.</summary>
    public DateRule BeforeOrEqual(string date) => With("before_or_equal:" + date);

    /// <summary>A date or after.</summary>
    public DateRule AfterOrEqual(string date) => With("after_or_equal:" + date);

    /// <summary>Between two dates, neither included.</summary>
    public DateRule Between(string from, string to) => After(from).Before(to);

    /// <summary>Between two dates, both included.</summary>
    public DateRule BetweenOrEqual(string from, string to) => AfterOrEqual(from).BeforeOrEqual(to);

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) =>
        new TextEntry([_format is null ? "date" : "date_format:" + RuleParser.Quote(_format), .. _bounds]).AddTo(parts, registry);

    private DateRule With(string bound) => new(_format, [.. _bounds, bound]);
}
