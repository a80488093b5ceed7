using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Securely.Events;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>events:list</c>: answers once, with all listeners and watches.</summary>
internal sealed class EventsListControlCommand(Dispatcher events) : IControlCommand
{
    public const string CommandName = "events:list";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return EventJson.Element(new JsonObject
        {
            ["listeners"] = new JsonArray([.. events.Listeners.Select(Describe)]),
        });
    }

    private static JsonNode Describe(ListenerInfo listener) => new JsonObject
    {
        ["event"] = listener.Pattern,
        ["kind"] = listener.Kind.ToString().ToLowerInvariant(),
        ["listener"] = listener.Name,
        ["queued"] = listener.IsQueued,
        ["on_failure"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(listener.OnFailure.ToString()),
    };
}
