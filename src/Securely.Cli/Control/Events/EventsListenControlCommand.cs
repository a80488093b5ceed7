using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Securely.Events;
using Securely.Net;

namespace Securely.Cli;

/// <summary>
/// The server's side of <c>events:listen</c>: first says that it listens, then answers with each event, for as long as the caller stays. When the
/// caller is too slow, events are lost for it, and it is told how many.
/// </summary>
internal sealed class EventsListenControlCommand(Dispatcher events, TimeProvider time) : IControlCommand
{
    public const string CommandName = "events:listen";
    public const string Pattern = "pattern";
    public const string Listening = "listening";
    public const string Dropped = "dropped";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pattern = request.TryGetProperty(Pattern, out var given) ? given.ToString() : "*";
        using var watch = events.Watch(pattern);
        yield return EventJson.Element(new JsonObject { [Listening] = pattern });
        var lost = 0L;
        await foreach (var message in watch.WithCancellation(cancellationToken))
        {
            if (watch.Dropped is var dropped && dropped > lost)
            {
                yield return EventJson.Element(new JsonObject { [Dropped] = dropped - lost });
                lost = dropped;
            }

            yield return EventJson.Element(new JsonObject
            {
                ["time"] = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture),
                ["event"] = message.Name,
                ["payload"] = EventJson.List(message.Payload),
            });
        }
    }
}
