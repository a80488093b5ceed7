namespace Securely.Validation;

/// <summary><c>exists</c> or <c>unique</c> with conditions. Each call returns a new rule.</summary>
public sealed class PresenceRule : RuleEntry
{
    private readonly RuleDefinition _rule;
    private readonly string _table;
    private readonly string? _column;
    private readonly (string Id, string Column)? _ignored;
    private readonly (string Column, string Value)[] _wheres;
    private readonly PresenceCondition[] _conditions;

    internal PresenceRule(RuleDefinition rule, string table, string? column)
        : this(rule, table, column, null, [], [])
    {
        ArgumentNullException.ThrowIfNull(table);
    }

    private PresenceRule(RuleDefinition rule, string table, string? column, (string Id, string Column)? ignored, (string Column, string Value)[] wheres, PresenceCondition[] conditions)
    {
        _rule = rule;
        _table = table;
        _column = column;
        _ignored = ignored;
        _wheres = wheres;
        _conditions = conditions;
    }

    /// <summary>A column that has to have a value.</summary>
    public PresenceRule Where(string column, FieldValue value) => value.IsNull ? WhereNull(column) : With(column, PhpText.Of(value));

    /// <summary>A column that is compared in another way than by being equal.</summary>
    public PresenceRule Where(string column, PresenceOperator comparison, params IReadOnlyList<FieldValue> values) =>
        new(_rule, _table, _column, _ignored, _wheres, [.. _conditions, new PresenceCondition(column, comparison, values)]);

    /// <summary>A column that may not have a value.</summary>
    public PresenceRule WhereNot(string column, FieldValue value) => With(column, "!" + PhpText.Of(value));

    /// <summary>A column that has to be null.</summary>
    public PresenceRule WhereNull(string column) => With(column, "NULL");

    /// <summary>A column that may not be null.</summary>
    public PresenceRule WhereNotNull(string column) => With(column, "NOT_NULL");

    /// <summary>A column that has to have one of several values.</summary>
    public PresenceRule WhereIn(string column, params IReadOnlyList<FieldValue> values) => Where(column, PresenceOperator.In, values);

    /// <summary>A column that may have none of several values.</summary>
    public PresenceRule WhereNotIn(string column, params IReadOnlyList<FieldValue> values) => Where(column, PresenceOperator.NotIn, values);

    /// <summary>Only rows that are not marked as deleted.</summary>
    public PresenceRule WithoutTrashed(string column = "deleted_at") => WhereNull(column);

    /// <summary>Only rows that are marked as deleted.</summary>
    public PresenceRule OnlyTrashed(string column = "deleted_at") => WhereNotNull(column);

    /// <summary>A row that does not count, for <c>unique</c>: the one that is being changed.</summary>
    public PresenceRule Ignore(FieldValue id, string idColumn = "id") =>
        new(_rule, _table, _column, (PhpText.Of(id), idColumn), _wheres, _conditions);

    internal override void AddTo(List<RulePart> parts, RuleRegistry registry)
    {
        var parameters = new List<string?> { _table, _column ?? "NULL" };
        if (_rule == LookupRules.Unique)
            parameters.AddRange([_ignored?.Id ?? "NULL", _ignored?.Column ?? "id"]);
        foreach (var (column, value) in _wheres)
            parameters.AddRange([column, value]);
        if (_column is null && _rule == LookupRules.Exists && _wheres.Length == 0)
            parameters.RemoveAt(1);
        new ObjectEntry(_rule, [.. parameters], _conditions).AddTo(parts, registry);
    }

    private PresenceRule With(string column, string value) => new(_rule, _table, _column, _ignored, [.. _wheres, (column, value)], _conditions);
}
