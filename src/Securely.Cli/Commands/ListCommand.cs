using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>list</c>: every command with one line each.</summary>
internal sealed class ListCommand(Output output) : ICliCommand
{
    public Command Build()
    {
        var only = new Argument<string?>("NAMESPACE")
        {
            Description = "Only the commands of this namespace, as queue is of queue:work",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("list", "List the commands")
        {
            Examples =
            [
                new("securely list", "All commands, grouped by namespace"),
                new("securely list --json", "The same for programs, with arguments, options and examples"),
            ],
        };
        only.CompletionSources.Add(_ => Namespaces(CommandShape.Root(command)));
        command.Arguments.Add(only);
        command.Options.Add(json);
        command.SetAction(result => Run(CommandShape.Root(command), result.GetValue(only), result.GetValue(json)));
        return command;
    }

    private void Run(Command root, string? only, bool json)
    {
        if (only is not null && !Namespaces(root).Contains(only, StringComparer.Ordinal))
        {
            if (PlannedCommands.OfNamespace(only) is { } planned)
                throw new CliException(planned, ExitCode.Usage);
            var nearest = NearestName.Find(only, Namespaces(root));
            throw new CliException(
                $"Namespace [{only}] has no commands; " + (nearest is null ? "securely list shows all" : $"did you mean [{nearest}]?"));
        }

        var renderer = new ListRenderer(output);
        if (json)
            renderer.WriteJson(root, only);
        else if (only is not null)
            renderer.Write(root, only);
        else
            renderer.Write(root);
    }

    private static IEnumerable<string> Namespaces(Command root) =>
        CommandShape.Commands(root).Select(CommandShape.Namespace).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal);
}
