namespace Securely.Validation;

/// <summary>
/// The rules that may be used by name: all built-in ones and yours. Names are found whatever their case and with or without underscores.
/// Fill it before rules are read; reading is thread-safe.
/// </summary>
public sealed class RuleRegistry
{
    private readonly Dictionary<string, RuleDefinition> _rules;

    /// <summary>A registry with the built-in rules.</summary>
    public RuleRegistry()
        : this(BuiltInRules.Create())
    {
    }

    private RuleRegistry(Dictionary<string, RuleDefinition> rules) => _rules = rules;

    /// <summary>The registry of the built-in rules; what a <see cref="RuleSet"/> uses when it is given none. Adding to it throws.</summary>
    public static RuleRegistry BuiltIn { get; } = new(BuiltInRules.Create()) { IsFrozen = true };

    /// <summary>The names of all rules, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _rules.Values.Select(rule => rule.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private bool IsFrozen { get; init; }

    /// <summary>Adds a rule, or replaces the one of its name.</summary>
    /// <exception cref="InvalidOperationException">This is <see cref="BuiltIn"/>.</exception>
    public RuleRegistry Add(IRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (IsFrozen)
            throw new InvalidOperationException($"Rule [{rule.Name}] cannot be added to the built-in registry; make one with new RuleRegistry()");
        _rules[Key(rule.Name)] = new RuleDefinition { Name = rule.Name, Custom = rule, Traits = rule.IsImplicit ? RuleTraits.Implicit : RuleTraits.None };
        return this;
    }

    /// <summary>Adds a rule that is a function.</summary>
    /// <param name="name">Its name, in lower case with underscores.</param>
    /// <param name="passes">Whether a value passes.</param>
    /// <param name="message">The message of its failure.</param>
    public RuleRegistry Add(string name, Func<RuleContext, bool> passes, string? message = null) =>
        Add(new DelegateRule(name, passes, message));

    internal static string Key(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal)
        .Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();

    internal RuleDefinition Find(string name)
    {
        var key = Key(name);
        if (_rules.TryGetValue(key, out var rule) || (key is "int" or "bool" && _rules.TryGetValue(key == "int" ? "integer" : "boolean", out rule)))
            return rule;
        var near = NearName.Of(name, _rules.Values.Select(known => known.Name));
        throw new RuleException($"Rule [{name}] is not known{(near is null ? "; add it to the registry" : $"; did you mean [{near}]?")}");
    }
}
