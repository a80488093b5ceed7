using System.CommandLine;
using System.Text.Json;

namespace Securely.Cli;

/// <summary><c>events:list</c>: who listens to events in the running server.</summary>
internal sealed class EventsListCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var filter = new Option<string?>("--event") { HelpName = "TEXT", Description = "Only events whose name has this text in it" };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("events:list", "List who listens to events in the running server")
        {
            Details = ["Each running call of events:listen is listed as a watch.", ControlCall.Details],
            Examples =
            [
                new("securely events:list", "List all of them"),
                new("securely events:list --event server", "Only those of some events"),
                new("securely events:list --json", "The same for programs"),
            ],
        };
        ControlCall.Declare(command);
        command.Options.Add(filter);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) => RunAsync(result, result.GetValue(filter) ?? "", result.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string filter, bool json, CancellationToken cancellationToken)
    {
        var answer = await _call.AskAsync(line, EventsListControlCommand.CommandName, null, cancellationToken);
        var listeners = answer.GetProperty("listeners").EnumerateArray()
            .Where(listener => Text(listener, "event").Contains(filter, StringComparison.Ordinal)).ToList();
        if (json)
            JsonOutput.Write(output, writer => WriteJson(writer, listeners));
        else if (listeners.Count == 0)
            output.WriteLine(filter.Length == 0 ? "Nobody listens; securely events:listen does" : $"Nobody listens to an event with [{filter}] in its name");
        else
            Write(listeners);
        return ExitCode.Ok;
    }

    private static string Text(JsonElement listener, string name) => listener.GetProperty(name).GetString() ?? "";

    private static void WriteJson(Utf8JsonWriter writer, List<JsonElement> listeners)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("listeners");
        foreach (var listener in listeners)
            listener.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Write(List<JsonElement> listeners)
    {
        var grid = new Grid("Events", new GridColumn("kind", IsNumber: false), new GridColumn("listener", IsNumber: false), new GridColumn("", IsNumber: false));
        foreach (var listener in listeners)
            grid.Add(Text(listener, "event"), Text(listener, "kind"), Text(listener, "listener"), listener.GetProperty("queued").GetBoolean() ? "queued" : "");
        grid.Write(output);
    }
}
