using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules about lists and maps and what is in them.</summary>
internal static class CollectionRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("array", context => context.Value.IsArray && (context.Parameters.Count == 0 || HasOnlyKnownKeys(context))),
        Rule("array_keys", context => context.Value.IsArray && HasOnlyKnownKeys(context), 1),
        Rule("list", context => context.Value.IsList),
        Rule("required_array_keys", context => context.Value.IsArray && context.Parameters.All(key => HasKey(context.Value, key))),
        Rule("in_array_keys", context => context.Value.IsArray && context.Parameters.Any(key => HasKey(context.Value, key))),
        Rule("contains", context => context.Value.IsArray && context.Parameters.All(wanted => Contains(context.Value, wanted))),
        Rule("doesnt_contain", context => context.Value.IsArray && !context.Parameters.Any(unwanted => Contains(context.Value, unwanted))),
        Rule("in_array", IsInOther, 1, prepare: use => use.Prepared = FieldPath.Parse(use.Parameters[0] ?? "")),
        Rule("distinct", DistinctValues.IsDistinct),
    ];

    private static bool HasOnlyKnownKeys(RuleContext context)
    {
        var value = context.Value;
        for (var i = 0; i < value.Count; i++)
        {
            if (!context.Parameters.Contains(value.KeyAt(i), StringComparer.Ordinal))
                return false;
        }

        return true;
    }

    private static bool HasKey(FieldValue value, string? key) => value.IndexOf(key ?? "") >= 0;

    private static bool Contains(FieldValue value, string? wanted)
    {
        for (var i = 0; i < value.Count; i++)
        {
            if (PhpEquality.Loose(wanted, value.ValueAt(i)))
                return true;
        }

        return false;
    }

    /// <summary>Whether the value is among those that the other path finds; a path without a wildcard names a single value that is no list.</summary>
    private static bool IsInOther(RuleContext context)
    {
        foreach (var candidate in Leaves.Matching(context.Data, (FieldPath)context.Use.Prepared!, acrossDots: true))
        {
            if (PhpEquality.Loose(context.Value, candidate.Value))
                return true;
        }

        return false;
    }
}
