using System.CommandLine;

namespace Securely.Cli;

/// <summary>A command that carries everything its help, its completion and its page in docs/cli.md say.</summary>
internal sealed class DocumentedCommand(string name, string description) : Command(name, description)
{
    /// <summary>At least one: help without an example is half a help.</summary>
    public required IReadOnlyList<CommandExample> Examples { get; init; }

    /// <summary>What the one line of the description has no room for; paragraphs.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}

/// <summary>A command line that works when pasted, and what it does.</summary>
internal sealed record CommandExample(string CommandLine, string Meaning);
