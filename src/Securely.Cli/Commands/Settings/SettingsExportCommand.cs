using System.CommandLine;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:export</c>: writes settings for other programs.</summary>
internal sealed class SettingsExportCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var format = SettingsFormats.Option();
        var reveal = new Option<bool>("--reveal") { Description = "Write encrypted settings in plain text; asks first" };
        var yes = RevealOption.Yes();
        var command = new DocumentedCommand("settings:export", "Write all settings as dotenv, JSON or YAML")
        {
            Details =
            [
                "Goes to standard output, as dotenv unless --format says otherwise. Encrypted settings stay encrypted, so that the file can be imported wherever the key is; "
                + "all others are written as they are, also those whose name says that they are secret.",
                SettingsCall.Details,
            ],
            Examples =
            [
                new("securely settings:export --format json > settings.json", "Write a JSON file"),
                new("securely settings:export --env production --format yaml", "As production sees them"),
                new("securely settings:export --reveal", "With secrets in plain text, after a question"),
            ],
        };
        SettingsCall.Declare(command);
        command.Options.Add(format);
        command.Options.Add(reveal);
        command.Options.Add(yes);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(format), line.GetValue(reveal), line.GetValue(yes), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? format, bool reveal, bool yes, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        if (reveal)
            RevealOption.Confirm(output, environment, yes);
        var settings = target.All().Select(one => KeyValuePair.Create(one.Setting.Name, reveal ? one.Manager.Reveal(one.Setting) : one.Setting.Stored)).ToArray();
        output.Standard.Write(SettingsExchange.Write(settings, SettingsFormats.Choose(format ?? "env", file: null)));
        return ExitCode.Ok;
    }
}
