using System.CommandLine;
using System.Text.Json;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>config:show</c>: the whole configuration, or a part of it.</summary>
internal sealed class ConfigShowCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var key = new Argument<string?>("KEY") { Description = "Only what is at or below this key", Arity = ArgumentArity.ZeroOrOne };
        var source = ConfigCall.Source();
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("config:show", "Show the configuration by its keys, secrets masked")
        {
            Details = [ConfigCall.Details, ConfigCall.ServerDetails],
            Examples =
            [
                new("securely config:show", "Show everything"),
                new("securely config:show upstreams --source", "Show a part, and where each value comes from"),
                new("securely config:show --json", "A document for programs"),
            ],
        };
        command.Arguments.Add(key);
        ConfigCall.Declare(command);
        command.Options.Add(source);
        command.Options.Add(json);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(key), line.GetValue(source), line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? key, bool source, bool json, CancellationToken cancellationToken)
    {
        var repository = await _call.LoadAsync(line, cancellationToken);
        var shown = key is null ? repository.Root : repository.Find(key) ?? throw new CliException(ConfigCall.NotThere(key, repository));
        _call.WarnOfServer(key ?? "", shown, _call.ServerFile(line));
        if (json)
        {
            JsonOutput.Write(output, document => ConfigJson.Write(document, key ?? "", shown, source));
            return ExitCode.Ok;
        }

        var single = new ConfigEntry(key ?? "", shown.Origin, shown);
        var values = shown.Items.Count + shown.Entries.Count > 0 ? ConfigTree.Dot(shown, key is null ? "" : key + ".") : key is null ? [] : [single];
        if (values.Count == 0)
        {
            output.WriteLine("Nothing is configured");
            return ExitCode.Ok;
        }

        var grid = source ? new Grid("Key", new GridColumn("value", IsNumber: false), new GridColumn("from", IsNumber: false)) : new Grid("Key", new GridColumn("value", IsNumber: false));
        foreach (var entry in values)
        {
            string[] cells = source ? [entry.Key, ConfigCall.Show(entry.Key, entry.Value), ConfigCall.Place(entry.Value.Origin)] : [entry.Key, ConfigCall.Show(entry.Key, entry.Value)];
            grid.Add(cells);
        }

        grid.Write(output);
        return ExitCode.Ok;
    }
}

/// <summary>Writes values of a configuration as JSON, secrets masked.</summary>
internal static class ConfigJson
{
    /// <summary>The values as they are nested, or a list of them with their places.</summary>
    public static void Write(Utf8JsonWriter json, string key, ConfigValue value, bool withSources)
    {
        if (!withSources)
        {
            WriteNested(json, key, value);
            return;
        }

        json.WriteStartArray();
        var single = new ConfigEntry(key, value.Origin, value);
        foreach (var entry in value.Items.Count + value.Entries.Count > 0 ? ConfigTree.Dot(value, key.Length == 0 ? "" : key + ".") : [single])
        {
            json.WriteStartObject();
            json.WriteString("key", entry.Key);
            json.WritePropertyName("value");
            WriteNested(json, entry.Key, entry.Value);
            json.WriteString("source", entry.Value.Origin.File);
            if (entry.Value.Origin.Line > 0)
            {
                json.WriteNumber("line", entry.Value.Origin.Line);
                json.WriteNumber("column", entry.Value.Origin.Column);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteNested(Utf8JsonWriter json, string key, ConfigValue value)
    {
        switch (value.Kind)
        {
            case ConfigKind.Map:
                json.WriteStartObject();
                foreach (var entry in value.Entries)
                {
                    json.WritePropertyName(entry.Key);
                    WriteNested(json, entry.Key, entry.Value);
                }

                json.WriteEndObject();
                break;
            case ConfigKind.List:
                json.WriteStartArray();
                foreach (var item in value.Items)
                    WriteNested(json, key, item);
                json.WriteEndArray();
                break;
            case ConfigKind.Null:
                json.WriteNullValue();
                break;
            default:
                WriteText(json, key, value);
                break;
        }
    }

    private static void WriteText(Utf8JsonWriter json, string key, ConfigValue value)
    {
        if (ConfigCall.IsSecret(key, value))
            json.WriteStringValue(ConfigSecrets.Mask);
        else if (value.TryGetBoolean(out var truth))
            json.WriteBooleanValue(truth);
        else if (value.TryGetInteger(out var whole))
            json.WriteNumberValue(whole);
        else
            json.WriteStringValue(value.Text);
    }
}
