using System.CommandLine;
using System.Text.Json;
using Securely.Config;

namespace Securely.Cli;

/// <summary><c>log:level</c>: from which level on the running server logs.</summary>
internal sealed class LogLevelCommand(Output output, CliEnvironment environment) : ICliCommand
{
    private readonly ControlCall _call = new(environment);

    private static IReadOnlyList<string> Levels => [.. LogLevels.Names, LogLevelControlCommand.Default];

    public Command Build()
    {
        var level = LevelArgument();
        var category = new Option<string?>("--category") { HelpName = "NAME", Description = "Only for the messages of this category, and of those below it" };
        var json = new Option<bool>("--json") { Description = "Write a JSON document instead" };
        var command = new DocumentedCommand("log:level", "Show or change from which level on the running server logs")
        {
            Details =
            [
                "Without LEVEL it shows the levels and the categories. A change lasts until the server ends. Each line of the log names its category: "
                + "TIME LEVEL CATEGORY: MESSAGE.",
                ControlCall.Details,
            ],
            Examples =
            [
                new("securely log:level", "Show the levels and the categories"),
                new("securely log:level debug", "Log more"),
                new("securely log:level debug --category Securely.Service.sites", "Log more of one category"),
                new("securely log:level default --category Securely.Service.sites", "Log it again as all others"),
            ],
        };
        command.Arguments.Add(level);
        ControlCall.Declare(command);
        command.Options.Add(category);
        command.Options.Add(json);
        command.SetAction((result, cancellationToken) =>
            RunAsync(result, result.GetValue(level), result.GetValue(category), result.GetValue(json), cancellationToken));
        return command;
    }

    private static Argument<string?> LevelArgument()
    {
        var level = new Argument<string?>("LEVEL")
        {
            Description = $"{string.Join(", ", LogLevels.Names)}; or {LogLevelControlCommand.Default} for what it was at the start",
            Arity = ArgumentArity.ZeroOrOne,
        };
        level.CompletionSources.Add([.. Levels]);
        level.Validators.Add(result =>
        {
            var name = result.Tokens[0].Value;
            if (!Levels.Contains(name, StringComparer.Ordinal))
                result.AddError(NearestName.Find(name, Levels) is { } nearest
                    ? $"Level [{name}] is not known; did you mean [{nearest}]?"
                    : $"Level [{name}] is not known; choose one of {string.Join(", ", Levels)}");
        });
        return level;
    }

    private async Task<int> RunAsync(ParseResult line, string? level, string? category, bool json, CancellationToken cancellationToken)
    {
        var answer = await _call.AskAsync(line, LogLevelControlCommand.CommandName, request => WriteRequest(request, level, category), cancellationToken);
        if (json)
            JsonOutput.Write(output, answer.WriteTo);
        else
            Write(answer.Deserialize(LogLevelJson.Default.LogLevelReport)!);
        return ExitCode.Ok;
    }

    private void Write(LogLevelReport report)
    {
        output.WriteLine($"The level is {output.Paint.Name(report.Level)}");
        output.WriteLine();
        var grid = new Grid("Categories", new GridColumn("own level", IsNumber: false));
        foreach (var category in report.Known.Union(report.Categories.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            grid.Add(category, report.Categories.GetValueOrDefault(category, ""));
        grid.Write(output);
    }

    private static void WriteRequest(Utf8JsonWriter request, string? level, string? category)
    {
        if (level is not null)
            request.WriteString(LogLevelControlCommand.Level, level);
        if (category is not null)
            request.WriteString(LogLevelControlCommand.Category, category);
    }
}
