using System.Collections;

namespace Securely.Validation;

/// <summary>
/// The rules of a form: field to rules. Fields are paths with dots and wildcards (<c>users.*.email</c>). Rules are read when they are set,
/// so a misspelled one is found before any data comes. Fill it once, then share it: validations only read it.
/// </summary>
public sealed class RuleSet : IEnumerable<string>
{
    private readonly RuleRegistry _registry;
    private readonly List<(FieldPath Path, IReadOnlyList<RulePart> Parts)> _fields = [];
    private FieldPlan? _shared;
    private bool _isShareable = true;

    /// <summary>An empty set.</summary>
    /// <param name="registry">The rules that may be used by name; the built-in ones when it is null.</param>
    public RuleSet(RuleRegistry? registry = null) => _registry = registry ?? RuleRegistry.BuiltIn;

    /// <summary>Sets the rules of a field; a field that has some gets these instead.</summary>
    /// <exception cref="RuleException">A rule cannot be read.</exception>
    public RuleList this[string field]
    {
        set => Set(field, value);
    }

    /// <summary>Sets the rules of a field; what a collection initializer calls.</summary>
    /// <exception cref="RuleException">A rule cannot be read.</exception>
    public void Add(string field, RuleList rules) => Set(field, rules);

    /// <summary>The fields as they were written, in order.</summary>
    public IEnumerator<string> GetEnumerator() => _fields.Select(field => field.Path.ToString()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal IReadOnlyList<RulePart> Read(RuleList rules) => rules.Read(_registry);

    /// <summary>The fields for some data: one shared plan when no rule depends on the data.</summary>
    internal FieldPlan PlanFor(FieldValue data, int maximumFields)
    {
        if (_isShareable)
            return _shared ??= Expand(default, maximumFields);
        return Expand(data, maximumFields);
    }

    private FieldPlan Expand(FieldValue data, int maximumFields)
    {
        var plan = new FieldPlan();
        var expansion = new WildcardExpansion(data, plan, maximumFields, Read);
        foreach (var (path, parts) in _fields)
        {
            if (!path.HasWildcard)
                expansion.Add(path, parts, replace: true);
        }

        foreach (var (path, parts) in _fields)
        {
            if (path.HasWildcard)
                expansion.Add(path, parts, replace: false);
        }

        return plan;
    }

    private void Set(string field, RuleList rules)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(rules);
        IReadOnlyList<RulePart> parts;
        try
        {
            parts = rules.Read(_registry);
        }
        catch (RuleException fault) when (fault.Field is null)
        {
            throw new RuleException($"Field [{field}]: {fault.Message}", fault) { Field = field };
        }

        var path = FieldPath.Parse(field);
        var place = _fields.FindIndex(known => known.Path.Equals(path));
        if (place < 0)
            _fields.Add((path, parts));
        else
            _fields[place] = (path, parts);
        _isShareable &= !path.HasWildcard && parts.All(part => part is RulePart.One);
        _shared = null;
    }
}
