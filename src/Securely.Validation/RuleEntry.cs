namespace Securely.Validation;

/// <summary>
/// One entry in a field's list of rules: a rule string (<c>"max:255"</c>), a rule object made by <see cref="Rule"/>, or a condition with rules.
/// </summary>
public abstract class RuleEntry
{
    private protected RuleEntry()
    {
    }

    /// <summary>One rule in its text form; a bar in it belongs to the rule, so regular expressions are safe here.</summary>
    public static implicit operator RuleEntry(string rule) => new TextEntry([rule]);

    /// <summary>Adds what the entry stands for, in order.</summary>
    internal abstract void AddTo(List<RulePart> parts, RuleRegistry registry);
}

/// <summary>What is left of an entry after reading it: one rule, or something that is decided for each validation.</summary>
internal abstract class RulePart
{
    public sealed class One(RuleUse use) : RulePart
    {
        public RuleUse Use => use;
    }

    public sealed class Choice(Func<FieldValue, bool> condition, IReadOnlyList<RulePart> yes, IReadOnlyList<RulePart> no) : RulePart
    {
        public IReadOnlyList<RulePart> For(FieldValue data) => condition(data) ? yes : no;
    }

    public sealed class Each(Func<FieldValue, string, RuleList> rules) : RulePart
    {
        public RuleList For(FieldValue value, string field) => rules(value, field);
    }
}

/// <summary>Rules in their text form.</summary>
internal sealed class TextEntry(IReadOnlyList<string> rules) : RuleEntry
{
    internal override void AddTo(List<RulePart> parts, RuleRegistry registry)
    {
        foreach (var rule in rules)
        {
            if (RuleParser.Parse(rule, registry) is { } use)
                parts.Add(new RulePart.One(use));
        }
    }
}

/// <summary>A rule object that is asked directly.</summary>
internal sealed class ObjectEntry(RuleDefinition definition, string?[] parameters, object? prepared = null) : RuleEntry
{
    internal override void AddTo(List<RulePart> parts, RuleRegistry registry)
    {
        var use = new RuleUse(definition, parameters);
        if (prepared is not null)
            use.Prepared = prepared;
        parts.Add(new RulePart.One(use));
    }
}

/// <summary>Rules under a condition.</summary>
internal sealed class ConditionEntry(Func<FieldValue, bool> condition, RuleList yes, RuleList? no) : RuleEntry
{
    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) =>
        parts.Add(new RulePart.Choice(condition, yes.Read(registry), no?.Read(registry) ?? []));
}

/// <summary>Rules that depend on the value of each field that a wildcard found.</summary>
internal sealed class EachEntry(Func<FieldValue, string, RuleList> rules) : RuleEntry
{
    internal override void AddTo(List<RulePart> parts, RuleRegistry registry) => parts.Add(new RulePart.Each(rules));
}
