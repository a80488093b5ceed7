using System.Diagnostics.CodeAnalysis;

namespace Securely.Validation;

/// <summary>Makes rule objects, for what is unwieldy as text: values with commas, conditions, functions, database questions.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names are those of the rules.")]
public static class Rule
{
    /// <summary>One of these values.</summary>
    public static RuleEntry In(params IEnumerable<FieldValue> values) => Listed("in", values);

    /// <summary>None of these values.</summary>
    public static RuleEntry NotIn(params IEnumerable<FieldValue> values) => Listed("not_in", values);

    /// <summary>A list or map with all of these values.</summary>
    public static RuleEntry Contains(params IEnumerable<FieldValue> values) => Listed("contains", values);

    /// <summary>A list or map with none of these values.</summary>
    public static RuleEntry DoesntContain(params IEnumerable<FieldValue> values) => Listed("doesnt_contain", values);

    /// <summary>A list or map; with keys given, one that has no others.</summary>
    public static RuleEntry Array(params IEnumerable<string> keys) => Listed("array", keys.Select(key => (FieldValue)key));

    /// <summary>A list or map that has no other keys than these.</summary>
    public static RuleEntry ArrayKeys(params IEnumerable<string> keys) => Listed("array_keys", keys.Select(key => (FieldValue)key));

    /// <summary>Rules that hold when a condition on the data does, and others when it does not.</summary>
    public static RuleEntry When(Func<FieldValue, bool> condition, RuleList rules, RuleList? otherwise = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        ArgumentNullException.ThrowIfNull(rules);
        return new ConditionEntry(condition, rules, otherwise);
    }

    /// <summary>Rules that hold when a condition does, and others when it does not.</summary>
    public static RuleEntry When(bool condition, RuleList rules, RuleList? otherwise = null) => When(_ => condition, rules, otherwise);

    /// <summary>Rules that hold unless a condition on the data does.</summary>
    public static RuleEntry Unless(Func<FieldValue, bool> condition, RuleList rules, RuleList? otherwise = null)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return When(data => !condition(data), rules, otherwise);
    }

    /// <summary>Rules that hold unless a condition does.</summary>
    public static RuleEntry Unless(bool condition, RuleList rules, RuleList? otherwise = null) => When(!condition, rules, otherwise);

    /// <summary><c>required</c> when a condition on the data holds.</summary>
    public static RuleEntry RequiredIf(Func<FieldValue, bool> condition) => When(condition, "required");

    /// <summary><c>required</c> when a condition holds.</summary>
    public static RuleEntry RequiredIf(bool condition) => When(condition, "required");

    /// <summary><c>required</c> unless a condition on the data holds.</summary>
    public static RuleEntry RequiredUnless(Func<FieldValue, bool> condition) => Unless(condition, "required");

    /// <summary><c>prohibited</c> when a condition on the data holds.</summary>
    public static RuleEntry ProhibitedIf(Func<FieldValue, bool> condition) => When(condition, "prohibited");

    /// <summary><c>prohibited</c> when a condition holds.</summary>
    public static RuleEntry ProhibitedIf(bool condition) => When(condition, "prohibited");

    /// <summary><c>prohibited</c> unless a condition on the data holds.</summary>
    public static RuleEntry ProhibitedUnless(Func<FieldValue, bool> condition) => Unless(condition, "prohibited");

    /// <summary><c>exclude</c> when a condition on the data holds.</summary>
    public static RuleEntry ExcludeIf(Func<FieldValue, bool> condition) => When(condition, "exclude");

    /// <summary><c>exclude</c> when a condition holds.</summary>
    public static RuleEntry ExcludeIf(bool condition) => When(condition, "exclude");

    /// <summary><c>exclude</c> unless a condition on the data holds.</summary>
    public static RuleEntry ExcludeUnless(Func<FieldValue, bool> condition) => Unless(condition, "exclude");

    /// <summary>Rules that depend on each value that a wildcard finds; the function is told the value and the field.</summary>
    public static RuleEntry ForEach(Func<FieldValue, string, RuleList> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new EachEntry(rules);
    }

    /// <summary>Passes when one of several lists of rules does.</summary>
    public static RuleEntry AnyOf(params IEnumerable<RuleList> alternatives)
    {
        RuleList[] all = [.. alternatives];
        return Of(new AnyOfRule(all));
    }

    /// <summary>A rule of your own.</summary>
    public static RuleEntry Of(IRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return new ObjectEntry(
            new RuleDefinition { Name = rule.Name, Custom = rule, Traits = rule.IsImplicit ? RuleTraits.Implicit : RuleTraits.None }, []);
    }

    /// <summary>A rule that is a function: false fails with the message, or with those that it gave to <see cref="RuleContext.Fail(string)"/>.</summary>
    public static RuleEntry Using(Func<RuleContext, bool> passes, string? message = null)
    {
        ArgumentNullException.ThrowIfNull(passes);
        return Of(new DelegateRule("custom", passes, message));
    }

    /// <summary>Passes when a check that needs no parameters allows the value: a permission, a quota.</summary>
    public static RuleEntry Can(Func<FieldValue, bool> isAllowed)
    {
        ArgumentNullException.ThrowIfNull(isAllowed);
        return Of(new DelegateRule("can", context => isAllowed(context.Value), null));
    }

    /// <summary>One of the backing values of an enumeration: numbers or texts.</summary>
    public static EnumRule Enum(params IEnumerable<FieldValue> values) => new([.. values]);

    /// <summary>The number of a member of an enumeration.</summary>
    public static EnumRule Enum<T>()
        where T : struct, Enum =>
        new([.. System.Enum.GetValues<T>().Select(member => (FieldValue)Convert.ToInt64(member, System.Globalization.CultureInfo.InvariantCulture))]);

    /// <summary>The name of a member of an enumeration.</summary>
    public static EnumRule EnumNames<T>()
        where T : struct, Enum => new([.. System.Enum.GetNames<T>().Select(name => (FieldValue)name)]);

    /// <summary>A row with the value exists in a store.</summary>
    public static PresenceRule Exists(string table, string? column = null) => new(LookupRules.Exists, table, column);

    /// <summary>No row with the value exists in a store.</summary>
    public static PresenceRule Unique(string table, string? column = null) => new(LookupRules.Unique, table, column);

    /// <summary>A date, with bounds.</summary>
    public static DateRule Date() => new();

    /// <summary>A moment, written as <c>2025-03-15 12:34:56</c>, with bounds.</summary>
    public static DateRule DateTime() => new("Y-m-d H:i:s");

    /// <summary>A number, with bounds.</summary>
    public static NumericRule Numeric() => new();

    /// <summary>Text, with bounds.</summary>
    public static StringRule String() => new();

    /// <summary>A mail address, by chosen checks.</summary>
    public static EmailRule Email() => new();

    /// <summary>A file, by type and size.</summary>
    public static FileRule File() => new();

    /// <summary>An image, by type and size.</summary>
    public static FileRule ImageFile(bool allowSvg = false) => new FileRule().Image(allowSvg);

    /// <summary>An image, by its size in pixels; at least one bound has to follow.</summary>
    public static DimensionsRule Dimensions() => new();

    /// <summary>A password of at least so many characters.</summary>
    public static PasswordRule Password(int minimum = 8) => new(minimum);

    private static TextEntry Listed(string rule, IEnumerable<FieldValue> values)
    {
        var quoted = string.Join(',', values.Select(value => RuleParser.Quote(PhpText.Of(value))));
        return new TextEntry([quoted.Length == 0 ? rule : rule + ":" + quoted]);
    }
}
