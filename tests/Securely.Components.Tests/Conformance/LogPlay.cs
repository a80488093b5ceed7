using System.Text.Json;
using Securely.Log;
using Securely.Testing;

namespace Securely.Components.Tests.Conformance;

/// <summary>One recorded case of the log: its channels, writing into a folder of its own.</summary>
internal sealed class LogPlay : IAsyncDisposable
{
    public LogPlay(string folder, JsonElement row)
    {
        Folder = folder;
        var channels = row.GetProperty("channels").EnumerateObject().ToList();
        var emergency = channels.FirstOrDefault(channel => channel.Name == "emergency").Value;
        Manager = new LogManager(new LogOptions
        {
            Default = row.GetProperty("default").GetString(),
            Channels = channels.Where(channel => channel.Value.TryGetProperty("driver", out _)).ToDictionary(channel => channel.Name, channel => Channel(channel.Value), StringComparer.Ordinal),
            Name = "production",
            EmergencyFormatter = new LineFormatter { AllowLineBreaks = true },
            EmergencyName = "laravel",
            EmergencyPath = emergency.ValueKind == JsonValueKind.Object ? Path(emergency) : System.IO.Path.Combine(folder, "laravel.log"),
            Time = new ManualTimeProvider(new DateTimeOffset(2025, 3, 15, 12, 34, 56, TimeSpan.Zero)),
        });
        Manager.Extend("custom", _ => new FileOf(System.IO.Path.Combine(folder, "c.log")));
    }

    public string Folder { get; }

    public LogManager Manager { get; }

    public LogChannel Log => Manager.Channel();

    public ValueTask DisposeAsync() => Manager.DisposeAsync();

    public LogChannelOptions Single(string file) => new() { Driver = "single", Path = System.IO.Path.Combine(Folder, file), Formatter = new LineFormatter { AllowLineBreaks = true } };

    private LogChannelOptions Channel(JsonElement channel)
    {
        var driver = Text(channel, "driver")!;
        var isCustom = driver == "custom";
        return new LogChannelOptions
        {
            Driver = driver != "monolog" ? driver : Text(channel, "handler")!.EndsWith("NullHandler", StringComparison.Ordinal) ? "null" : "single",
            Name = isCustom ? "cust" : Text(channel, "name"),
            Level = Text(channel, "level"),
            Path = Path(channel),
            Days = channel.TryGetProperty("days", out var days) ? days.GetInt32() : 14,
            Bubble = !channel.TryGetProperty("bubble", out var bubble) || bubble.GetBoolean(),
            Channels = Members(channel),
            ReplacePlaceholders = channel.TryGetProperty("replace_placeholders", out var replaces) && replaces.GetBoolean(),
            Formatter = isCustom ? new LineFormatter { IgnoreEmpty = false } : Formatter(channel),
            Taps = channel.TryGetProperty("tap", out var taps) ? [.. taps.EnumerateArray().Select(tap => Tap(tap.GetString()!))] : [],
        };
    }

    private static ILogFormatter Formatter(JsonElement channel) =>
        Text(channel, "formatter")?.EndsWith("JsonFormatter", StringComparison.Ordinal) == true ? new JsonFormatter()
        : channel.TryGetProperty("formatter_with", out var with) ? new LineFormatter(with.GetProperty("format").GetString()!) { IgnoreEmpty = false }
        : new LineFormatter { AllowLineBreaks = true };

    /// <summary>A tap with its arguments, <c>Tap:one,two</c>: writes them before each message.</summary>
    private static Action<IReadOnlyList<LogHandler>> Tap(string text) => handlers =>
    {
        foreach (var handler in handlers)
            handler.Formatter = new LineFormatter($"[{text.Split(':')[1].Replace(',', '|')}] %message%\n");
    };

    private static string[] Members(JsonElement channel) => !channel.TryGetProperty("channels", out var members) ? []
        : members.ValueKind == JsonValueKind.String ? members.GetString()!.Split(',')
        : [.. members.EnumerateArray().Select(member => member.GetString()!)];

    private static string? Text(JsonElement channel, string key) =>
        channel.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : null;

    private string? Path(JsonElement channel) =>
        (Text(channel, "path") ?? (channel.TryGetProperty("with", out var with) ? Text(with, "stream") : null))?.Replace("<dir>", Folder, StringComparison.Ordinal);

    /// <summary>The target of a driver that a program brings along.</summary>
    private sealed class FileOf(string path) : LogTarget
    {
        public override async ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken) =>
            await File.AppendAllLinesAsync(path, lines.Select(line => line.Text.TrimEnd('\n')), cancellationToken);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
