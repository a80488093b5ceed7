namespace Securely.Validation;

/// <summary>Counts rows of a store; for <c>exists</c> and <c>unique</c>. Must be thread-safe.</summary>
public interface IPresenceVerifier
{
    /// <summary>How many rows match; with several values in the question, how many different ones were found.</summary>
    ValueTask<long> CountAsync(PresenceQuestion question, CancellationToken cancellationToken);
}

/// <summary>What is asked of a store. Names and values come from rules and data: quote names, bind values.</summary>
/// <param name="Connection">The connection before the dot of <c>connection.table</c>; null for the default one.</param>
/// <param name="Table">The table.</param>
/// <param name="Column">The column that the values are looked for in.</param>
/// <param name="Values">One value; several when the field is a list.</param>
/// <param name="Except">A row that does not count, by its identity; null when all count.</param>
/// <param name="Conditions">What else must hold.</param>
public sealed record PresenceQuestion(
    string? Connection,
    string Table,
    string Column,
    IReadOnlyList<FieldValue> Values,
    PresenceCondition? Except,
    IReadOnlyList<PresenceCondition> Conditions);

/// <summary>A condition on a column. <see cref="PresenceOperator.Null"/> and <see cref="PresenceOperator.NotNull"/> have no values.</summary>
/// <param name="Column">The column.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Values">What it is compared with.</param>
public sealed record PresenceCondition(string Column, PresenceOperator Operator, params IReadOnlyList<FieldValue> Values);

/// <summary>How a column is compared.</summary>
public enum PresenceOperator
{
    /// <summary>Equal to the value.</summary>
    Equal,

    /// <summary>Not equal to the value.</summary>
    NotEqual,

    /// <summary>Less than the value.</summary>
    Less,

    /// <summary>Less than the value or equal to it.</summary>
    LessOrEqual,

    /// <summary>Greater than the value.</summary>
    Greater,

    /// <summary>Greater than the value or equal to it.</summary>
    GreaterOrEqual,

    /// <summary>One of the values.</summary>
    In,

    /// <summary>None of the values.</summary>
    NotIn,

    /// <summary>Null.</summary>
    Null,

    /// <summary>Not null.</summary>
    NotNull,
}
