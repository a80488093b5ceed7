using System.CommandLine;
using Securely.Config;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>config:set</c>: changes one value in the file that it stands in.</summary>
internal sealed class ConfigSetCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var key = new Argument<string>("KEY") { Description = "The key, with dots; a name in capitals such as APP_NAME is one of .env" };
        var value = new Argument<string?>("VALUE") { Description = "The value; without it you are asked, or it is read from standard input", Arity = ArgumentArity.ZeroOrOne };
        var command = new DocumentedCommand("config:set", "Set one value of the configuration in its file")
        {
            Details =
            [
                "A key whose section has a file of its own (mail.from with config/mail.yaml) is written there, the name of a variable into .env, all others into securely.yaml. "
                + "Comments and layout stay. What cannot be changed safely, such as a list, is refused. securely check says whether the server can use the result.",
                ConfigCall.Details,
            ],
            Examples =
            [
                new("securely config:set threads 4", "Change a value"),
                new("securely config:set upstreams.app.retries 2", "Change one deep inside"),
                new("securely config:set APP_NAME Shop", "Set a variable in .env"),
            ],
        };
        command.Arguments.Add(key);
        command.Arguments.Add(value);
        ConfigCall.Declare(command);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(key)!, line.GetValue(value), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string key, string? value, CancellationToken cancellationToken)
    {
        if (key.Length == 0 || key.Split('.').Any(part => part.Length == 0))
            throw new CliException($"[{SettingsOutput.Printable(key)}] is not a key; write names with dots between them, as in [upstreams.app.retries]", ExitCode.Usage);
        if (line.GetValue<string?>(ConfigurationOption.Name) is { } named && environment.Resolve(named) is var path && !File.Exists(path))
        {
            // A new file of a misspelt name is read by nobody.
            var diagnostics = new ConfigDiagnostics();
            diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] does not exist; make it first, or mend its name");
            throw new ConfigException(diagnostics);
        }

        var sources = await _call.SourcesAsync(line, cancellationToken);
        var file = _call.FileOf(key, sources, out var inFile);
        value ??= new Prompt(output, environment).Value(key, Setting.IsSecretName(key));
        await _call.WriteAsync(file, inFile, value, sources, isEncrypted: null, cancellationToken);
        output.WriteLine($"{file}: {output.Paint.Name(key)} is set");
        return ExitCode.Ok;
    }
}
