using System.CommandLine;
using Securely.Config;
using Securely.Encrypt;

namespace Securely.Cli;

/// <summary><c>settings:rotate</c>: a new key, and everything encrypted with it.</summary>
internal sealed class SettingsRotateCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var yes = RevealOption.Yes();
        var command = new DocumentedCommand("settings:rotate", "Make a new key and encrypt all settings with it")
        {
            Details =
            [
                "For one file of settings; securely key:rotate does it for all files, the configuration and more. The new key becomes APP_KEY, the old one the first of APP_PREVIOUS_KEYS, so that what else it encrypted can be read still. Settings and their history are "
                + "encrypted anew. A key that comes from the environment, from a file or from a command cannot be replaced here.",
                SettingsCall.Details,
            ],
            Examples = [new("securely settings:rotate", "Rotate, after a question"), new("securely settings:rotate --yes", "Rotate in a script")],
        };
        SettingsCall.Declare(command);
        command.Options.Add(yes);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(yes), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, bool yes, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var before = target.Manager.Read().Text;
        if (target.Keys is not { } keys || !target.Manager.Has("APP_KEY"))
            throw new CliException($"[APP_KEY] is not set in [{target.Manager.Options.Path}]; securely key:generate makes one. A key of the environment is replaced where it is set");
        if (!RotatableKey.IsIn(target.Manager, environment))
            throw new CliException("[APP_KEY] comes from the environment, a file or a command; replace it there, and keep the old one in [APP_PREVIOUS_KEYS]");
        new Prompt(output, environment).Confirm($"All secrets in [{target.Manager.Options.Path}] will be encrypted with a new key. Go on?", yes, "--yes");
        var ring = keys.Rotate(EncryptionKey.Generate(keys.Cipher));
        var changes = await target.Manager.RotateAsync(new ConfigSecrets(new Encrypter(ring)), RotatableKey.Settings(ring), before, cancellationToken);
        output.WriteLine(string.Create(null, $"{target.Manager.Options.Path}: {output.Paint.Name("APP_KEY")} is new, {changes.Count(change => !RotatableKey.IsKey(change.Name))} secrets are encrypted with it"));
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }
}
