using System.CommandLine;

namespace Securely.Cli;

/// <summary>The <c>--reveal</c> of commands that mask secrets; it asks first.</summary>
internal static class RevealOption
{
    public static Option<bool> Create() => new("--reveal") { Description = "Show secrets too; asks first" };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Answer the question with yes" };

    /// <exception cref="CliException">The answer is no, or nobody can be asked.</exception>
    public static void Confirm(Output output, CliEnvironment environment, bool yes) =>
        new Prompt(output, environment).Confirm("Secrets will be shown in plain text. Go on?", yes, "--yes");
}
