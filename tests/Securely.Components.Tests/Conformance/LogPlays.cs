using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Securely.Log;

namespace Securely.Components.Tests.Conformance;

/// <summary>What each recorded case of the log does, by its name.</summary>
internal static partial class LogPlays
{
    private static readonly Dictionary<string, object?> ContextValues = new(StringComparer.Ordinal)
    {
        ["null"] = null,
        ["int"] = 5,
        ["float"] = 1.5,
        ["bool"] = true,
        ["string"] = "a \"q\" b",
        ["unicode"] = "żółć 😀",
        ["slash"] = "a/b\\c",
        ["newline"] = "a\nb",
        ["empty array"] = Array.Empty<object?>(),
        ["list"] = new object?[] { 1, "a", null },
        ["map"] = Map("k", Map("d", 1)),
        ["nan"] = double.NaN,
        ["inf"] = double.PositiveInfinity,
        ["date"] = new DateTimeOffset(2025, 1, 2, 3, 4, 5, TimeSpan.Zero),
        ["object"] = new LogObject("stdClass", Map("a", 1)),
        ["closure"] = (Func<int>)(() => 1),
    };

    public static async Task<JsonNode?> RunAsync(LogPlay play, string name)
    {
        if (Level().Match(name) is { Success: true } level)
            play.Log.Log(level.Groups[1].Value, "message");
        else if (name.StartsWith("minimum ", StringComparison.Ordinal))
            LogAll(play);
        else if (name.StartsWith("context value ", StringComparison.Ordinal))
            play.Log.Info("m", new KeyValuePair<string, object?>("v", ContextValues[name["context value ".Length..]]));
        else
            return await Named(play, name);
        return null;
    }

    private static void LogAll(LogPlay play)
    {
        foreach (var severity in LogSeverities.Names)
            play.Log.Log(severity, severity);
    }

    private static async Task<JsonNode?> Named(LogPlay play, string name)
    {
        if (LogMessagePlays.All.TryGetValue(name, out var message))
        {
            message(play);
            return null;
        }

        switch (name)
        {
            case "shareContext reaches channels made later":
                play.Manager.ShareContext(Map("inv", "i1"));
                play.Log.Info("a");
                play.Manager.Channel("second").Info("b");
                return new JsonObject([.. play.Manager.SharedContext.Select(entry => KeyValuePair.Create(entry.Key, EventsPlay.Node(entry.Value)))]);
            case "default null":
                play.Log.Info("x");
                return play.Manager.Default.Length == 0 ? null : play.Manager.Default;
            case "daily keeps N files":
                foreach (var date in new[] { "2020-01-01", "2020-01-02", "2020-01-03" })
                    await File.WriteAllTextAsync(Path.Combine(play.Folder, $"app-{date}.log"), date);
                play.Log.Info("x");
                await play.Manager.FlushAsync();
                return Directory.GetFiles(play.Folder, "app-20*.log").Length;
            case "listen / MessageLogged":
                return Heard(play);
            default:
                // All others log one line to the default channel.
                play.Log.Info("x");
                return null;
        }
    }

    private static JsonArray Heard(LogPlay play)
    {
        var heard = new JsonArray();
        play.Manager.Listen(record => heard.Add((JsonNode)new JsonArray(
            record.Severity.Name, record.Message,
            record.Context.Count == 0 ? new JsonArray() : new JsonObject([.. record.Context.Select(entry => KeyValuePair.Create(entry.Key, EventsPlay.Node(entry.Value)))]))));
        play.Log.Info("a", Map("k", 1));
        play.Log.Error("b");
        return heard;
    }

    internal static KeyValuePair<string, object?>[] Map(string key, object? value) => [new(key, value)];

    [GeneratedRegex("^level (\\w+) line$")]
    private static partial Regex Level();
}
