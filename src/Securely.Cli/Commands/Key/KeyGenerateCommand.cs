using System.CommandLine;
using Securely.Config;
using Securely.Encrypt;

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
                "The key goes into the line APP_KEY of the .env beside the configuration file, or of the current directory when there is no such file. All "
                + "other lines stay as they are. A file that does not exist is made, readable by its owner only.",
                "To keep reading what an older key encrypted, put the older key into APP_PREVIOUS_KEYS.",
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
        command.SetAction(result =>
        {
            var key = EncryptionKey.Generate(CipherExtensions.TryParse(result.GetValue(cipher), out var known) ? known : Cipher.Aes256Cbc).Export();
            return result.GetValue(show) ? Show(key) : Write(key, result.GetValue(file), result.GetValue(force));
        });
        return command;
    }

    private static Option<string> CipherOption()
    {
        var cipher = new Option<string>("--cipher")
        {
            HelpName = "NAME",
            Description = string.Join(", ", CipherExtensions.Names),
            DefaultValueFactory = _ => Cipher.Aes256Cbc.Name,
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

    private int Show(string key)
    {
        output.WriteLine(key);
        return ExitCode.Ok;
    }

    private int Write(string key, string? named, bool isForced)
    {
        var configuration = ConfigurationFile.Find(named, environment);
        var file = environment.Resolve(configuration is null ? ".env" : Path.Combine(Path.GetDirectoryName(configuration) ?? "", ".env"));
        try
        {
            if (!KeyLine.TryWrite(file, key, isForced))
                throw new CliException($"{file} has an APP_KEY already, and what it encrypted cannot be read without it; --force replaces it, --show only prints a new one");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{file} cannot be written: {error.Message}");
        }

        output.WriteLine($"{file}: {output.Paint.Name("APP_KEY")} is set");
        return ExitCode.Ok;
    }
}
