using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Securely.Events;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>events:dispatch</c>: dispatches, and answers with who heard it and what they said.</summary>
internal sealed class EventsDispatchControlCommand(Dispatcher events) : IControlCommand
{
    public const string CommandName = "events:dispatch";
    public const string Event = "event";
    public const string Payload = "payload";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = request.TryGetProperty(Event, out var given) ? given.ToString() : "";
        if (name.Length == 0)
            throw new ControlCommandException("The event has no name; give it as [event]", "no_event");
        if (name.StartsWith(ServerEvents.Prefix, StringComparison.Ordinal))
            throw new ControlCommandException($"Event [{name}] is the server's own, because it begins with [{ServerEvents.Prefix}]; choose another name", "reserved_event");
        object?[] payload = request.TryGetProperty(Payload, out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray().Select(item => (object)item.Clone())]
            : [];
        var heard = events.ListenersOf(name);
        var responses = await events.DispatchAsync(name, payload, cancellationToken);
        yield return EventJson.Element(new JsonObject
        {
            ["event"] = name,
            ["listeners"] = heard.Count(listener => listener.Kind != ListenerKind.Watch),
            ["watches"] = heard.Count(listener => listener.Kind == ListenerKind.Watch),
            ["responses"] = EventJson.List(responses),
        });
    }
}
