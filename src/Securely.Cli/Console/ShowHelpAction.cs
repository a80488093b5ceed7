using System.CommandLine;
using System.CommandLine.Invocation;

namespace Securely.Cli;

/// <summary>Runs for --help, wherever it stands: help wins over everything else on the line that is wrong.</summary>
internal sealed class ShowHelpAction(Output output) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(output, parseResult.CommandResult.Command);
        return ExitCode.Ok;
    }

    public static void Write(Output output, Command command)
    {
        if (command is RootCommand)
            new ListRenderer(output).Write(command);
        else
            new HelpRenderer(output).Write(command);
    }
}
