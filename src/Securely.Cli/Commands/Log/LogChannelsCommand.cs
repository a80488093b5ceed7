using System.CommandLine;
using Securely.Log;

namespace Securely.Cli;

/// <summary><c>log:channels</c>: the channels of a configuration file, and where each goes.</summary>
internal sealed class LogChannelsCommand(Output output, CliEnvironment environment) : ICliCommand
{
    public Command Build()
    {
        var file = ConfigurationOption.Create();
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("log:channels", "List the log channels of a configuration file")
        {
            Details = ["It reads the section log of the file that serve would read; no server has to run. The channel that the server logs to is marked as default."],
            Examples =
            [
                new("securely log:channels", "List them"),
                new("securely log:channels -c securely.yaml --json", "Those of one file, for programs"),
            ],
        };
        command.Options.Add(file);
        command.Options.Add(json);
        command.SetAction(result => Run(result.GetValue(file), result.GetValue(json)));
        return command;
    }

    private int Run(string? named, bool json)
    {
        var file = ConfigurationFile.Find(named, environment);
        var configuration = file is null ? null : ConfigurationFile.Load(file, output, environment);
        if (json)
            WriteJson(configuration?.Log);
        else if (configuration?.Log is { } log)
            Write(log);
        else
            output.WriteLine(configuration?.Server.ErrorLog is { } path
                ? $"There is no section [log]; the server logs to standard error and to {path}"
                : "There is no section [log]; the server logs to standard error");
        return ExitCode.Ok;
    }

    /// <summary>Where a channel goes; of a webhook only whom it calls, because the rest may be secret.</summary>
    private static string Destination(LogChannelOptions channel) => channel.Driver switch
    {
        "single" or "daily" => channel.Path ?? "",
        "stack" => string.Join(", ", channel.Channels),
        "webhook" => Uri.TryCreate(channel.Url, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : "",
        "syslog" => channel.Url ?? "unix:/dev/log",
        "journald" => channel.Url ?? "unix:/run/systemd/journal/socket",
        "stderr" => "standard error",
        _ => "",
    };

    private void Write(LogChannelsOptions log)
    {
        var grid = new Grid("Channels", new GridColumn("driver", IsNumber: false), new GridColumn("level", IsNumber: false), new GridColumn("", IsNumber: false), new GridColumn("goes to", IsNumber: false));
        foreach (var (name, channel) in log.Channels)
            grid.Add(name, channel.Driver, channel.Level ?? "debug", name == log.Default ? "default" : "", Destination(channel));
        grid.Write(output);
    }

    private void WriteJson(LogChannelsOptions? log) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("default", log?.Default);
        json.WriteStartArray("channels");
        foreach (var (name, channel) in log?.Channels ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("driver", channel.Driver);
            json.WriteString("level", channel.Level);
            json.WriteString("goes_to", Destination(channel));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
