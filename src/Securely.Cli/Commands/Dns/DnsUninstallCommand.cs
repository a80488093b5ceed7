using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>dns:uninstall</c>: takes back what <c>dns:install</c> has changed.</summary>
internal sealed class DnsUninstallCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ResolverCall _call = new(output, environment);

    public Command Build()
    {
        var force = new Option<bool>("--force") { Description = "Put files back that somebody has changed since, too" };
        var command = new DocumentedCommand("dns:uninstall", "Take back what dns:install has changed")
        {
            Details =
            [
                "Every file is again what it was, byte for byte, and what was made is removed. A file that somebody has changed since keeps those changes: only our lines go, "
                + "and where they cannot be told from the rest, it stays and the exit code is 1. Needs root.",
            ],
            Examples =
            [
                new("securely dns:uninstall --dry-run", "Show what would change"),
                new("securely dns:uninstall", "Change it"),
            ],
        };
        command.Options.Add(force);
        ResolverCall.Declare(command, "Show what would change, and change nothing");
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(force), cancellationToken));
        return command;
    }

    private Task<int> RunAsync(ParseResult line, bool isForced, CancellationToken cancellationToken)
    {
        var tree = _call.Tree(line);
        var installer = new ResolverInstaller(tree);
        return _call.CarryOutAsync(line, tree, installer, installer.Uninstall(isForced), cancellationToken);
    }
}
