using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Securely.Components.Tests.Conformance;

/// <summary>
/// What Laravel's log writes, replayed: the channels stand in the case, what is logged is told by its name. Lines are compared as they are, but for times and for the wording of
/// our own errors; line breaks are allowed, as they are there.
/// </summary>
[Trait("Category", "Conformance")]
public sealed class LogConformanceTests
{
    [Fact]
    public void Logs_as_recorded() => RecordedRun.All("log.json", Run);

    private static bool Run(JsonElement row)
    {
        var name = row.GetProperty("name").GetString()!;
        return name.StartsWith("context: ", StringComparison.Ordinal)
            ? LogContextPlays.IsRight(name["context: ".Length..], row)
            : RunAsync(name, row).GetAwaiter().GetResult();
    }

    private static async Task<bool> RunAsync(string name, JsonElement row)
    {
        var folder = Directory.CreateTempSubdirectory("securely-").FullName;
        try
        {
            var threw = false;
            JsonNode? value = null;
            await using (var play = new LogPlay(folder, row))
            {
                try
                {
                    value = await LogPlays.RunAsync(play, name);
                }
                catch (ArgumentException)
                {
                    threw = true;
                }
            }

            var expected = row.TryGetProperty("value", out var recorded) ? JsonNode.Parse(recorded.GetRawText()) : null;
            return threw == !row.TryGetProperty("value", out _) && JsonNode.DeepEquals(value, expected) && SameFiles(folder, row.GetProperty("files"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool SameFiles(string folder, JsonElement expected)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            files[Regex.Replace(Path.GetFileName(file), @"\d{4}-\d\d-\d\d", "<date>")] = Clean(File.ReadAllText(file));
        if (expected.ValueKind == JsonValueKind.Array)
            return files.Count == 0;
        var wanted = expected.EnumerateObject().ToDictionary(file => file.Name, file => OwnWords(file.Value.GetString()!), StringComparer.Ordinal);
        var isSame = files.Count == wanted.Count && files.All(file => wanted.GetValueOrDefault(file.Key) == OwnWords(file.Value));
        return isSame ? true : throw new InvalidDataException("wrote " + JsonSerializer.Serialize(files));
    }

    /// <summary>The same replacements that the recording made.</summary>
    private static string Clean(string text)
    {
        text = Regex.Replace(text, @"\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?\]", "[<time>]");
        text = Regex.Replace(text, "\"datetime\":\"[^\"]*\"", "\"datetime\":\"<time>\"");
        text = Regex.Replace(text, @" at /[^\s)]*:(\d+)\)", " at <file>:<line>)");
        text = Regex.Replace(text, @"\n+\[stacktrace\].*", "\n[stacktrace]…", RegexOptions.Singleline);
        return Regex.Replace(text, @"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?", "<time>");
    }

    /// <summary>The emergency channel names our exception and our words.</summary>
    private static string OwnWords(string text) => text.Contains(".EMERGENCY: Unable", StringComparison.Ordinal)
        ? Regex.Replace(text, @"\[object\] \(\w+\(code: 0\): .*? at <file>", "[object] (<error> at <file>")
        : text;
}
