using System.CommandLine;

namespace Securely.Cli;

/// <summary><c>settings:all</c>: all settings in a table.</summary>
internal sealed class SettingsAllCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var reveal = RevealOption.Create();
        var yes = RevealOption.Yes();
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("settings:all", "List all settings, secrets masked")
        {
            Details = ["Masked are encrypted settings, those whose name says that they are secret (APP_KEY, DB_PASSWORD), and addresses with a password.", SettingsCall.Details],
            Examples =
            [
                new("securely settings:all", "List them"),
                new("securely settings:all --scope site:app.test", "As the site app.test sees them"),
                new("securely settings:all --reveal", "Show secrets too, after a question"),
            ],
        };
        SettingsCall.Declare(command);
        command.Options.Add(reveal);
        command.Options.Add(yes);
        command.Options.Add(json);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(reveal), line.GetValue(yes), line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, bool reveal, bool yes, bool json, CancellationToken cancellationToken)
    {
        var target = await _call.OpenAsync(line, cancellationToken);
        var settings = target.All();
        if (reveal)
            RevealOption.Confirm(output, environment, yes);
        if (json)
        {
            JsonOutput.Write(output, document =>
            {
                document.WriteStartArray();
                foreach (var (setting, manager) in settings)
                    SettingsOutput.WriteJson(document, setting, manager, reveal);
                document.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (settings.Count == 0)
        {
            output.WriteLine($"There are no settings in [{target.Manager.Options.Path}]; securely settings:set NAME VALUE makes one");
            return ExitCode.Ok;
        }

        var grid = new Grid("Settings", new GridColumn("value", IsNumber: false), new GridColumn("from", IsNumber: false));
        foreach (var (setting, manager) in settings)
            grid.Add(setting.Name, SettingsOutput.Show(setting, manager, reveal), string.Create(null, $"{setting.Origin.File}:{setting.Origin.Line}"));
        grid.Write(output);
        return ExitCode.Ok;
    }
}
