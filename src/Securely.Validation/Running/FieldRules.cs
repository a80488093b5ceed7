namespace Securely.Validation;

/// <summary>The rules of a field in order, and what they say together.</summary>
internal sealed class FieldRules
{
    public FieldRules(IReadOnlyList<RuleUse> uses)
    {
        Uses = [.. uses];
        foreach (var use in Uses)
        {
            Traits |= use.Definition.Traits;
            IsBail |= use.Definition.Name == "bail";
            IsNullable |= use.Definition.Name == "nullable";
            IsSometimes |= use.Definition.Name == "sometimes";
            IsArray |= use.Definition.Name == "array";
            IsListOrArray |= use.Definition.Name is "array" or "list";
            IsBoolean |= use.Definition.Name == "boolean" && use.Parameters.Length == 0;
            IsBareArray |= use.Definition.Name is "array" or "list" && use.Parameters.Length == 0;
            DateFormat ??= use.Definition.Name == "date_format" && use.Parameters.Length > 0 ? use.Parameters[0] : null;
        }
    }

    public RuleUse[] Uses { get; }

    public RuleTraits Traits { get; }

    public bool IsBail { get; }

    public bool IsNullable { get; }

    public bool IsSometimes { get; }

    public bool IsArray { get; }

    public bool IsListOrArray { get; }

    public bool IsBoolean { get; }

    /// <summary>Whether the field is a list or map whose entries have rules of their own, so only those are kept.</summary>
    public bool IsBareArray { get; }

    public string? DateFormat { get; }

    public bool Is(RuleTraits trait) => (Traits & trait) != 0;

    public bool Has(string name) => Array.Exists(Uses, use => use.Definition.Name == name);

    public FieldRules With(FieldRules more) => new([.. Uses, .. more.Uses]);
}
