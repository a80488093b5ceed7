using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about being there and being filled, whatever the other fields say.</summary>
internal static class PresenceRules
{
    public static readonly RuleDefinition[] All =
    [
        Mark("bail"),
        Mark("nullable"),
        Mark("sometimes"),
        Rule("required", context => IsFilled(context.Value), traits: RuleTraits.Implicit),
        Rule("filled", context => !context.Has(context.Path) || IsFilled(context.Value), traits: RuleTraits.Implicit),
        Rule("present", context => context.Has(context.Path), traits: RuleTraits.Implicit),
        Rule("missing", context => !context.Has(context.Path), traits: RuleTraits.Implicit),
        Rule("prohibited", context => !IsFilled(context.Value), traits: RuleTraits.Dependent),
        Rule("exclude", _ => false, traits: RuleTraits.Exclude),
        Rule("accepted", context => IsAccepted(context.Value), traits: RuleTraits.Implicit),
        Rule("declined", context => IsDeclined(context.Value), traits: RuleTraits.Implicit),
    ];

    /// <summary>Not nothing, not blank text, not an empty list or map.</summary>
    public static bool IsFilled(FieldValue value) => value.Kind switch
    {
        FieldKind.Null => false,
        FieldKind.Text => !PhpText.IsBlank(value.AsText!),
        FieldKind.List or FieldKind.Map => value.Count > 0,
        _ => true,
    };

    public static bool IsAccepted(FieldValue value) => value.Kind switch
    {
        FieldKind.Boolean => value.AsBoolean!.Value,
        FieldKind.Integer => value.AsInteger == 1,
        FieldKind.Text => value.AsText is "yes" or "on" or "1" or "true",
        _ => false,
    };

    public static bool IsDeclined(FieldValue value) => value.Kind switch
    {
        FieldKind.Boolean => !value.AsBoolean!.Value,
        FieldKind.Integer => value.AsInteger == 0,
        FieldKind.Text => value.AsText is "no" or "off" or "0" or "false",
        _ => false,
    };
}
