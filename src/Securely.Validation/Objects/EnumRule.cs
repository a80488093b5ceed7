namespace Securely.Validation;

/// <summary>One of the backing values of an enumeration. Numeric texts match numbers and numbers match texts, as forms send text only.</summary>
public sealed class EnumRule : RuleEntry, IRule
{
    private readonly IReadOnlyList<FieldValue> _values;

    internal EnumRule(IReadOnlyList<FieldValue> values) => _values = values;

    string IRule.Name => "enum";

    /// <summary>Only these of the values.</summary>
    public EnumRule Only(params IReadOnlyList<FieldValue> values) => new([.. _values.Where(values.Contains)]);

    /// <summary>All values but these.</summary>
    public EnumRule Except(params IReadOnlyList<FieldValue> values) => new([.. _values.Where(value => !values.Contains(value))]);

    ValueTask<bool> IRule.PassesAsync(RuleContext context, CancellationToken cancellationToken) =>
        new(_values.Any(allowed => IsSame(allowed, context.Value)));

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => Rule.Of(this).AddTo(parts, registry);

    private static bool IsSame(FieldValue allowed, FieldValue value)
    {
        if (value.IsNull || value.IsArray || value.Kind == FieldKind.Upload)
            return false;
        if (allowed.Kind == FieldKind.Text)
            return allowed.AsText == PhpText.Of(value);
        if (value.AsText is { } text)
            return PhpNumber.TryRead(text, out var number) && number.AsFloat == allowed.AsFloat;
        return (value.AsFloat ?? (value.AsBoolean == true ? 1 : 0)) == allowed.AsFloat;
    }
}
