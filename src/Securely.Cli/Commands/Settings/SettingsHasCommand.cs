using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>settings:has</c>: whether settings are there, for scripts.</summary>
internal sealed class SettingsHasCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var names = new Argument<string[]>("NAME") { Description = "The names of the settings", Arity = ArgumentArity.OneOrMore };
        var command = new DocumentedCommand("settings:has", "Say whether settings are there")
        {
            Details = ["Writes yes when all of them are, and no with the exit code 1 when one is not.", SettingsCall.Details],
            Examples = [new("securely settings:has APP_KEY", "Is there a key?"), new("securely settings:has DB_HOST DB_PORT", "Are both there?")],
        };
        command.Arguments.Add(names);
        SettingsCall.Declare(command);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(names)!, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string[] names, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var hasAll = names.All(name => target.Find(name) is not null);
        output.WriteLine(hasAll ? "yes" : "no");
        return hasAll ? ExitCode.Ok : ExitCode.Failed;
    }
}
