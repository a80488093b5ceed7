using System.Collections;
using System.Runtime.CompilerServices;

namespace Securely.Validation;

/// <summary>
/// The rules of one field in order: a rule string (<c>"required|max:255"</c>) or a list (<c>["required", Rule.In("a", "b")]</c>). Immutable.
/// </summary>
[CollectionBuilder(typeof(RuleList), nameof(Create))]
public sealed class RuleList : IEnumerable<RuleEntry>
{
    private readonly RuleEntry[] _entries;

    private RuleList(RuleEntry[] entries) => _entries = entries;

    /// <summary>Rules with bars between them.</summary>
    public static implicit operator RuleList(string rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new RuleList([new TextEntry(rules.Split('|'))]);
    }

    /// <summary>A single rule object.</summary>
    public static implicit operator RuleList(RuleEntry rule) => new([rule]);

    /// <summary>A list of rules.</summary>
    public static RuleList Create(ReadOnlySpan<RuleEntry> entries) => new(entries.ToArray());

    /// <inheritdoc/>
    public IEnumerator<RuleEntry> GetEnumerator() => ((IEnumerable<RuleEntry>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    internal IReadOnlyList<RulePart> Read(RuleRegistry registry)
    {
        var parts = new List<RulePart>();
        foreach (var entry in _entries)
            entry.AddTo(parts, registry);
        return parts;
    }
}
