using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>settings:get</c>: the value of one setting.</summary>
internal sealed class SettingsGetCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "The name of the setting", Arity = ArgumentArity.ZeroOrOne };
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("settings:get", "Write the value of a setting to standard output")
        {
            Details = ["An encrypted setting is decrypted, so that scripts can use it. The exit code is 1 when there is no such setting.", SettingsCall.Details],
            Examples =
            [
                new("securely settings:get APP_NAME", "Write one value"),
                new("securely settings:get APP_NAME --json", "With where it comes from"),
                new("securely settings:get DB_HOST --env production", "As it is in .env.production, else in .env"),
            ],
        };
        command.Arguments.Add(name);
        SettingsCall.Declare(command);
        command.Options.Add(json);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(name), line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? name, bool json, CancellationToken cancellationToken)
    {
        name ??= new Prompt(output, environment).Word("Name of the setting", "The NAME of the setting is missing");
        var target = await _call.OpenAsync(line, cancellationToken);
        if (target.Find(name) is not { } found)
            throw new CliException(SettingsOutput.NotThere(name, target));
        var value = found.Manager.Reveal(found.Setting);
        if (!json)
        {
            output.WriteLine(value);
            return ExitCode.Ok;
        }

        JsonOutput.Write(output, document =>
        {
            document.WriteStartObject();
            document.WriteString("name", name);
            document.WriteString("value", value);
            document.WriteBoolean("encrypted", found.Setting.IsEncrypted);
            document.WriteString("file", found.Setting.Origin.File);
            document.WriteNumber("line", found.Setting.Origin.Line);
            document.WriteEndObject();
        });
        return ExitCode.Ok;
    }
}
