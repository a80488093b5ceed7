namespace Securely.Validation;

/// <summary>Rules that ask a store: <c>exists:table,column,where,value...</c> and <c>unique:table,column,except,idColumn,where,value...</c>.</summary>
internal static class LookupRules
{
    public static readonly RuleDefinition Exists = new()
    {
        Name = "exists",
        CheckAsync = ExistsAsync,
        MinimumParameters = 1,
        Traits = RuleTraits.Presence,
    };

    public static readonly RuleDefinition Unique = new()
    {
        Name = "unique",
        CheckAsync = IsUniqueAsync,
        MinimumParameters = 1,
        Traits = RuleTraits.Presence | RuleTraits.Dependent,
    };

    public static readonly RuleDefinition[] All = [Exists, Unique];

    private static async ValueTask<bool> ExistsAsync(RuleContext context, CancellationToken cancellationToken)
    {
        var values = Values(context.Value);
        if (values.Count == 0)
            return true;
        var question = Ask(context, values, null, 2);
        return await Verifier(context).CountAsync(question, cancellationToken).ConfigureAwait(false) >= values.Count;
    }

    private static async ValueTask<bool> IsUniqueAsync(RuleContext context, CancellationToken cancellationToken)
    {
        var question = Ask(context, Values(context.Value), Except(context), 4);
        return await Verifier(context).CountAsync(question, cancellationToken).ConfigureAwait(false) == 0;
    }

    private static IPresenceVerifier Verifier(RuleContext context) => context.Options.Presence
        ?? throw new InvalidOperationException($"Rule [{context.Use.Definition.Name}] of field [{context.Field}] needs a store; set ValidatorOptions.Presence");

    private static PresenceQuestion Ask(RuleContext context, IReadOnlyList<FieldValue> values, PresenceCondition? except, int firstCondition)
    {
        var table = context.Text(0);
        var dot = table.IndexOf('.', StringComparison.Ordinal);
        var conditions = new List<PresenceCondition>();
        for (var i = firstCondition; i + 1 < context.Parameters.Count; i += 2)
            conditions.Add(Condition(context.Text(i), context.Text(i + 1)));
        if (context.Use.Prepared is IReadOnlyList<PresenceCondition> more)
            conditions.AddRange(more);
        return new PresenceQuestion(dot < 0 ? null : table[..dot], table[(dot + 1)..], Column(context), values, except, conditions);
    }

    /// <summary>The second parameter, else the last name of the field.</summary>
    private static string Column(RuleContext context)
    {
        if (context.Parameter(1) is { } column && column != "NULL")
            return column;
        var last = context.Path.Segments[^1];
        return context.State.Pattern is not null && !PhpNumber.IsNumeric(last) ? last : context.Field;
    }

    /// <summary><c>NULL</c>, <c>NOT_NULL</c> and a leading exclamation mark have a meaning.</summary>
    private static PresenceCondition Condition(string column, string value) => value switch
    {
        "NULL" => new(column, PresenceOperator.Null),
        "NOT_NULL" => new(column, PresenceOperator.NotNull),
        ['!', .. var other] => new(column, PresenceOperator.NotEqual, other),
        _ => new(column, PresenceOperator.Equal, value),
    };

    /// <summary>The row that does not count; <c>[field]</c> takes its identity from another field.</summary>
    private static PresenceCondition? Except(RuleContext context)
    {
        if (context.Parameter(2) is not { } id || id.Equals("NULL", StringComparison.OrdinalIgnoreCase))
            return null;
        var value = (FieldValue)id.Replace("\\", "", StringComparison.Ordinal);
        if (id.IndexOf('[', StringComparison.Ordinal) is >= 0 and var open && id.LastIndexOf(']') is var close && close > open)
            value = context.Get(id[(open + 1)..close]);
        if (value.AsText is { } text && PhpNumber.IsFilterInteger(value) && PhpNumber.TryRead(text, out var number))
            value = number;
        return value.IsNull ? null : new PresenceCondition(context.Parameter(3) ?? "id", PresenceOperator.NotEqual, value);
    }

    private static List<FieldValue> Values(FieldValue value)
    {
        if (!value.IsArray)
            return [value];
        var texts = new HashSet<string>(StringComparer.Ordinal);
        return [.. value.Entries().Select(entry => entry.Value).Where(entry => texts.Add(PhpText.Of(entry)))];
    }
}
