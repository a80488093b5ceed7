namespace Securely.Validation;

/// <summary>A rule that a field failed.</summary>
/// <param name="Name">The rule, in lower case with underscores.</param>
/// <param name="Parameters">Its parameters, with the field's own indexes instead of asterisks.</param>
public sealed record RuleFailure(string Name, IReadOnlyList<string?> Parameters)
{
    internal RuleDefinition? Rule { get; init; }
}
