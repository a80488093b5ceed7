using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>help [COMMAND]</c>: for those who type it instead of --help; hidden, because it is only another way to say that.</summary>
internal sealed class HelpCommand(Output output) : ICliCommand
{
    public Command Build()
    {
        var name = new Argument<string?>("COMMAND")
        {
            Description = "The command to explain",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new DocumentedCommand("help", "Show help for the program or for one command")
        {
            Hidden = true,
            Examples = [new("securely help serve", "The same as securely serve --help")],
        };
        name.CompletionSources.Add(_ => CommandShape.Commands(CommandShape.Root(command)).Select(known => known.Name));
        command.Arguments.Add(name);
        command.SetAction(result => ShowHelpAction.Write(output, Find(CommandShape.Root(command), result.GetValue(name))));
        return command;
    }

    private static Command Find(Command root, string? name)
    {
        if (name is null)
            return root;
        return root.Subcommands.FirstOrDefault(command => command.Name == name)
            ?? throw new CliException(UsageErrors.UnknownCommand(name, root), ExitCode.Usage);
    }
}
