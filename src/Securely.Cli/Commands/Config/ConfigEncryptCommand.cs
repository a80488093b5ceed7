using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>config:encrypt</c>: encrypts a value where it stands, or one to be pasted.</summary>
internal sealed class ConfigEncryptCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var key = new Argument<string?>("KEY") { Description = "The key whose value is encrypted in its file; without it a value is asked for", Arity = ArgumentArity.ZeroOrOne };
        var command = new DocumentedCommand("config:encrypt", "Encrypt a value of the configuration with APP_KEY")
        {
            Details =
            [
                "With KEY its value is replaced in the file that it stands in. Without it a value is asked for, or read from standard input, and its encrypted form is written to "
                + "standard output, to be put into a file. securely key:generate makes APP_KEY.",
                ConfigCall.Details,
            ],
            Examples = [new("securely config:encrypt mail.password", "Encrypt a value in place"), new("securely config:encrypt", "Ask for a value and write it encrypted")],
        };
        command.Arguments.Add(key);
        ConfigCall.Declare(command);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(key), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? key, CancellationToken cancellationToken)
    {
        var sources = await _call.SourcesAsync(line, cancellationToken);
        // Where the key is not found because a file cannot be read, that is what is said.
        if (sources.Secrets is null)
            ConfigRepository.Load(sources);
        var secrets = sources.Secrets ?? throw new CliException("There is no key: set [APP_KEY] in the environment or in .env; securely key:generate makes one");
        if (key is null)
        {
            output.WriteLine(secrets.Protect(new Prompt(output, environment).Value("the secret", isSecret: true)));
            return ExitCode.Ok;
        }

        var repository = ConfigRepository.Load(sources);
        var value = repository.Find(key) ?? throw new CliException(ConfigCall.NotThere(key, repository));
        if (!value.TryGetText(out var text))
            throw new CliException($"[{key}] is not a text; only texts can be encrypted");
        if (ConfigSecrets.IsEncrypted(text))
            throw new CliException($"[{key}] is encrypted already");
        var (file, inFile) = _call.PlaceOf(key, value, sources);
        await _call.WriteAsync(file, inFile, secrets.Protect(text), sources, isEncrypted: null, cancellationToken);
        output.WriteLine($"{file}: {output.Paint.Name(key)} is encrypted");
        return ExitCode.Ok;
    }
}
