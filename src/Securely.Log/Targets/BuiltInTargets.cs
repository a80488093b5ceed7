namespace Securely.Log;

/// <summary>The drivers that every manager has.</summary>
internal static class BuiltInTargets
{
    public const string Stack = "stack";
    public const string Webhook = "webhook";

    public static IReadOnlyDictionary<string, Func<LogChannelOptions, LogOptions, LogTarget>> All { get; } =
        new Dictionary<string, Func<LogChannelOptions, LogOptions, LogTarget>>(StringComparer.Ordinal)
        {
            ["single"] = static (channel, _) => new FileTarget(Path(channel)),
            ["daily"] = static (channel, options) => new DailyFileTarget(Path(channel), channel.Days, options.StandardError.WriteLine, File.Delete),
            ["stderr"] = static (_, options) => new TextTarget(options.StandardError),
            ["syslog"] = static (channel, _) => new SyslogTarget(channel.Url ?? "unix:/dev/log"),
            ["journald"] = static (channel, _) => new JournaldTarget(channel.Url ?? "unix:/run/systemd/journal/socket"),
            [Webhook] = static (channel, _) => new WebhookTarget(channel.Url ?? throw new LogConfigurationException("Driver [webhook] needs [url]; write it as in https://HOST/PATH.")),
            ["null"] = static (_, _) => new NullTarget(),
        };

    /// <summary>Syslog and the journal have time, name and severity beside the text.</summary>
    public static ILogFormatter Formatter(string driver) => driver switch
    {
        Webhook => new JsonFormatter(),
        "syslog" or "journald" => new LineFormatter("%message% %context% %extra%"),
        _ => new LineFormatter(),
    };

    private static string Path(LogChannelOptions channel) =>
        channel.Path ?? throw new LogConfigurationException($"Driver [{channel.Driver}] needs [path], the file to write.");
}
