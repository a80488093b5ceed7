using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>log:tail</c>: the last messages that the caller wants to see, and if asked those that come.</summary>
internal sealed class LogTailControlCommand(LogTail tail) : IControlCommand
{
    public const string CommandName = "log:tail";
    public const string Lines = "lines";
    public const string Follow = "follow";
    public const string Level = "level";
    public const string Category = "category";
    public const string Filter = "filter";
    public const string Lost = "lost";

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wanted = Wanted.Read(request);
        if (!wanted.Follows)
        {
            foreach (var entry in wanted.Choose(tail.Last()))
                yield return Element(entry);
            yield break;
        }

        var (last, next) = tail.Follow();
        try
        {
            yield return EventJson.Element(new JsonObject { [Follow] = true });
            foreach (var entry in wanted.Choose(last))
                yield return Element(entry);
            var seen = last.Count == 0 ? (long?)null : last[^1].Number;
            await foreach (var entry in ReadAsync(next.Reader, cancellationToken))
            {
                if (seen is { } number && entry.Number > number + 1)
                    yield return EventJson.Element(new JsonObject { [Lost] = entry.Number - number - 1 });
                seen = entry.Number;
                if (wanted.Has(entry))
                    yield return Element(entry);
            }
        }
        finally
        {
            tail.End(next);
        }
    }

    /// <summary>Those that come until the server ends, with what it says before that: its last words are what a follower waits for.</summary>
    private static async IAsyncEnumerable<LogTailEntry> ReadAsync(ChannelReader<LogTailEntry> entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool isLast;
        do
        {
            await ((Task)entries.WaitToReadAsync(cancellationToken).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            isLast = cancellationToken.IsCancellationRequested;
            for (var left = LogTail.Kept; left > 0 && entries.TryRead(out var entry); left--)
                yield return entry;
        }
        while (!isLast);

        cancellationToken.ThrowIfCancellationRequested();
    }

    private static JsonElement Element(LogTailEntry entry) => EventJson.Element(new JsonObject
    {
        ["time"] = entry.Time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        ["level"] = LogLevels.NameOf(entry.Level),
        ["category"] = entry.Category,
        ["message"] = entry.Message,
    });

    private sealed record Wanted(int Count, bool Follows, LogLevel Minimum, string? Under, string? Text)
    {
        public static Wanted Read(JsonElement request)
        {
            var name = TextOf(request, Level);
            var level = LogLevel.Trace;
            if (name is not null && !LogLevels.TryParse(name, out level))
                throw new ControlCommandException($"Level [{name}] is not known; use [{string.Join("], [", LogLevels.Names)}]", "unknown_level");
            var count = request.TryGetProperty(Lines, out var lines) && lines.TryGetInt32(out var number) ? number : 10;
            return new Wanted(count, request.TryGetProperty(Follow, out var follow) && follow.ValueKind == JsonValueKind.True, level, TextOf(request, Category), TextOf(request, Filter));
        }

        public IEnumerable<LogTailEntry> Choose(IEnumerable<LogTailEntry> entries) => entries.Where(Has).TakeLast(Count);

        public bool Has(LogTailEntry entry) =>
            entry.Level >= Minimum
            && (Under is null || (entry.Category.StartsWith(Under, StringComparison.Ordinal) && (entry.Category.Length == Under.Length || entry.Category[Under.Length] == '.')))
            && (Text is null || entry.Message.Contains(Text, StringComparison.OrdinalIgnoreCase));

        private static string? TextOf(JsonElement request, string name) => request.TryGetProperty(name, out var value) ? value.ToString() : null;
    }
}
