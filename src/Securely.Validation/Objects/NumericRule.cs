using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Securely.Validation;

/// <summary>A number with bounds. Each call returns a new rule.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "The names are those of the rules.")]
public sealed class NumericRule : RuleEntry
{
    private readonly string[] _rules;

    internal NumericRule(params string[] rules) => _rules = rules.Length == 0 ? ["numeric"] : rules;

    /// <summary>Within bounds, both included.</summary>
    public NumericRule Between(decimal minimum, decimal maximum) => With("between:" + Text(minimum) + "," + Text(maximum));

    /// <summary>With so many decimal places, or with that many at least and so many at most.</summary>
    public NumericRule Decimal(int minimum, int? maximum = null) => With(maximum is null ? $"decimal:{minimum}" : $"decimal:{minimum},{maximum}");

    /// <summary>Not equal to another field.</summary>
    public NumericRule Different(string field) => With("different:" + field);

    /// <summary>A whole number of so many digits.</summary>
    public NumericRule Digits(int length) => Integer().With($"digits:{length}");

    /// <summary>A whole number of at least and at most so many digits.</summary>
    public NumericRule DigitsBetween(int minimum, int maximum) => Integer().With($"digits_between:{minimum},{maximum}");

    /// <summary>Greater than another field.</summary>
    public NumericRule GreaterThan(string field) => With("gt:" + field);

    /// <summary>Greater than another field or equal to it.</summary>
    public NumericRule GreaterThanOrEqualTo(string field) => With("gte:" + field);

    /// <summary>A whole number; strict refuses text.</summary>
    public NumericRule Integer(bool strict = false) => With(strict ? "integer:strict" : "integer");

    /// <summary>Less than another field.</summary>
    public NumericRule LessThan(string field) => With("lt:" + field);

    /// <summary>Less than another field or equal to it.</summary>
    public NumericRule LessThanOrEqualTo(string field) => With("lte:" + field);

    /// <summary>At most.</summary>
    public NumericRule Max(decimal value) => With("max:" + Text(value));

    /// <summary>At most so many digits.</summary>
    public NumericRule MaxDigits(int value) => With($"max_digits:{value}");

    /// <summary>At least.</summary>
    public NumericRule Min(decimal value) => With("min:" + Text(value));

    /// <summary>At least so many digits.</summary>
    public NumericRule MinDigits(int value) => With($"min_digits:{value}");

    /// <summary>A whole multiple.</summary>
    public NumericRule MultipleOf(decimal value) => With("multiple_of:" + Text(value));

    /// <summary>Identical to another field.</summary>
    public NumericRule Same(string field) => With("same:" + field);

    /// <summary>Exactly this whole number.</summary>
    public NumericRule Exactly(long value) => Integer().With("size:" + value.ToString(CultureInfo.InvariantCulture));

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => new TextEntry(_rules).AddTo(parts, registry);

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private NumericRule With(string rule) => _rules.Contains(rule, StringComparer.Ordinal) ? this : new([.. _rules, rule]);
}
