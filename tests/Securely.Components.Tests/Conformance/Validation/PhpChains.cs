using System.Globalization;
using System.Text.RegularExpressions;
using Securely.Validation;
using static Securely.Components.Tests.Conformance.Validation.PhpRules;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>Maps the calls that follow a rule object.</summary>
internal static class PhpChains
{
    public static PasswordRule Password(PasswordRule rule, PhpNode.Call call) => call.Method switch
    {
        "max" => rule.Max(Number(call, 0)),
        "letters" => rule.Letters(),
        "mixedCase" => rule.MixedCase(),
        "numbers" => rule.Numbers(),
        "symbols" => rule.Symbols(),
        _ => throw Unmapped(call),
    };

    public static PresenceRule Presence(PresenceRule rule, PhpNode.Call call) => call.Method switch
    {
        "where" when call.Arguments[0] is PhpNode.Closure closure => Comparison(rule, closure.Text),
        "where" => rule.Where(Text(call.Arguments[0]), Value(call.Arguments[1])),
        "whereNot" => rule.WhereNot(Text(call.Arguments[0]), Value(call.Arguments[1])),
        "whereNull" => rule.WhereNull(Text(call.Arguments[0])),
        "whereNotNull" => rule.WhereNotNull(Text(call.Arguments[0])),
        "whereIn" => rule.WhereIn(Text(call.Arguments[0]), [.. Values([call.Arguments[1]])]),
        "whereNotIn" => rule.WhereNotIn(Text(call.Arguments[0]), [.. Values([call.Arguments[1]])]),
        "withoutTrashed" => rule.WithoutTrashed(),
        "onlyTrashed" => rule.OnlyTrashed(),
        "ignore" => rule.Ignore(Value(call.Arguments[0]), call.Arguments.Count > 1 ? Text(call.Arguments[1]) : "id"),
        _ => throw Unmapped(call),
    };

    public static DateRule Date(DateRule rule, PhpNode.Call call) => call.Method switch
    {
        "format" => rule.Format(Text(call.Arguments[0])),
        "beforeToday" => rule.BeforeToday(),
        "afterToday" => rule.AfterToday(),
        "todayOrBefore" => rule.TodayOrBefore(),
        "todayOrAfter" => rule.TodayOrAfter(),
        "past" => rule.Past(),
        "future" => rule.Future(),
        "nowOrPast" => rule.NowOrPast(),
        "nowOrFuture" => rule.NowOrFuture(),
        "before" => rule.Before(Text(call.Arguments[0])),
        "after" => rule.After(Text(call.Arguments[0])),
        "beforeOrEqual" => rule.BeforeOrEqual(Text(call.Arguments[0])),
        "afterOrEqual" => rule.AfterOrEqual(Text(call.Arguments[0])),
        "between" => rule.Between(Text(call.Arguments[0]), Text(call.Arguments[1])),
        "betweenOrEqual" => rule.BetweenOrEqual(Text(call.Arguments[0]), Text(call.Arguments[1])),
        _ => throw Unmapped(call),
    };

    public static EmailRule Email(EmailRule rule, PhpNode.Call call) => call.Method switch
    {
        "rfcCompliant" => rule.RfcCompliant(Flag(call)),
        "strict" => rule.Strict(),
        "preventSpoofing" => rule.PreventSpoofing(),
        "withNativeValidation" => rule.WithNativeValidation(Flag(call)),
        _ => throw Unmapped(call),
    };

    public static NumericRule Numeric(NumericRule rule, PhpNode.Call call) => call.Method switch
    {
        "between" => rule.Between(Decimal(call.Arguments[0]), Decimal(call.Arguments[1])),
        "digits" => rule.Digits(Number(call, 0)),
        "digitsBetween" => rule.DigitsBetween(Number(call, 0), Number(call, 1)),
        "integer" => rule.Integer(Flag(call)),
        "decimal" => rule.Decimal(Number(call, 0), call.Arguments.Count > 1 ? Number(call, 1) : null),
        "max" => rule.Max(Decimal(call.Arguments[0])),
        "min" => rule.Min(Decimal(call.Arguments[0])),
        "maxDigits" => rule.MaxDigits(Number(call, 0)),
        "minDigits" => rule.MinDigits(Number(call, 0)),
        "multipleOf" => rule.MultipleOf(Decimal(call.Arguments[0])),
        "exactly" => rule.Exactly(Number(call, 0)),
        "greaterThan" => rule.GreaterThan(Text(call.Arguments[0])),
        "greaterThanOrEqualTo" => rule.GreaterThanOrEqualTo(Text(call.Arguments[0])),
        "lessThan" => rule.LessThan(Text(call.Arguments[0])),
        "lessThanOrEqualTo" => rule.LessThanOrEqualTo(Text(call.Arguments[0])),
        "same" => rule.Same(Text(call.Arguments[0])),
        "different" => rule.Different(Text(call.Arguments[0])),
        _ => throw Unmapped(call),
    };

