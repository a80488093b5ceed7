using System.CommandLine;
using System.Text.Json;

namespace Securely.Cli;

/// <summary><c>events:dispatch</c>: dispatches an event in the running server.</summary>
internal sealed class EventsDispatchCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var name = new Argument<string>("EVENT") { Description = "The name of the event; names that begin with server. are the server's own" };
        var payload = new Argument<string[]>("PAYLOAD")
        {
            Description = "What comes with it: JSON values, and what is not JSON is text",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("events:dispatch", "Dispatch an event in the running server")
        {
            Details = ["Says how many listeners of the server and how many calls of events:listen heard it, and what the listeners responded.", ControlCall.Details],
            Examples =
            [
                new("securely events:dispatch deploy.done", "Tell whoever listens"),
                new("securely events:dispatch deploy.done v1.2 3", "With two values"),
                new("securely events:dispatch deploy.done --json", "The same for programs"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(payload);
        ControlCall.Declare(command);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) =>
            RunAsync(result, result.GetRequiredValue(name), result.GetValue(payload) ?? [], result.GetValue(json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, string name, string[] payload, bool json, CancellationToken cancellationToken)
    {
        var answer = await _call.AskAsync(line, EventsDispatchControlCommand.CommandName, request => Write(request, name, payload), cancellationToken);
        if (json)
        {
            JsonOutput.Write(output, answer.WriteTo);
            return ExitCode.Ok;
        }

        var (listeners, watches) = (answer.GetProperty("listeners").GetInt32(), answer.GetProperty("watches").GetInt32());
        output.WriteLine($"{output.Paint.Name(name)} was heard by {Count(listeners, "listener")} and {Count(watches, "call")} of events:listen");
        foreach (var response in answer.GetProperty("responses").EnumerateArray())
            output.WriteLine("  " + response.GetRawText());
        return ExitCode.Ok;
    }

    private static void Write(Utf8JsonWriter request, string name, string[] payload)
    {
        request.WriteString(EventsDispatchControlCommand.Event, name);
        request.WriteStartArray(EventsDispatchControlCommand.Payload);
        foreach (var value in payload)
            WriteValue(request, value);
        request.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter request, string value)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(value);
        }
        catch (JsonException)
        {
            request.WriteStringValue(value);
            return;
        }

        using (document)
            document.RootElement.WriteTo(request);
    }

    private static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";
}
