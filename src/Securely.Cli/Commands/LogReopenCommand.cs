using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>log:reopen</c>: lets the running server open its log files anew, after somebody has moved them away.</summary>
internal sealed class LogReopenCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var command = new DocumentedCommand("log:reopen", "Open the log files of the running server anew")
        {
            Details =
            [
                "For the rotation of logs: move the file of error_log away, and call this; what is logged from then on is in a new file. No line is lost.",
                ControlCall.Details,
            ],
            Examples = [new("mv error.log error.log.1 && securely log:reopen", "Begin a new file")],
        };
        ControlCall.Declare(command);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var path in _call.RunAsync(line, LogReopenControlCommand.CommandName, null, cancellationToken))
        {
            output.WriteLine($"Opened {path.GetString()} anew");
            count++;
        }

        if (count == 0)
            output.WriteLine("The log goes to standard error alone; name a file with error_log");
        return ExitCode.Ok;
    }
}
