using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>log:level</c>: sets a level when one is given, and answers with all that are set then.</summary>
internal sealed class LogLevelControlCommand(LogLevels levels) : IControlCommand
{
    public const string CommandName = "log:level";
    public const string Level = "level";
    public const string Category = "category";

    /// <summary>In place of a level: what a category has that has none of its own, and info for all of them.</summary>
    public const string Default = "default";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        var category = Text(request, Category);
        if (category is not null && !levels.IsKnown(category))
            throw new ControlCommandException($"Category [{category}] is not known; {Suggestion(category)}", "unknown_category");
        if (Text(request, Level) is { } name)
            Set(category, name);
        yield return JsonSerializer.SerializeToElement(Read(), LogLevelJson.Default.LogLevelReport);
    }

    private static string? Text(JsonElement request, string name) => request.TryGetProperty(name, out var value) ? value.ToString() : null;

    private void Set(string? category, string name)
    {
        if (name == Default)
        {
            if (category is null)
                levels.Set(LogLevel.Information);
            else
                levels.Set(category, null);
            return;
        }

        if (!LogLevels.TryParse(name, out var level))
            throw new ControlCommandException($"Level [{name}] is not known; use [{string.Join("], [", LogLevels.Names)}] or [{Default}]", "unknown_level");
        if (category is null)
            levels.Set(level);
        else
            levels.Set(category, level);
    }

    private string Suggestion(string category) => NearestName.Find(category, levels.Known) is { } nearest
        ? $"did you mean [{nearest}]?"
        : $"use [{string.Join("], [", levels.Known)}], or the beginning of one up to a dot";

    private LogLevelReport Read() => new()
    {
        Level = LogLevels.NameOf(levels.Default),
        Categories = levels.Categories.ToDictionary(own => own.Key, own => LogLevels.NameOf(own.Value), StringComparer.Ordinal),
        Known = levels.Known,
    };
}

/// <summary>From which level on a server logs.</summary>
internal sealed record LogLevelReport
{
    /// <summary>For all categories that have none of their own.</summary>
    public required string Level { get; init; }

    /// <summary>Levels of categories' own.</summary>
    public required IReadOnlyDictionary<string, string> Categories { get; init; }

    /// <summary>The categories that there are.</summary>
    public required IReadOnlyList<string> Known { get; init; }
}

/// <summary>Reads and writes the levels without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LogLevelReport))]
internal sealed partial class LogLevelJson : JsonSerializerContext;
