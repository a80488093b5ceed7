using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>completion SHELL</c>: prints the script that teaches a shell the commands of this program.</summary>
internal sealed class CompletionCommand(Output output) : ICliCommand
{
    private static readonly string[] Shells = ["bash", "fish", "pwsh", "zsh"];

    public Command Build()
    {
        var shell = new Argument<string>("SHELL") { Description = "One of bash, fish, pwsh, zsh" };
        shell.CompletionSources.Add(Shells);
        shell.Validators.Add(result =>
        {
            var name = result.Tokens[0].Value;
            if (!Shells.Contains(name, StringComparer.Ordinal))
                result.AddError(NearestName.Find(name, Shells) is { } nearest
                    ? $"Shell [{name}] is not supported; did you mean [{nearest}]?"
                    : $"Shell [{name}] is not supported; choose one of {string.Join(", ", Shells)}");
        });
        var command = new DocumentedCommand("completion", "Print the completion script of a shell")
        {
            Details = ["The script asks this program for its suggestions, so it stays right when the program is updated."],
            Examples =
            [
                new("source <(securely completion bash)", "Complete in this bash; put it into ~/.bashrc to keep it"),
                new("securely completion zsh > \"${fpath[1]}/_securely\"", "Install for zsh"),
                new("securely completion fish > ~/.config/fish/completions/securely.fish", "Install for fish"),
                new("securely completion pwsh | Out-String | Invoke-Expression", "Complete in this PowerShell; put it into $PROFILE to keep it"),
            ],
        };
        command.Arguments.Add(shell);
        command.SetAction(result => output.Standard.Write(Script(result.GetRequiredValue(shell))));
        return command;
    }

    /// <summary>The script for one of <see cref="Shells"/>; its lines end in a line feed on every system.</summary>
    private static string Script(string shell)
    {
        var name = $"completion.{(shell == "pwsh" ? "ps1" : shell)}";
        using var stream = typeof(CompletionCommand).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Resource [{name}] is missing from this build");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
