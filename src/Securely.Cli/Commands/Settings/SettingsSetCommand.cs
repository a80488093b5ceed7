using System.CommandLine;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:set</c>: gives a setting a value.</summary>
internal sealed class SettingsSetCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "The name of the setting", Arity = ArgumentArity.ZeroOrOne };
        var value = new Argument<string?>("VALUE") { Description = "The value; without it you are asked, or it is read from standard input", Arity = ArgumentArity.ZeroOrOne };
        var secret = new Option<bool>("--secret") { Description = "Encrypt the value; one that is encrypted stays so without this" };
        var command = new DocumentedCommand("settings:set", "Set a setting, encrypted if it is a secret")
        {
            Details =
            [
                "A secret does not belong on a command line, where other users and the history of the shell see it: leave VALUE out and type it, or pipe it in. "
                + "All other lines of the file, comments and order included, stay byte for byte.",
                SettingsCall.Details,
            ],
            Examples =
            [
                new("securely settings:set APP_NAME Shop", "Set a value"),
                new("securely settings:set DB_PASSWORD --secret", "Ask for a secret and encrypt it"),
                new("cat pin.txt | securely settings:set TLS_PIN --secret", "Read it from a file"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(value);
        SettingsCall.Declare(command);
        command.Options.Add(secret);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(name), line.GetValue(value), line.GetValue(secret), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? name, string? value, bool secret, CancellationToken cancellationToken)
    {
        var prompt = new Prompt(output, environment);
        name ??= prompt.Word("Name of the setting", "The NAME of the setting is missing");
        SettingsFile.CheckName(name);
        var target = await _call.OpenAsync(line, cancellationToken);
        value ??= prompt.Value(name, secret || Setting.IsSecretName(name) || target.Find(name)?.Setting.IsSecret == true);
        var changes = await target.Manager.SetAsync(name, value, secret ? true : null, cancellationToken);
        SettingsOutput.WriteChanges(output, target, changes, $"{name} has that value already");
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }
}
