using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>config:check</c>: whether everything can be read, decrypted, and is what a schema says.</summary>
internal sealed class ConfigCheckCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var schema = new Option<string?>("--schema") { HelpName = "FILE", Description = "What the values must be, as in [app.port: {type: integer, min: 1, max: 65535, required: true}]" };
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("config:check", "Check all sources of the configuration, and their secrets")
        {
            Details =
            [
                "All errors are reported at once, as FILE:LINE:COLUMN: message; the exit code is 3 then. Each encrypted value is decrypted to see whether the key fits. Types of a "
                + "schema are any, text, integer, number, boolean, duration, size, list and map; with in: [a, b] only these texts are allowed. securely check knows what the server needs.",
                ConfigCall.Details,
            ],
            Examples = [new("securely config:check", "Check everything"), new("securely config:check --schema schema.yaml", "Check against a schema too"), new("securely config:check --json", "For programs")],
        };
        ConfigCall.Declare(command);
        command.Options.Add(schema);
        command.Options.Add(json);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(schema), line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string? schema, bool json, CancellationToken cancellationToken)
    {
        var diagnostics = new ConfigDiagnostics();
        var sources = await _call.SourcesAsync(line, cancellationToken);
        if (schema is not null && YamlReader.ReadFile(environment.Resolve(schema), diagnostics) is { } rules)
            sources = sources with { Schema = ConfigSchema.Read(rules, diagnostics) };
        var root = sources.Read(diagnostics);
        var values = ConfigTree.Dot(root);
        foreach (var entry in values.Where(entry => ConfigSecrets.IsEncrypted(entry.Value)))
            EncryptedValues.TryReveal(entry.Key, entry.Value, sources.Secrets, diagnostics, out _);
        ConfigurationFile.Write(diagnostics, output);
        if (json)
            WriteJson(values.Count, diagnostics);
        else if (!diagnostics.HasErrors)
            output.WriteLine(string.Create(null, $"{output.Paint.Name("ok")} ({values.Count} values)"));
        return diagnostics.HasErrors ? ExitCode.Configuration : ExitCode.Ok;
    }

    private void WriteJson(int values, ConfigDiagnostics diagnostics) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", !diagnostics.HasErrors);
        json.WriteNumber("values", values);
        json.WriteStartArray("diagnostics");
        foreach (var item in diagnostics.Items)
        {
            json.WriteStartObject();
            json.WriteString("severity", item.Severity == ConfigSeverity.Error ? "error" : "warning");
            json.WriteString("file", item.Origin.File);
            json.WriteNumber("line", item.Origin.Line);
            json.WriteNumber("column", item.Origin.Column);
            json.WriteString("message", item.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
