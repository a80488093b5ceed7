using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Cli;

/// <summary>The server's side of <c>stop</c>: tells the server to end, and says how far it is until the control service itself ends, last of all.</summary>
internal sealed partial class StopControlCommand(Server server, IStatusSource source, ILogger logger, TimeProvider time) : IControlCommand
{
    public const string CommandName = "stop";
    public const string Kind = "kind";
    public const string Graceful = "graceful";
    public const string Fast = "fast";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    public string Name => CommandName;

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var kind = ReadKind(request);
        LogAsked(logger, kind);
        // Not awaited: the server waits for its services, and this is one of them.
        _ = server.StopAsync(kind, CancellationToken.None).AsTask();
        while (true)
        {
            yield return JsonSerializer.SerializeToElement(Progress(), StopJson.Default.StopProgress);
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private static ShutdownKind ReadKind(JsonElement request)
    {
        if (!request.TryGetProperty(Kind, out var kind))
            return ShutdownKind.Graceful;
        return kind.ToString() switch
        {
            Graceful => ShutdownKind.Graceful,
            Fast => ShutdownKind.Fast,
            var other => throw new ControlCommandException($"Kind [{other}] is not known; use [{Graceful}] or [{Fast}]", "unknown_kind"),
        };
    }

    private StopProgress Progress()
    {
        var report = source.Read();
        return new StopProgress { ProcessId = report.ProcessId, Phase = report.Phase, Connections = report.Connections };
    }

    [LoggerMessage(9000, LogLevel.Information, "Asked to stop over the control socket: {Kind} shutdown")]
    private static partial void LogAsked(ILogger logger, ShutdownKind kind);
}

/// <summary>How far a server is with its end.</summary>
internal sealed record StopProgress
{
    [JsonPropertyName("pid")]
    public required int ProcessId { get; init; }

    public required string Phase { get; init; }

    /// <summary>Connections of clients that are still open.</summary>
    public required int Connections { get; init; }
}

/// <summary>Reads and writes the progress without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StopProgress))]
internal sealed partial class StopJson : JsonSerializerContext;
