using System.CommandLine;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>config:get</c>: one value, for scripts.</summary>
internal sealed class ConfigGetCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ConfigCall _call = new(output, environment);

    public Command Build()
    {
        var key = new Argument<string>("KEY") { Description = "The key, with dots, such as upstreams.app.balance; * stands for every child" };
        var source = ConfigCall.Source();
        var json = SettingsCall.Json();
        var command = new DocumentedCommand("config:get", "Write one value of the configuration to standard output")
        {
            Details = ["A list is written one value a line, a map as JSON. The exit code is 1 when the key is not there, and for an encrypted value, which config:decrypt writes.", ConfigCall.Details, ConfigCall.ServerDetails],
            Examples =
            [
                new("securely config:get threads", "Write one value"),
                new("securely config:get upstreams.app.servers", "Write a list"),
                new("securely config:get listeners.*.address", "Write the addresses of all listeners"),
                new("securely config:get APP_NAME --source", "With where it comes from"),
            ],
        };
        command.Arguments.Add(key);
        ConfigCall.Declare(command);
        command.Options.Add(source);
        command.Options.Add(json);
        command.SetAction((line, cancellationToken) => RunAsync(line, line.GetValue(key)!, line.GetValue(source), line.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string key, bool source, bool json, CancellationToken cancellationToken)
    {
        var repository = await _call.LoadAsync(line, cancellationToken);
        var value = repository.Find(key) ?? repository.Match(key) ?? throw new CliException(ConfigCall.NotThere(key, repository));
        if (ConfigSecrets.IsEncrypted(value))
            throw new CliException($"[{key}] is encrypted; securely config:decrypt {key} writes it");
        if (!key.Contains('*', StringComparison.Ordinal))
            _call.WarnOfServer(key, value, _call.ServerFile(line));
        if (json)
            JsonOutput.Write(output, document => ConfigJson.Write(document, key, value, source));
        else
            Write(key, value, source);
        return ExitCode.Ok;
    }

    private void Write(string key, ConfigValue value, bool source)
    {
        var place = source ? $"  ({ConfigCall.Place(value.Origin)})" : "";
        if (value.TryGetText(out var text))
            output.WriteLine(text + place);
        else if (value.Kind == ConfigKind.List && value.Items.All(item => item.Kind == ConfigKind.Text))
            WriteItems(key, value, source);
        else if (value.Kind == ConfigKind.Null)
            output.WriteLine(place.TrimStart());
        else
            JsonOutput.Write(output, document => ConfigJson.Write(document, key, value, source));
    }

    private void WriteItems(string key, ConfigValue list, bool source)
    {
        foreach (var item in list.Items)
            output.WriteLine(ConfigCall.Show(key, item) + (source ? $"  ({ConfigCall.Place(item.Origin)})" : ""));
    }
}
