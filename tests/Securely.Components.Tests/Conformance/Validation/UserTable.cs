using Securely.Validation;

namespace Securely.Components.Tests.Conformance.Validation;

/// <summary>The table of users on which recorded cases about databases ran, compared as SQLite compares.</summary>
internal sealed class UserTable : IPresenceVerifier
{
    private static readonly string[] Columns = ["id", "email", "name", "account_id", "deleted_at"];

    private static readonly object?[][] Rows =
    [
        [1L, "ann@example.com", "Ann", 1L, null],
        [2L, "bob@example.com", "Bob", 1L, "2024-01-01"],
        [3L, "cy@example.com", "Cy", 2L, null],
        [4L, null, "Dee", null, null],
        [5L, "dup@example.com", "E1", 1L, null],
        [6L, "dup@example.com", "E2", 2L, null],
    ];

    public ValueTask<long> CountAsync(PresenceQuestion question, CancellationToken cancellationToken)
    {
        Assert.Equal("users", question.Table);
        var found = Rows.Where(row => question.Values.Any(value => IsEqual(Cell(row, question.Column), value)))
            .Where(row => question.Except is null || Holds(row, question.Except))
            .Where(row => question.Conditions.All(condition => Holds(row, condition)));
        return new(question.Values.Count > 1 ? found.Select(row => Cell(row, question.Column)).Distinct().Count() : found.Count());
    }

    private static FieldValue Cell(object?[] row, string column) => FieldValue.From(row[Array.IndexOf(Columns, column)]);

    private static bool Holds(object?[] row, PresenceCondition condition)
    {
        var cell = Cell(row, condition.Column);
        return condition.Operator switch
        {
            PresenceOperator.Null => cell.IsNull,
            PresenceOperator.NotNull => !cell.IsNull,
            PresenceOperator.NotEqual => !cell.IsNull && !IsEqual(cell, condition.Values[0]),
            PresenceOperator.In => condition.Values.Any(value => IsEqual(cell, value)),
            PresenceOperator.NotIn => !cell.IsNull && !condition.Values.Any(value => IsEqual(cell, value)),
            PresenceOperator.Greater => cell.AsFloat > condition.Values[0].AsFloat,
            PresenceOperator.Less => cell.AsFloat < condition.Values[0].AsFloat,
            PresenceOperator.GreaterOrEqual => cell.AsFloat >= condition.Values[0].AsFloat,
            PresenceOperator.LessOrEqual => cell.AsFloat <= condition.Values[0].AsFloat,
            _ => IsEqual(cell, condition.Values[0]),
        };
    }

    /// <summary>A value of nothing is looked for as null; a number and its text are equal.</summary>
    private static bool IsEqual(FieldValue cell, FieldValue value) =>
        value.IsNull || cell.IsNull ? value.IsNull && cell.IsNull : cell.ToString() == value.ToString();
}
