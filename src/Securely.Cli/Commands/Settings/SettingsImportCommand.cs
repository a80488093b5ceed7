using System.CommandLine;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:import</c>: takes settings from another file.</summary>
internal sealed class SettingsImportCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var source = new Argument<string>("SOURCE") { Description = "The file to read; - for standard input" };
        var format = SettingsFormats.Option();
        var secret = new Option<bool>("--secret") { Description = "Encrypt all that is imported" };
        var keep = new Option<bool>("--keep") { Description = "Leave settings alone that are there already" };
        var command = new DocumentedCommand("settings:import", "Take settings from a dotenv, JSON or YAML file")
        {
            Details =
            [
                "A map in a map is joined with two underscores: {app: {name: Shop}} is app__name, in capitals APP__NAME. All of it is imported or, when something is wrong, nothing.",
                SettingsCall.Details,
            ],
            Examples =
            [
                new("securely settings:import settings.json", "Import a file; its name says the format"),
                new("cat settings.yaml | securely settings:import - --format yaml", "Import from standard input"),
                new("securely settings:import secrets.env --secret", "Import and encrypt"),
            ],
        };
        command.Arguments.Add(source);
        SettingsCall.Declare(command);
        command.Options.Add(format);
        command.Options.Add(secret);
        command.Options.Add(keep);
        command.SetAction((line, cancellationToken) =>
            RunAsync(line, line.GetValue(source)!, line.GetValue(format), line.GetValue(secret), line.GetValue(keep), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string source, string? format, bool secret, bool keep, CancellationToken cancellationToken)
    {
        var chosen = SettingsFormats.Choose(format, source);
        var text = source == "-" ? new Prompt(output, environment with { IsInteractive = false }).Value("settings", isSecret: false) : SettingsFormats.Read(environment.Resolve(source));
        var settings = SettingsExchange.Read(text, source, chosen);
        var target = await _call.OpenAsync(line, cancellationToken);
        if (keep)
            settings = [.. settings.Where(pair => !target.Manager.Has(pair.Key))];
        var changes = await target.Manager.SetAsync(settings, "import", secret ? true : null, cancellationToken);
        SettingsOutput.WriteChanges(output, target, changes, "everything was there already");
        return await _call.FinishAsync(line, target, changes, cancellationToken);
    }
}
