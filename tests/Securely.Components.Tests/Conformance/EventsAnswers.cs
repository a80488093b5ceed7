using System.Text.Json.Nodes;

namespace Securely.Components.Tests.Conformance;

/// <summary>The recorded cases of events that are about responses.</summary>
internal static class EventsAnswers
{
    public static Dictionary<string, Func<EventsPlay, Task<JsonNode?>>> All => new(StringComparer.Ordinal)
    {
        ["dispatch with no listeners"] = async play => await play.DispatchAsync("x"),
        ["responses are collected in order"] = play => Collected(play, null),
        ["false stops propagation"] = play => Collected(play, false),
        ["payload array spreads"] = Spreads,
        ["halt / until returns the first non-null"] = Until,
        ["until with false"] = async play =>
        {
            play.Listen("x", 1, false);
            play.Listen("x", 2, "two");
            return await play.UntilAsync("x");
        },
        ["until with 0 and empty string"] = async play =>
        {
            play.Listen("x", 1, 0);
            play.Listen("y", 2, "");
            return EventsPlay.List([await play.UntilAsync("x"), await play.UntilAsync("y")]);
        },
        ["wildcard gets the event name first"] = WildcardNames,
    };

    private static async Task<JsonNode?> Collected(EventsPlay play, object? second)
    {
        play.Listen("x", 1, "a");
        play.Listen("x", 2, second);
        play.Listen("x", 3, "c");
        return await play.DispatchAsync("x");
    }

    private static async Task<JsonNode?> Spreads(EventsPlay play)
    {
        play.Listen("x", 1);
        await play.DispatchAsync("x", "a", "b");
        await play.DispatchAsync("x", "single");
        await play.DispatchAsync("x", new JsonObject { ["k"] = 1 });
        await play.Events.DispatchAsync("x", null);
        await play.DispatchAsync("x");
        return null;
    }

    private static async Task<JsonNode?> Until(EventsPlay play)
    {
        play.Listen("x", 1);
        play.Listen("x", 2, "two");
        play.Listen("x", 3, "three");
        return EventsPlay.List([await play.UntilAsync("x"), await play.UntilAsync("x"), await play.UntilAsync("none")]);
    }

    private static async Task<JsonNode?> WildcardNames(EventsPlay play)
    {
        play.Listen("user.*", "w", "W");
        var answers = new List<object?> { await play.DispatchAsync("user.created", 1, 2) };
        foreach (var name in new[] { "user.deleted", "user", "user.a.b", "xuser.a" })
            answers.Add(await play.DispatchAsync(name));
        return EventsPlay.List(answers);
    }
}
