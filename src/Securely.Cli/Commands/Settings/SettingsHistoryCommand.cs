using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:history</c>: who changed what, and when.</summary>
internal sealed class SettingsHistoryCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "Only the changes of this setting", Arity = ArgumentArity.ZeroOrOne };
        var limit = LimitOption();
        var reveal = RevealOption.Create();
        var yes = RevealOption.Yes();
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("settings:history", "Show who changed which setting, and when")
        {
            Details = ["Old and new values are kept encrypted, if there is a key; secrets are masked here. The numbers are for settings:rollback.", SettingsCall.Details],
            Examples =
            [
                new("securely settings:history", "The last changes"),
                new("securely settings:history APP_NAME", "Those of one setting"),
                new("securely settings:history --limit 100 --json", "More of them, for programs"),
            ],
        };
        command.Arguments.Add(name);
        SettingsCall.Declare(command);
        command.Options.Add(limit);
        command.Options.Add(reveal);
        command.Options.Add(yes);
        command.Options.Add(json);
        command.SetAction(async (line, cancellationToken) =>
        {
            var target = await _call.OpenAsync(line, cancellationToken);
            if (line.GetValue(reveal))
                RevealOption.Confirm(output, environment, line.GetValue(yes));
            var changes = target.Manager.History(line.GetValue(name)).TakeLast(line.GetValue(limit)).ToArray();
            if (line.GetValue(json))
                WriteJson(target, changes, line.GetValue(reveal));
            else
                Write(target, changes, line.GetValue(reveal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<int> LimitOption()
    {
        var limit = new Option<int>("--limit") { HelpName = "NUMBER", Description = "The last ones only; 20 unless told", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, CultureInfo.InvariantCulture, out var number) || number < 1))
                result.AddError($"The limit must be a number from 1, not [{text}]");
        });
        return limit;
    }

    private void Write(SettingsTarget target, SettingChange[] changes, bool reveal)
    {
        if (changes.Length == 0)
        {
            output.WriteLine($"No change of [{target.Manager.Options.Path}] is known");
            return;
        }

        var grid = new Grid(
            "Change", new GridColumn("when", IsNumber: false), new GridColumn("who", IsNumber: false), new GridColumn("what", IsNumber: false),
            new GridColumn("setting", IsNumber: false), new GridColumn("old", IsNumber: false), new GridColumn("new", IsNumber: false));
        foreach (var change in changes)
        {
            grid.Add(
                change.Id.ToString(CultureInfo.InvariantCulture), change.At.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), change.By, change.Action, change.Name,
                Show(target, change, change.Old, change.HadValue, reveal), Show(target, change, change.New, change.HasValue, reveal));
        }

        grid.Write(output);
    }

    private static string Show(SettingsTarget target, SettingChange change, string? value, bool isThere, bool reveal) =>
        isThere ? SettingsOutput.Printable(target.Manager.Show(change, value, reveal) ?? "(not kept)") : "-";

    private void WriteJson(SettingsTarget target, SettingChange[] changes, bool reveal) => JsonOutput.Write(output, json =>
    {
        json.WriteStartArray();
        foreach (var change in changes)
        {
            json.WriteStartObject();
            json.WriteNumber("id", change.Id);
            json.WriteString("at", change.At);
            json.WriteString("by", change.By);
            json.WriteString("action", change.Action);
            json.WriteString("name", change.Name);
            WriteValue(json, "old", target.Manager.Show(change, change.Old, reveal));
            WriteValue(json, "new", target.Manager.Show(change, change.New, reveal));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void WriteValue(Utf8JsonWriter json, string name, string? value) => json.WriteString(name, value);
}
