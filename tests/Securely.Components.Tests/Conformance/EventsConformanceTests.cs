using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Securely.Components.Tests.Conformance;

/// <summary>What Laravel's dispatcher does, replayed: each case is a small program, told by its name.</summary>
[Trait("Category", "Conformance")]
public sealed class EventsConformanceTests
{
    [Fact]
    public void Dispatches_as_recorded() => RecordedRun.All("events.json", Run);

    private static bool Run(JsonElement row)
    {
        var play = new EventsPlay();
        var name = row.GetProperty("name").GetString()!;
        var threw = false;
        JsonNode? value = null;
        try
        {
            value = RunAsync(play, name).GetAwaiter().GetResult();
        }
        catch (EventsPlay.Boom)
        {
            threw = true;
        }

        var log = JsonNode.Parse(row.GetProperty("log").GetRawText());
        return JsonNode.DeepEquals(play.Log, log)
            && (row.TryGetProperty("value", out var expected) ? !threw && JsonNode.DeepEquals(value, JsonNode.Parse(expected.GetRawText())) : threw);
    }

    private static async Task<JsonNode?> RunAsync(EventsPlay play, string name) =>
        Regex.Match(name, "^wildcard '(.*)' on '(.*)'$", RegexOptions.Singleline) is { Success: true } match
            ? await play.WildcardAsync(match.Groups[1].Value.Replace(@"\\", @"\", StringComparison.Ordinal), match.Groups[2].Value.Replace(@"\\", @"\", StringComparison.Ordinal))
            : await EventsPlays.All[name](play);
}
