namespace Securely.Validation;

/// <summary>Brings the families of rules together.</summary>
internal static class BuiltInRules
{
    public static Dictionary<string, RuleDefinition> Create()
    {
        var rules = new Dictionary<string, RuleDefinition>(StringComparer.Ordinal);
        RuleDefinition[][] families =
        [
            PresenceRules.All, ConditionalRules.All, ComparisonRules.All, StringRules.All, PatternRules.All, NumberRules.All, SizeRules.All,
            DateRules.All, FormatRules.All, NetworkRules.All, CollectionRules.All, FileRules.All, LookupRules.All,
        ];
        foreach (var rule in families.SelectMany(family => family))
            rules.Add(RuleRegistry.Key(rule.Name), rule);
        return rules;
    }

    public static RuleDefinition Rule(string name, Func<RuleContext, bool> check, int parameters = 0, RuleTraits traits = RuleTraits.None, Action<RuleUse>? prepare = null) =>
        new() { Name = name, Check = check, MinimumParameters = parameters, Traits = traits, Prepare = prepare };

    /// <summary>A rule that only says something about the field.</summary>
    public static RuleDefinition Mark(string name) => new() { Name = name };
}
