using System.Text.Json.Nodes;
using Securely.Events;

namespace Securely.Components.Tests.Conformance;

/// <summary>One case of the recorded events: a dispatcher, and the order of everything that was heard.</summary>
internal sealed class EventsPlay
{
    public Dispatcher Events { get; } = new();

    public JsonArray Log { get; } = [];

    /// <summary>A listener that writes down what it hears, with the name first where it listens to a pattern, and responds.</summary>
    public void Listen(string pattern, object tag, object? response = null) => Events.Listen(pattern, Hear(tag, pattern.Contains('*', StringComparison.Ordinal), response));

    public EventListener Hear(object tag, bool isWildcard, object? response = null) => (message, _) =>
    {
        var payload = new JsonArray([.. message.Payload.Select(Node)]);
        Log.Add((JsonNode)new JsonArray(Node(tag), isWildcard ? new JsonArray(Node(message.Name), payload) : payload));
        return ValueTask.FromResult(response);
    };

    public void Listen<TEvent>(object tag)
        where TEvent : notnull => Events.Listen<TEvent>((message, _) =>
    {
        Log.Add((JsonNode)new JsonArray(Node(tag), new JsonArray(Node(message.GetType().Name))));
        return ValueTask.FromResult<object?>(null);
    });

    public void Say(string text) => Log.Add((JsonNode)JsonValue.Create(text));

    public async Task<JsonNode> DispatchAsync(string name, params object?[] payload) => List(await Events.DispatchAsync(name, payload));

    public async Task<JsonNode?> UntilAsync(string name) => Node(await Events.UntilAsync(name));

    public async Task<JsonNode?> WildcardAsync(string pattern, string name)
    {
        Listen(pattern, "w", "hit");
        return await DispatchAsync(name);
    }

    public static JsonNode List(IEnumerable<object?> values) => new JsonArray([.. values.Select(Node)]);

    public static JsonNode? Node(object? value) => value switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        string text => JsonValue.Create(text),
        int number => JsonValue.Create(number),
        bool flag => JsonValue.Create(flag),
        _ => JsonValue.Create(value.GetType().Name),
    };

    /// <summary>What a listener or a callback throws.</summary>
    internal sealed class Boom : Exception;
}
