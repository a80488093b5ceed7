using static Securely.Validation.BuiltInRules;

namespace Securely.Validation;

/// <summary>Rules that hold only when other fields are there, or have one of some values.</summary>
internal static class ConditionalRules
{
    private const RuleTraits Both = RuleTraits.Implicit | RuleTraits.Dependent;
    private const RuleTraits Excluding = RuleTraits.Exclude | RuleTraits.Dependent;

    public static readonly RuleDefinition[] All =
    [
        Rule("accepted_if", context => !Matches(context) || PresenceRules.IsAccepted(context.Value), 2, Both),
        Rule("declined_if", context => !Matches(context) || PresenceRules.IsDeclined(context.Value), 2, Both),

        Rule("required_if", context => !context.Has(context.OtherPath(0)) || !Matches(context) || Filled(context), 2, Both),
        Rule("required_unless", context => Matches(context) || Filled(context), 2, Both),
        Rule("required_if_accepted", context => !PresenceRules.IsAccepted(context.Other(0)) || Filled(context), 1, Both),
        Rule("required_if_declined", context => !PresenceRules.IsDeclined(context.Other(0)) || Filled(context), 1, Both),
        Rule("required_with", context => !AnyFilled(context) || Filled(context), 0, Both),
        Rule("required_with_all", context => AnyEmpty(context) || Filled(context), 0, Both),
        Rule("required_without", context => !AnyEmpty(context) || Filled(context), 0, Both),
        Rule("required_without_all", context => AnyFilled(context) || Filled(context), 0, Both),

        Rule("present_if", context => !Matches(context) || IsThere(context), 2, Both),
        Rule("present_unless", context => Matches(context) || IsThere(context), 2, Both),
        Rule("present_with", context => !AnyThere(context) || IsThere(context), 1, Both),
        Rule("present_with_all", context => !AllThere(context) || IsThere(context), 1, Both),

        Rule("missing_if", context => !Matches(context) || !IsThere(context), 2, Both),
        Rule("missing_unless", context => Matches(context) || !IsThere(context), 2, Both),
        Rule("missing_with", context => !AnyThere(context) || !IsThere(context), 1, Both),
        Rule("missing_with_all", context => !AllThere(context) || !IsThere(context), 1, Both),

        Rule("prohibited_if", context => !Matches(context) || !Filled(context), 2, RuleTraits.Dependent),
        Rule("prohibited_unless", context => Matches(context) || !Filled(context), 2, RuleTraits.Dependent),
        Rule("prohibited_if_accepted", context => !PresenceRules.IsAccepted(context.Other(0)) || !Filled(context), 1, RuleTraits.Dependent),
        Rule("prohibited_if_declined", context => !PresenceRules.IsDeclined(context.Other(0)) || !Filled(context), 1, RuleTraits.Dependent),
        Rule("prohibits", context => !Filled(context) || !AnyFilled(context), 0, RuleTraits.Dependent),

        Rule("exclude_if", context => !context.Has(context.OtherPath(0)) || !Matches(context), 2, Excluding),
        Rule("exclude_unless", Matches, 2, Excluding),
        Rule("exclude_with", context => !context.Has(context.OtherPath(0)), 1, Excluding),
        Rule("exclude_without", context => !AnyEmpty(context), 1, Excluding),
    ];

    /// <summary>
    /// Whether the first parameter's field has one of the values after it. <c>true</c>, <c>false</c> and <c>null</c> mean themselves where the
    /// other field holds such a value, or is said to be a boolean; numbers match numeric texts.
    /// </summary>
    private static bool Matches(RuleContext context)
    {
        var path = context.OtherPath(0);
        var other = context.Get(path);
        var asBooleans = other.Kind == FieldKind.Boolean || context.Validator.Plan.Find(path)?.Rules.IsBoolean == true;
        for (var i = 1; i < context.Parameters.Count; i++)
        {
            var candidate = Candidate(context.Text(i), asBooleans, other.IsNull);
            var isStrict = other.Kind is FieldKind.Boolean or FieldKind.Null;
            if (isStrict ? other == candidate : PhpEquality.Loose(other, candidate))
                return true;
        }

        return false;
    }

    private static FieldValue Candidate(string text, bool asBooleans, bool asNull)
    {
        if (asBooleans && text is ("true" or "false"))
            return text == "true";
        return asNull && text.Equals("null", StringComparison.OrdinalIgnoreCase) ? default : text;
    }

    private static bool Filled(RuleContext context) => PresenceRules.IsFilled(context.Value);

    private static bool IsThere(RuleContext context) => context.Has(context.Path);

    private static bool AnyFilled(RuleContext context)
    {
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            if (PresenceRules.IsFilled(context.Other(i)))
                return true;
        }

        return false;
    }

    private static bool AnyEmpty(RuleContext context)
    {
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            if (!PresenceRules.IsFilled(context.Other(i)))
                return true;
        }

        return false;
    }

    private static bool AnyThere(RuleContext context)
    {
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            if (context.Has(context.OtherPath(i)))
                return true;
        }

        return false;
    }

    private static bool AllThere(RuleContext context)
    {
        for (var i = 0; i < context.Parameters.Count; i++)
        {
            if (!context.Has(context.OtherPath(i)))
                return false;
        }

        return true;
    }
}
