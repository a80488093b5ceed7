using System.CommandLine;
using System.Text.Json;
using Securely.Net;

namespace Securely.Cli;

/// <summary><c>events:listen</c>: shows the events of the running server as they are dispatched.</summary>
internal sealed class EventsListenCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var pattern = new Argument<string>("PATTERN")
        {
            Description = "A name; * in it stands for any letters",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => "*",
        };
        var count = new Option<int?>("--count", "-n") { HelpName = "N", Description = "End after so many events" };
        var json = new Option<bool>("--json") { Description = "Write one JSON object a line instead" };
        var command = new DocumentedCommand("events:listen", "Show the events of the running server as they come")
        {
            Details =
            [
                "One line an event: TIME NAME PAYLOAD, the payload as JSON. The server's own events begin with server. and tell of its phases, such as "
                + "server.running and server.graceful_terminate. It ends with the server, or with Ctrl+C.",
                ControlCall.Details,
            ],
            Examples =
            [
                new("securely events:listen", "Show all events"),
                new("securely events:listen \"deploy.*\" --json", "Some of them, for programs"),
                new("securely events:listen deploy.done --count 1", "Wait for one"),
            ],
        };
        command.Arguments.Add(pattern);
        ControlCall.Declare(command);
        command.Options.Add(count);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) =>
            RunAsync(result, result.GetValue(pattern) ?? "*", Positive(result.GetValue(count)), result.GetValue(json), cancellationToken));
        return command;
    }

    private static int Positive(int? count) => count switch
    {
        null => int.MaxValue,
        > 0 => count.Value,
        _ => throw new CliException($"Option [--count]: [{count}] is out of range; it is 1 or more", ExitCode.Usage),
    };

    private async Task<int> RunAsync(ParseResult line, string pattern, int count, bool json, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var answer in _call.RunAsync(line, EventsListenControlCommand.CommandName, request => request.WriteString(EventsListenControlCommand.Pattern, pattern), cancellationToken))
            {
                if (answer.TryGetProperty(EventsListenControlCommand.Listening, out _))
                    await output.Error.WriteLineAsync($"Listening to [{pattern}]");
                else if (answer.TryGetProperty(EventsListenControlCommand.Dropped, out var dropped))
                    output.Fail($"{dropped} events were lost here; they came faster than they could be written");
                else if (await ShowAsync(answer, json, cancellationToken) && --count == 0)
                    return ExitCode.Ok;
            }

            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (ControlException error) when (error.Failure == ControlFailure.Broken || error.Code == ControlService.EndingCode)
        {
            await output.Error.WriteLineAsync("The server has ended");
            return ExitCode.Ok;
        }
    }

    private async Task<bool> ShowAsync(JsonElement answer, bool json, CancellationToken cancellationToken)
    {
        output.WriteLine(json
            ? answer.GetRawText()
            : $"{answer.GetProperty("time").GetString()} {output.Paint.Name(Printable(answer.GetProperty("event").GetString() ?? ""))} {answer.GetProperty("payload").GetRawText()}");
        await output.Standard.FlushAsync(cancellationToken);
        return true;
    }

    /// <summary>A name comes from whoever dispatched, and must not move the cursor.</summary>
    private static string Printable(string name) => string.Concat(name.Select(letter => char.IsControl(letter) ? '.' : letter));
}
