using System.CommandLine;
using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>key:rotate</c>: a new key, and everything of an application encrypted with it.</summary>
internal sealed class KeyRotateCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var files = new Argument<string[]>("FILE") { Description = "Encrypted files besides: such as FileEncrypter makes, and such as hold one payload", Arity = ArgumentArity.ZeroOrMore };
        var keep = new Option<bool>("--keep-key") { Description = "Make no key: encrypt with the APP_KEY that is there what older keys encrypted" };
        var yes = RevealOption.Yes();
        var command = new DocumentedCommand("key:rotate", "Make a new key and encrypt settings, configuration and files with it")
        {
            Details =
            [
                "The new key becomes APP_KEY, the old one the first of APP_PREVIOUS_KEYS. Then everything is encrypted with it: .env and the files of its scopes and environments "
                + "beside it, with their histories; the values of securely.yaml and of the directory config beside it that begin with enc:; and each FILE. Each file is replaced whole "
                + "or not at all, and what a failure keeps from its turn can be read with the old key still; securely key:rotate --keep-key does the rest.",
                "A key that comes from the environment, from a file or from a command cannot be replaced here: put the new one there, the old one into APP_PREVIOUS_KEYS, and use --keep-key.",
            ],
            Examples =
            [
                new("securely key:rotate", "Rotate, after a question"),
                new("securely key:rotate backup.enc --yes", "With an encrypted file, in a script"),
                new("securely key:rotate --keep-key", "Encrypt with the present key what older ones encrypted"),
            ],
        };
        command.Arguments.Add(files);
        command.Options.Add(ConfigurationOption.Create());
        command.Options.Add(keep);
        command.Options.Add(yes);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(files)!, line.GetValue(keep), line.GetValue(yes), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string[] named, bool keepsKey, bool yes, CancellationToken cancellationToken)
    {
        var configuration = line.GetValue<string?>(ConfigurationOption.Name);
        var target = await _call.OpenWidestAsync(configuration, cancellationToken);
        var (main, before) = (target.Manager, target.Manager.Read().Text);
        if (target.Keys is not { } keys || main.Options.Secrets is not { } secrets)
            throw new CliException($"[APP_KEY] is not set in [{main.Options.Path}]; securely key:generate makes one");
        if (!keepsKey && !RotatableKey.IsIn(main, environment))
            throw new CliException("[APP_KEY] comes from the environment, a file or a command; put the new key there and the old one into [APP_PREVIOUS_KEYS], and use --keep-key");
        var files = named.Select(environment.Resolve).ToArray();
        if (Array.Find(files, file => !File.Exists(file)) is { } missing)
            throw new CliException($"[{missing}] is not there; nothing was done");
        var siblings = KeyRotation.SiblingsOf(main.Options.Path).Select(path => new SettingsManager(main.Options with { Path = path })).ToArray();
        CheckReadable([main, .. siblings]);
        new Prompt(output, environment).Confirm(keepsKey ? "Everything will be encrypted with APP_KEY. Go on?" : "Everything will be encrypted with a new key. Go on?", yes, "--yes");

        var ring = keepsKey ? keys : keys.Rotate(EncryptionKey.Generate(keys.Cipher));
        var rotation = new KeyRotation(ring, secrets, environment);
        // First of all: whatever ends the rest early, both keys stand there then.
        var changes = await main.RotateAsync(rotation.Next, keepsKey ? [] : RotatableKey.Settings(ring), keepsKey ? null : before, cancellationToken);
        if (!keepsKey)
            output.WriteLine($"{main.Options.Path}: {output.Paint.Name("APP_KEY")} is new, and the old one is in APP_PREVIOUS_KEYS");
        Report(main.Options.Path, Count(changes));
        foreach (var sibling in siblings)
            Report(sibling.Options.Path, Count(await sibling.RotateAsync(rotation.Next, [], cancellationToken: cancellationToken)));
        foreach (var path in rotation.ConfigurationFiles(configuration))
            Report(path, await rotation.RenewYamlAsync(path, cancellationToken));
        foreach (var file in files)
        {
            await rotation.RenewFileAsync(file, cancellationToken);
            output.WriteLine($"{file}: encrypted anew");
        }

        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }

    /// <summary>A secret that no key opens would end the rotation halfway.</summary>
    private static void CheckReadable(IEnumerable<SettingsManager> managers)
    {
        foreach (var manager in managers)
        {
            foreach (var setting in manager.All())
                _ = manager.Reveal(setting);
        }
    }

    private static int Count(IReadOnlyList<SettingChange> changes) => changes.Count(change => !RotatableKey.IsKey(change.Name));

    private void Report(string path, int count)
    {
        if (count > 0)
            output.WriteLine(string.Create(null, $"{path}: {count} {(count == 1 ? "secret" : "secrets")} encrypted anew"));
    }
}
