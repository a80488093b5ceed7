using System.CommandLine;
using Securely.Config;
using Securely.Encrypt;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>key:generate</c>: makes the key that settings and payloads are encrypted with.</summary>
internal sealed class KeyGenerateCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var file = ConfigurationOption.Create();
        var cipher = CipherOption();
        var show = new Option<bool>("--show") { Description = "Write the key to standard output and leave files as they are" };
        var force = new Option<bool>("--force") { Description = "Replace a key that is there; what it encrypted cannot be read without it" };
        var command = new DocumentedCommand("key:generate", "Make a key for encryption and write it into .env")
        {
            Details =
            [
                "The key goes into the line APP_KEY of the .env beside the configuration file (or of the file that settings.file names there), or of the current directory when "
                + "there is no such file. All other lines stay as they are. A file that does not exist is made, readable by its owner only.",
                "For another cipher than aes-256-cbc the line APP_CIPHER says which; where it stands already, in .env or in the environment, a key for it is made without --cipher.",
                "A key that is there already is replaced by securely key:rotate, which encrypts everything with the new one.",
            ],
            Examples =
            [
                new("securely key:generate", "Write a new key into .env"),
                new("securely key:generate --show", "Only print one"),
                new("securely key:generate --force --cipher aes-256-gcm", "Replace the key that is there by one for another cipher"),
            ],
        };
        command.Options.Add(file);
        command.Options.Add(cipher);
        command.Options.Add(show);
        command.Options.Add(force);
        command.SetAction((result, cancellationToken) =>
        {
            var path = FileOf(result.GetValue(file));
            var key = EncryptionKey.Generate(CipherExtensions.TryParse(result.GetValue(cipher), out var known) ? known : SettingsCall.ReadCipher(path, environment) ?? Cipher.Aes256Cbc);
            return result.GetValue(show) ? Task.FromResult(Show(key)) : WriteAsync(key, path, result.GetValue(force), cancellationToken);
        });
        return command;
    }

    private static Option<string?> CipherOption()
    {
        var cipher = new Option<string?>("--cipher")
        {
            HelpName = "NAME",
            Description = $"{string.Join(", ", CipherExtensions.Names)}; without it that of APP_CIPHER, else {Cipher.Aes256Cbc.Name}",
        };
        cipher.CompletionSources.Add([.. CipherExtensions.Names]);
        cipher.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !CipherExtensions.TryParse(name, out _))
                result.AddError(NearestName.Find(name, CipherExtensions.Names) is { } nearest
                    ? $"Cipher [{name}] is not known; did you mean [{nearest}]?"
                    : $"Cipher [{name}] is not known; choose one of {string.Join(", ", CipherExtensions.Names)}");
        });
        return cipher;
    }

    private int Show(EncryptionKey key)
    {
        output.WriteLine(key.Export());
        return ExitCode.Ok;
    }

    private async Task<int> WriteAsync(EncryptionKey key, string file, bool isForced, CancellationToken cancellationToken)
    {
        if (environment.Variable(SettingsCall.CipherName) is { Length: > 0 } name && !name.Equals(key.Cipher.Name, StringComparison.OrdinalIgnoreCase))
            throw new CliException($"[{SettingsCall.CipherName}] of the environment is [{name}], and would be used in the place of [{key.Cipher.Name}]; change it there, or leave --cipher out");
        await SettingsText.ChangeAsync(
            file,
            text => isForced || !KeyLine.HasKey(text)
                ? KeyLine.Set(text, key)
                : throw new CliException($"{file} has an APP_KEY already, and what it encrypted cannot be read without it; --force replaces it all the same, securely key:rotate replaces it and encrypts everything anew, --show only prints a new one"),
            environment.Time,
            cancellationToken);
        output.WriteLine($"{file}: {output.Paint.Name("APP_KEY")} is set");
        return ExitCode.Ok;
    }

    /// <summary>Where the settings commands look for the key; a configuration that is to be written yet is no mistake.</summary>
    private string FileOf(string? named)
    {
        var configuration = ConfigurationFile.Find(named, environment);
        if (configuration is not null && !File.Exists(configuration))
            return environment.Resolve(Path.Combine(Path.GetDirectoryName(configuration) ?? "", SettingsCall.DefaultFile));
        new SettingsCall(output, environment).ReadSection(named, out var file);
        return environment.Resolve(file);
    }
}
