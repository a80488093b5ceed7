using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Securely.Net;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>The server's side of a hook with <c>reload</c>: it hears which settings changed, never what they are, and says so in its log.</summary>
internal sealed partial class SettingsChangedControlCommand(ILogger logger) : IControlCommand
{
    public const string CommandName = "settings:changed";

    /// <summary>What the log calls it.</summary>
    public const string Category = "Securely.Cli.Settings";

    private const int MaxNames = 10_000;
    private const string File = "file";
    private const string Changed = "changed";
    private const string By = "by";

    public string Name => CommandName;

    /// <summary>Writes the message that <see cref="RunAsync"/> reads.</summary>
    public static void Write(Utf8JsonWriter request, SettingsMessage message)
    {
        request.WriteString(File, message.File);
        request.WriteString(By, message.By);
        request.WriteStartArray(Changed);
        foreach (var name in message.Changed.Take(MaxNames))
            request.WriteStringValue(name);
        request.WriteEndArray();
    }

    public async IAsyncEnumerable<JsonElement> RunAsync(JsonElement request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (!request.TryGetProperty(Changed, out var changed) || changed.ValueKind != JsonValueKind.Array)
            throw new ControlCommandException("The names of the settings [changed] are missing", "missing_names");
        var names = changed.EnumerateArray().Select(name => name.ToString()).ToArray();
        LogChanged(logger, Text(request, By), Text(request, File), string.Join(", ", names));
        yield return JsonSerializer.SerializeToElement(new SettingsChangedAnswer(names.Length), SettingsChangedJson.Default.SettingsChangedAnswer);
    }

    private static string Text(JsonElement request, string name) => request.TryGetProperty(name, out var value) ? value.ToString() : "";

    [LoggerMessage(9020, LogLevel.Information, "Settings changed by {By} in [{File}]: {Names}; what this server runs with changes when it is started again")]
    private static partial void LogChanged(ILogger logger, string by, string file, string names);
}

/// <summary>How many names the server took.</summary>
internal sealed record SettingsChangedAnswer(int Received);

/// <summary>Reads and writes the answer without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SettingsChangedAnswer))]
internal sealed partial class SettingsChangedJson : JsonSerializerContext;
