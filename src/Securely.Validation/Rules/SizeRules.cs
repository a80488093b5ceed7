using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about how much: of a number itself, else characters, entries or kibibytes.</summary>
internal static class SizeRules
{
    private const RuleTraits Sized = RuleTraits.Size | RuleTraits.File;
    private const RuleTraits Compared = RuleTraits.Size | RuleTraits.Comparing | RuleTraits.Dependent;

    public static readonly RuleDefinition[] All =
    [
        Rule("size", context => Against(context, 0) is 0, 1, Sized, use => Bounds(use, 1)),
        Rule("min", context => Against(context, 0) is >= 0, 1, Sized, use => Bounds(use, 1)),
        Rule("max", context => Against(context, 0) is <= 0, 1, Sized, use => Bounds(use, 1)),
        Rule("between", context => Against(context, 0) is >= 0 && Against(context, 1) is <= 0, 2, Sized, use => Bounds(use, 2)),
        Rule("gt", context => WithOther(context) is > 0, 1, Compared),
        Rule("gte", context => WithOther(context) is >= 0, 1, Compared),
        Rule("lt", context => WithOther(context) is < 0, 1, Compared),
        Rule("lte", context => WithOther(context) is <= 0, 1, Compared),
    ];

    private static int? Against(RuleContext context, int index) =>
        FieldSize.TryMeasure(context.Value, context.IsNumeric, out var size) ? size.CompareTo(((DecimalNumber[])context.Use.Prepared!)[index]) : null;

    private static void Bounds(RuleUse use, int count)
    {
        var bounds = new DecimalNumber[count];
        for (var i = 0; i < count; i++)
        {
            if (!DecimalNumber.TryParse(use.Parameters[i] ?? "", out bounds[i]))
                throw new RuleException($"Rule [{use.Definition.Name}] needs a number, [{use.Parameters[i]}] is none; files are measured in KiB, so write 1024 for a mebibyte");
        }

        use.Prepared = bounds;
    }

    /// <summary>
    /// Compares with a number or with another field of the same kind. Null is no comparison: kinds differ, or a number stands where a field
    /// has that name.
    /// </summary>
    private static int? WithOther(RuleContext context)
    {
        var value = context.Value;
        var other = context.Other(0);
        var isBound = PhpNumber.IsNumeric(context.Text(0));
        if (isBound)
        {
            return other.IsNull && PhpNumber.IsNumeric(value)
                && FieldSize.TryMeasure(value, true, out var number) && DecimalNumber.TryParse(context.Text(0), out var bound)
                ? number.CompareTo(bound)
                : null;
        }

        var bothNumeric = context.IsNumeric && PhpNumber.IsNumeric(value) && PhpNumber.IsNumeric(other);
        if (!bothNumeric && !IsSameKind(value, other))
            return null;
        return FieldSize.TryMeasure(value, context.IsNumeric, out var left) && FieldSize.TryMeasure(other, context.IsNumeric, out var right)
            ? left.CompareTo(right)
            : null;
    }

    private static bool IsSameKind(FieldValue left, FieldValue right) => left.Kind == right.Kind || (left.IsArray && right.IsArray);
}
