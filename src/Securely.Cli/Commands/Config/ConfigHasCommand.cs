using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>config:has</c>: whether keys are there, for scripts.</summary>
internal sealed class ConfigHasCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var keys = new Argument<string[]>("KEY") { Description = "The keys, with dots", Arity = ArgumentArity.OneOrMore };
        var command = new DocumentedCommand("config:has", "Say whether keys are configured")
        {
            Details = ["Writes yes when all of them are, also without a value, and no with the exit code 1 when one is not.", ConfigCall.Details],
            Examples = [new("securely config:has threads", "Is it configured?"), new("securely config:has upstreams.app sites.0", "Are both there?")],
        };
        command.Arguments.Add(keys);
        ConfigCall.Declare(command);
        command.SetAction(async (line, cancellationToken) =>
        {
            var repository = await _call.LoadAsync(line, cancellationToken);
            var hasAll = line.GetValue(keys)!.All(repository.Has);
            output.WriteLine(hasAll ? "yes" : "no");
            return hasAll ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
