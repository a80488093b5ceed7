using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>settings:rollback</c>: takes a change back.</summary>
internal sealed class SettingsRollbackCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var id = new Argument<long?>("CHANGE") { Description = "The number of the change, as settings:history shows it; without it the last one", Arity = ArgumentArity.ZeroOrOne };
        var command = new DocumentedCommand("settings:rollback", "Give a setting the value that it had before a change")
        {
            Details = ["The setting gets its old value, or goes if it had none. That is a change of its own, which can be taken back too.", SettingsCall.Details],
            Examples = [new("securely settings:rollback", "Take the last change back"), new("securely settings:rollback 12", "Take one change back")],
        };
        command.Arguments.Add(id);
        SettingsCall.Declare(command);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(id), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, long? id, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var chosen = id ?? (target.Manager.History() is [.., var last] ? last.Id : throw new CliException($"No change of [{target.Manager.Options.Path}] is known"));
        var changes = await target.Manager.RollbackAsync(chosen, cancellationToken);
        SettingsOutput.WriteChanges(output, target, changes, "the setting has its old value already");
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }
}