    public static StringRule Letters(StringRule rule, PhpNode.Call call) => call.Method switch
    {
        "alpha" => rule.Alpha(Flag(call)),
        "alphaDash" => rule.AlphaDash(Flag(call)),
        "alphaNumeric" => rule.AlphaNumeric(Flag(call)),
        "ascii" => rule.Ascii(),
        "between" => rule.Between(Number(call, 0), Number(call, 1)),
        "exactly" => rule.Exactly(Number(call, 0)),
        "lowercase" => rule.Lowercase(),
        "uppercase" => rule.Uppercase(),
        "max" => rule.Max(Number(call, 0)),
        "min" => rule.Min(Number(call, 0)),
        "startsWith" => rule.StartsWith(call.Arguments.Select(Text)),
        "endsWith" => rule.EndsWith(call.Arguments.Select(Text)),
        "doesntStartWith" => rule.DoesntStartWith(call.Arguments.Select(Text)),
        "doesntEndWith" => rule.DoesntEndWith(call.Arguments.Select(Text)),
        _ => throw Unmapped(call),
    };

    public static FileRule File(FileRule rule, PhpNode.Call call) => call.Method switch
    {
        "types" => rule.Types([.. Values(call.Arguments).Select(type => type.ToString())]),
        "extensions" => rule.Extensions(Values(call.Arguments).Select(extension => extension.ToString())),
        "size" => rule.Size(Text(call.Arguments[0])),
        "min" => rule.Min(Text(call.Arguments[0])),
        "max" => rule.Max(Text(call.Arguments[0])),
        "between" => rule.Between(Text(call.Arguments[0]), Text(call.Arguments[1])),
        "encoding" => rule.Encoding(Text(call.Arguments[0])),
        _ => throw Unmapped(call),
    };

    public static DimensionsRule Dimensions(DimensionsRule rule, PhpNode.Call call) => call.Method switch
    {
        "width" => rule.Width(Number(call, 0)),
        "height" => rule.Height(Number(call, 0)),
        "minWidth" => rule.MinWidth(Number(call, 0)),
        "minHeight" => rule.MinHeight(Number(call, 0)),
        "maxWidth" => rule.MaxWidth(Number(call, 0)),
        "maxHeight" => rule.MaxHeight(Number(call, 0)),
        "ratio" => rule.Ratio((double)PhpRules.Decimal(call.Arguments[0])),
        _ => throw Unmapped(call),
    };

    /// <summary>An argument that is false by default, with or without its name.</summary>
    public static bool Flag(PhpNode.Call call) => call.Arguments.Count > 0 && Value(call.Arguments[0]).AsBoolean == true;

    private static PresenceRule Comparison(PresenceRule rule, string closure)
    {
        var match = Regex.Match(closure, """->where\(["'](?<column>\w+)["'],\s*(?:["'](?<op>[<>=!]+)["'],\s*)?(?<value>[^)]+)\)""");
        var comparison = match.Groups["op"].Value switch
        {
            ">" => PresenceOperator.Greater,
            ">=" => PresenceOperator.GreaterOrEqual,
            "<" => PresenceOperator.Less,
            "<=" => PresenceOperator.LessOrEqual,
            "!=" or "<>" => PresenceOperator.NotEqual,
            _ => PresenceOperator.Equal,
        };
        return rule.Where(match.Groups["column"].Value, comparison, Value(PhpReader.Read(match.Groups["value"].Value)));
    }

    private static int Number(PhpNode.Call call, int index) => int.Parse(Text(call.Arguments[index]), CultureInfo.InvariantCulture);

    private static FormatException Unmapped(PhpNode.Call call) => new($"->{call.Method} is not mapped");
}
