using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Securely.Cli;

/// <summary><c>status</c>: what the running server does at this moment.</summary>
internal sealed class StatusCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private const double DefaultInterval = 1;
    private const double LongestInterval = 3600;
    private const double ShortestInterval = 0.1;

    // To the top, and after each line and at the end away with what stood there before: nothing flickers.
    private const string Top = "\e[H";
    private const string RestOfLine = "\e[K";
    private const string RestOfScreen = "\e[J";

    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead; with --watch one a line" };
        var watch = new Option<double?>("--watch")
        {
            HelpName = "SECONDS",
            Description = "Show it again and again, every second unless told otherwise; a terminal is drawn over",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new DocumentedCommand("status", "Show what the running server does")
        {
            Details =
            [
                "Version, process, phase, requests, listeners, workers with their load, upstreams with their servers, and pools of idle connections. "
                + "Rates are of the last 10 seconds and of the last minute.",
                ControlCall.Details,
                "The exit code is 1 when no server runs.",
            ],
            Examples =
            [
                new("securely status", "Ask the server of ./securely.yaml or /etc/securely/securely.yaml"),
                new("securely status --watch", "See it every second"),
                new("securely status -c securely.yaml --json", "The figures for programs"),
            ],
        };
        ControlCall.Declare(command);
        command.Options.Add(json);
        command.Options.Add(watch);
        command.SetAction((result, cancellationToken) => result.GetResult(watch) is null
            ? ShowAsync(result, result.GetValue(json), cancellationToken)
            : WatchAsync(result, result.GetValue(json), Interval(result.GetValue(watch)), cancellationToken));
        return command;
    }

    private static TimeSpan Interval(double? seconds) => seconds switch
    {
        null => TimeSpan.FromSeconds(DefaultInterval),
        >= ShortestInterval and <= LongestInterval => TimeSpan.FromSeconds(seconds.Value),
        _ => throw new CliException(
            string.Create(CultureInfo.InvariantCulture, $"Option [--watch]: [{seconds}] seconds are out of range; they are {ShortestInterval} to {LongestInterval}"), ExitCode.Usage),
    };

    private async Task<int> ShowAsync(ParseResult line, bool json, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(line, cancellationToken);
        if (json)
            JsonOutput.Write(output, answer.WriteTo);
        else
            StatusRenderer.Write(output, Read(answer));
        return ExitCode.Ok;
    }

    private async Task<int> WatchAsync(ParseResult line, bool json, TimeSpan interval, CancellationToken cancellationToken)
    {
        try
        {
            for (var isFirst = true; ; isFirst = false)
            {
                var answer = await AskAsync(line, cancellationToken);
                if (json)
                    output.WriteLine(answer.GetRawText());
                else
                    Draw(Read(answer), isFirst);
                await output.Standard.FlushAsync(cancellationToken);
                await Task.Delay(interval, environment.Time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
    }

    private void Draw(StatusReport report, bool isFirst)
    {
        if (!output.IsTerminal)
        {
            if (!isFirst)
                output.WriteLine();
            StatusRenderer.Write(output, report);
            return;
        }

        using var page = new StringWriter(CultureInfo.InvariantCulture) { NewLine = RestOfLine + "\n" };
        StatusRenderer.Write(new Output(page, TextWriter.Null) { Paint = output.Paint, Width = output.Width }, report);
        output.Standard.Write((isFirst ? Top + RestOfScreen : Top) + page + RestOfScreen);
    }

    private Task<JsonElement> AskAsync(ParseResult line, CancellationToken cancellationToken) =>
        _call.AskAsync(line, StatusControlCommand.CommandName, null, cancellationToken);

    private static StatusReport Read(JsonElement answer)
    {
        try
        {
            return answer.Deserialize(StatusJson.Default.StatusReport)!;
        }
        catch (JsonException)
        {
            throw new CliException("The server's answer is of another version; use the program that the server runs, or --json");
        }
    }
}
