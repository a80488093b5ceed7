using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>check</c>: says everything that is wrong with a configuration file, without serving it.</summary>
internal sealed class CheckCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var named = new Argument<string?>("FILE") { Description = "The configuration file", Arity = ArgumentArity.ZeroOrOne };
        var file = ConfigurationOption.Create();
        var json = new Option<bool>("--json") { Description = "Write a JSON document to standard output instead" };
        var command = new DocumentedCommand("check", "Validate a configuration file")
        {
            Details =
            [
                "Errors and warnings go to standard error as FILE:LINE:COLUMN: message. The exit code is 3 when there is an error, and 0 when there "
                + "are only warnings. Without FILE it checks what serve would read.",
            ],
            Examples =
            [
                new("securely check", "Validate ./securely.yaml or /etc/securely/securely.yaml"),
                new("securely check securely.yaml", "Validate one file"),
                new("securely check -c securely.yaml --json", "The same for programs"),
            ],
        };
        command.Arguments.Add(named);
        command.Options.Add(file);
        command.Options.Add(json);
        command.SetAction(_ => { output.Fail(environment.CurrentDirectory+"@missing"); return ExitCode.Configuration; });
        return command;
    }
}
