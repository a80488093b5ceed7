namespace Securely.Cli;

/// <summary>Everything that has to change for a manager: a pure function of the request and of the files that are there.</summary>
internal sealed record ResolverPlan
{
    public required ResolverManager Manager { get; init; }

    public IReadOnlyList<PlannedFile> Files { get; init; } = [];

    /// <summary>Programs with their arguments that make the manager read its files; without a shell.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Apply { get; init; } = [];

    /// <summary>The same after the files are as they were.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Undo { get; init; } = [];

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A file of a plan.</summary>
/// <param name="Path">Below the root.</param>
/// <param name="Change">Makes its new text from the one that it would have without us; null where there is none.</param>
/// <param name="Block">Takes what we added out of a text that somebody has changed since; null for a file that is ours alone.</param>
internal sealed record PlannedFile(string Path, Func<string?, string> Change, Func<string, string>? Block = null);
