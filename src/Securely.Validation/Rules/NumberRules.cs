using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about numbers and their digits.</summary>
internal static class NumberRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("numeric", IsNumeric, traits: RuleTraits.Numeric),
        Rule("integer", IsInteger, traits: RuleTraits.Numeric),
        Rule("decimal", HasDecimals, 1, RuleTraits.Numeric, use => Bounds(use, 2)),
        Rule("multiple_of", IsMultiple, 1),
        Rule("digits", context => Digits(context) is { } count && count == Bound(context, 0), 1, prepare: use => Bounds(use, 1)),
        Rule("digits_between", context => Digits(context) is { } count && count >= Bound(context, 0) && count <= Bound(context, 1), 2, prepare: use => Bounds(use, 2)),
        Rule("min_digits", context => Digits(context) is { } count && count >= Bound(context, 0), 1, prepare: use => Bounds(use, 1)),
        Rule("max_digits", context => Digits(context) is { } count && count <= Bound(context, 0), 1, prepare: use => Bounds(use, 1)),
    ];

    private static bool IsNumeric(RuleContext context) => context.Parameter(0) == "strict"
        ? context.Value.Kind is FieldKind.Integer or FieldKind.Float
        : PhpNumber.IsNumeric(context.Value);

    private static bool IsInteger(RuleContext context) => context.Parameter(0) == "strict"
        ? context.Value.Kind == FieldKind.Integer
        : PhpNumber.IsFilterInteger(context.Value);

    /// <summary>Counts what follows the point as it is written; exponents and blanks are no decimal writing.</summary>
    private static bool HasDecimals(RuleContext context)
    {
        if (!PhpNumber.IsNumeric(context.Value))
            return false;
        var text = PhpText.Of(context.Value);
        var digits = text.AsSpan(text[0] is '+' or '-' ? 1 : 0).TrimEnd('\n');
        var dot = digits.IndexOf('.');
        var whole = dot < 0 ? digits : digits[..dot];
        var decimals = dot < 0 ? default : digits[(dot + 1)..];
        if (whole.ContainsAnyExceptInRange('0', '9') || decimals.ContainsAnyExceptInRange('0', '9'))
            return false;
        var least = Bound(context, 0);
        return decimals.Length >= least && decimals.Length <= (context.Parameters.Count > 1 ? Bound(context, 1) : least);
    }

    private static bool IsMultiple(RuleContext context) =>
        PhpNumber.IsNumeric(context.Value)
        && DecimalNumber.TryParse(PhpText.Of(context.Value), out var value)
        && DecimalNumber.TryParse(context.Text(0), out var divisor)
        && value.IsMultipleOf(divisor);

    private static int? Digits(RuleContext context) =>
        StringRules.TextOrNumber(context.Value) is { } text && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? text.Length : null;

    private static double Bound(RuleContext context, int index) => ((double[])context.Use.Prepared!)[index];

    private static void Bounds(RuleUse use, int count)
    {
        var bounds = new double[Math.Min(count, use.Parameters.Length)];
        for (var i = 0; i < bounds.Length; i++)
        {
            if (!PhpNumber.TryRead(use.Parameters[i] ?? "", out var number))
                throw new RuleException($"Rule [{use.Definition.Name}] needs numbers, [{use.Parameters[i]}] is none");
            bounds[i] = number.AsFloat!.Value;
        }

        use.Prepared = bounds;
    }
}
