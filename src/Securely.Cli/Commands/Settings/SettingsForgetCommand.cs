using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>settings:forget</c>: removes settings.</summary>
internal sealed class SettingsForgetCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var names = new Argument<string[]>("NAME") { Description = "The names of the settings", Arity = ArgumentArity.OneOrMore };
        var command = new DocumentedCommand("settings:forget", "Remove settings")
        {
            Details = ["Each is removed with its line; settings:rollback brings it back. A name that is not there is an error, and nothing is removed then.", SettingsCall.Details],
            Examples = [new("securely settings:forget APP_DEBUG", "Remove one"), new("securely settings:forget MAIL_HOST MAIL_PORT", "Remove several at once")],
        };
        command.Arguments.Add(names);
        SettingsCall.Declare(command);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(names)!, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string[] names, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var missing = Array.Find(names, name => !target.Manager.Has(name));
        if (missing is not null)
            throw new CliException(SettingsOutput.NotThere(missing, target));
        var changes = await target.Manager.ForgetAsync(names, cancellationToken);
        SettingsOutput.WriteChanges(output, target, changes, "nothing to remove");
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }
}
