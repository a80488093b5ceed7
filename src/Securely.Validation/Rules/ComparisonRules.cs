using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules that compare a value with given ones or with other fields.</summary>
internal static class ComparisonRules
{
    public static readonly RuleDefinition[] All =
    [
        Rule("same", context => context.Value == context.Other(0), 1, RuleTraits.Dependent),
        Rule("different", IsDifferent, 1, RuleTraits.Dependent),
        Rule("confirmed", IsConfirmed, 0, RuleTraits.Dependent),
        Rule("in", IsIn, 0),
        Rule("not_in", context => !IsIn(context), 0),
        Rule("boolean", IsBoolean),
    ];

    private static bool IsDifferent(RuleContext context)
    {
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            var path = context.OtherPath(i);
            if (context.Has(path) && context.Get(path) == context.Value)
                return false;
        }

        return true;
    }

    private static bool IsConfirmed(RuleContext context)
    {
        if (context.Parameters.Count > 0)
            return context.Value == context.Other(0);
        var last = context.Path.Segments[^1] + "_confirmation";
        var path = context.Path.Segments.Length == 1 ? FieldPath.OfName(last) : context.Path.Parent().Append(last);
        return context.Value == context.Get(path);
    }

    /// <summary>Compares text; of a list that is said to be one, each entry.</summary>
    private static bool IsIn(RuleContext context)
    {
        var value = context.Value;
        if (!value.IsArray)
            return IsAmong(context, PhpText.Of(value));
        if (!context.State.Rules.IsArray)
            return false;
        for (var i = 0; i < value.Count; i++)
        {
            var entry = value.ValueAt(i);
            if (entry.IsArray || !IsAmong(context, PhpText.Of(entry)))
                return false;
        }

        return true;
    }

    private static bool IsAmong(RuleContext context, string text)
    {
        var parameters = context.Parameters;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (string.Equals(parameters[i] ?? (parameters.Count == 1 ? null : ""), text, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static bool IsBoolean(RuleContext context) => context.Value.Kind switch
    {
        FieldKind.Boolean => true,
        FieldKind.Integer => context.Parameter(0) != "strict" && context.Value.AsInteger is (0 or 1),
        FieldKind.Text => context.Parameter(0) != "strict" && context.Value.AsText is ("0" or "1"),
        _ => false,
    };
}
