using System.CommandLine;
using System.CommandLine.Invocation;

namespace Securely.Cli;

/// <summary>Runs for --version.</summary>
internal sealed class ShowVersionAction(Output output) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        output.WriteLine($"{CommandShape.Program} {ProductVersion.Text}");
        return ExitCode.Ok;
    }
}
