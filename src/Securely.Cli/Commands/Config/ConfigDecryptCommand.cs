using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>config:decrypt</c>: the plain text of an encrypted value.</summary>
internal sealed class ConfigDecryptCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var key = new Argument<string>("KEY") { Description = "The key of the encrypted value" };
        var write = new Option<bool>("--write") { Description = "Replace the value in its file by its plain text instead of writing it to standard output" };
        var command = new DocumentedCommand("config:decrypt", "Write an encrypted value in plain text")
        {
            Details = [ConfigCall.Details],
            Examples = [new("securely config:decrypt mail.password", "Write it to standard output"), new("securely config:decrypt mail.password --write", "Put the plain text back into the file")],
        };
        command.Arguments.Add(key);
        ConfigCall.Declare(command);
        command.Options.Add(write);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(key)!, line.GetValue(write), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string key, bool write, CancellationToken cancellationToken)
    {
        var sources = await _call.SourcesAsync(line, cancellationToken);
        var repository = ConfigRepository.Load(sources);
        var value = repository.Find(key) ?? throw new CliException(ConfigCall.NotThere(key, repository));
        if (!ConfigSecrets.IsEncrypted(value))
            throw new CliException($"[{key}] is not encrypted; securely config:get {key} writes it");
        if (sources.Secrets is null)
            throw new CliException("There is no key: set [APP_KEY] in the environment or in .env");
        var text = repository.Get<string>(key);
        if (!write)
        {
            output.WriteLine(text);
            return ExitCode.Ok;
        }

        var (file, inFile) = _call.PlaceOf(key, value, sources);
        await _call.WriteAsync(file, inFile, text, sources, isEncrypted: false, cancellationToken);
        output.WriteLine($"{file}: {output.Paint.Name(key)} is in plain text");
        return ExitCode.Ok;
    }
}
