using System.CommandLine;
using System.Text.Json;
using Securely.Settings;

namespace Securely.Cli;

/// <summary><c>settings:tree</c>: the settings as a drawn tree.</summary>
internal sealed class SettingsTreeCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly SettingsCall _call = new(output, environment);

    public Command Build()
    {
        var reveal = RevealOption.Create();
        var yes = RevealOption.Yes();
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("settings:tree", "Draw the settings as a tree, secrets masked")
        {
            Details = ["Names that begin with the same word stand together: DB_HOST and DB_PORT under DB.", SettingsCall.Details],
            Examples =
            [
                new("securely settings:tree", "Draw them"),
                new("securely settings:tree --reveal", "Show secrets too, after a question"),
                new("securely settings:tree --json", "The same for programs"),
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
        var managers = target.All().ToDictionary(one => one.Setting.Name, one => one.Manager, StringComparer.Ordinal);
        var tree = SettingsTree.Of(target.All().Select(one => one.Setting));
        if (reveal)
            RevealOption.Confirm(output, environment, yes);
        if (json)
        {
            JsonOutput.Write(output, document => Write(document, tree, setting => reveal ? managers[setting.Name].Reveal(setting) : setting.Shown));
            return ExitCode.Ok;
        }

        output.WriteLine(output.Paint.Heading(target.Manager.Options.Path));
        foreach (var text in tree.Draw(setting => SettingsOutput.Show(setting, managers[setting.Name], reveal)))
            output.WriteLine(text);
        return ExitCode.Ok;
    }

    private static void Write(Utf8JsonWriter json, SettingsTree tree, Func<Setting, string> show)
    {
        json.WriteStartObject();
        if (tree.Word.Length > 0)
            json.WriteString("word", tree.Word);
        if (tree.Setting is { } setting)
        {
            json.WriteString("name", setting.Name);
            json.WriteString("value", show(setting));
        }

        if (tree.Children.Count > 0 || tree.Word.Length == 0)
        {
            json.WriteStartArray("children");
            foreach (var child in tree.Children)
                Write(json, child, show);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
