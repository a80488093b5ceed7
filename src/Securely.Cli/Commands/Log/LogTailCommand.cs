using System.CommandLine;
using System.Text.Json;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary><c>log:tail</c>: the last messages of the running server, and those that come.</summary>
internal sealed class LogTailCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    public Command Build()
    {
        var lines = new Option<int>("--lines", "-n") { HelpName = "N", Description = "How many of the last messages to show", DefaultValueFactory = _ => 10 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with those that come, until Ctrl+C or the end of the server" };
        var level = LevelOption();
        var category = new Option<string?>("--category") { HelpName = "NAME", Description = "Only messages of this category, and of those below it" };
        var filter = new Option<string?>("--filter") { HelpName = "TEXT", Description = "Only messages with this text in them, in any case" };
        var json = new Option<bool>("--json") { Description = "Write one JSON object a line instead" };
        var command = new DocumentedCommand("log:tail", "Show the log of the running server")
        {
            Details =
            [
                $"The server keeps its last {LogTail.Kept} messages, wherever else its log goes. What is logged at all is up to log:level.",
                ControlCall.Details,
            ],
            Examples =
            [
                new("securely log:tail", "Show the last ten messages"),
                new("securely log:tail -f --level warning", "Watch for what is not as it should be"),
                new("securely log:tail -n 100 --filter timeout --json", "Look for a word, for programs"),
            ],
        };
        ControlCall.Declare(command);
        foreach (var option in new Option[] { lines, follow, level, category, filter, json })
            command.Options.Add(option);
        command.SetAction((result, cancellationToken) => RunAsync(
            result, new Wish(Count(result.GetValue(lines)), result.GetValue(follow), result.GetValue(level), result.GetValue(category), result.GetValue(filter)), result.GetValue(json), cancellationToken));
        return command;
    }

    private static Option<string?> LevelOption()
    {
        var level = new Option<string?>("--level") { HelpName = "LEVEL", Description = "Only messages of this level and graver ones: " + string.Join(", ", LogLevels.Names.SkipLast(1)) };
        level.CompletionSources.Add([.. LogLevels.Names.SkipLast(1)]);
        level.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !LogLevels.TryParse(name, out _))
                result.AddError(NearestName.Find(name, [.. LogLevels.Names]) is { } nearest
                    ? $"Level [{name}] is not known; did you mean [{nearest}]?"
                    : $"Level [{name}] is not known; choose one of {string.Join(", ", LogLevels.Names.SkipLast(1))}");
        });
        return level;
    }

    private static int Count(int lines) => lines is >= 0 and <= LogTail.Kept
        ? lines
        : throw new CliException($"Option [--lines]: [{lines}] is out of range; it is 0 to {LogTail.Kept}", ExitCode.Usage);

    private async Task<int> RunAsync(ParseResult line, Wish wish, bool json, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var answer in _call.RunAsync(line, LogTailControlCommand.CommandName, wish.Write, cancellationToken))
            {
                if (answer.TryGetProperty(LogTailControlCommand.Follow, out _))
                    await output.Error.WriteLineAsync("Following the log");
                else if (answer.TryGetProperty(LogTailControlCommand.Lost, out var lost))
                    output.Fail($"{lost} messages were lost here; they came faster than they could be written");
                else
                    output.WriteLine(json ? answer.GetRawText() : Line(answer));
                await output.Standard.FlushAsync(cancellationToken);
            }

            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
        catch (ControlException error) when (wish.Follow && (error.Failure == ControlFailure.Broken || error.Code == ControlService.EndingCode))
        {
            await output.Error.WriteLineAsync("The server has ended");
            return ExitCode.Ok;
        }
    }

    private string Line(JsonElement answer)
    {
        var level = Text(answer, "level");
        var painted = level is "error" or "critical" ? output.Paint.Failure(level) : level == "warning" ? output.Paint.Warning(level) : level;
        return $"{Text(answer, "time")} {painted} {output.Paint.Name(Text(answer, "category"))}: {Text(answer, "message")}";
    }

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString() ?? "";

    private sealed record Wish(int Lines, bool Follow, string? Level, string? Category, string? Filter)
    {
        public void Write(Utf8JsonWriter request)
        {
            request.WriteNumber(LogTailControlCommand.Lines, Lines);
            request.WriteBoolean(LogTailControlCommand.Follow, Follow);
            foreach (var (name, value) in new[] { (LogTailControlCommand.Level, Level), (LogTailControlCommand.Category, Category), (LogTailControlCommand.Filter, Filter) })
            {
                if (value is not null)
                    request.WriteString(name, value);
            }
        }
    }
}
