using Microsoft.Extensions.Logging;
using Securely.Config;
using Securely.Log;

namespace Securely.Cli;

/// <summary>The channels of the log, and of each where it stands in the file.</summary>
/// <param name="Default">The channel that the server logs to.</param>
/// <param name="Channels">All of them by name, in the order of the file.</param>
/// <param name="Emergency">The file that is written when a channel cannot be; null is standard error.</param>
/// <param name="Redact">Keys whose values are not written.</param>
internal sealed record LogChannelsOptions(
    string Default, IReadOnlyList<KeyValuePair<string, LogChannelOptions>> Channels, string? Emergency, IReadOnlyList<string> Redact)
{
    /// <summary>The level from which on anything of the default channel is written: no message below it is worth making.</summary>
    public LogLevel Lowest
    {
        get
        {
            var all = new Dictionary<string, LogChannelOptions>(Channels, StringComparer.Ordinal);
            return Of(Default);

            LogLevel Of(string name) => all[name] is { Driver: "stack" } stack ? stack.Channels.Min(Of) : LevelOf(all[name].Level);
        }
    }

    private static LogLevel LevelOf(string? name) => name switch
    {
        "debug" => LogLevel.Debug,
        "info" or "notice" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        _ => LogLevel.Critical,
    };
}

/// <summary>Reads <c>log</c>: the channels that the server logs to.</summary>
internal static class LogSection
{
    public const string Name = "log";

    private static readonly Dictionary<string, string> Drivers = LogManager.Drivers.ToDictionary(name => name, StringComparer.Ordinal);
    private static readonly Dictionary<string, string> Levels = LogSeverities.Names.ToDictionary(name => name, StringComparer.Ordinal);
    private static readonly Dictionary<string, bool> Formats = new(StringComparer.Ordinal) { ["line"] = false, ["json"] = true };

    /// <summary>Null when the file does not have the section, so that everything goes to standard error and <c>error_log</c>.</summary>
    public static LogChannelsOptions? Read(SectionReader root)
    {
        if (root.Map(Name) is not { } section)
            return null;
        var channels = section.NamedMaps("channels").Select(channel => (Reader: channel, Options: ReadChannel(channel))).ToList();
        var names = channels.Select(channel => channel.Reader.Key).ToList();
        var emergency = section.PathOrNull("emergency");
        var redact = section.Has("redact") ? section.Texts("redact") : LogOptions.DefaultRedact;
        if (!section.Require("default", "channels"))
            return null;
        var chosen = section.Text("default", "");
        if (!names.Contains(chosen, StringComparer.Ordinal))
            section.Error("default", $"[default]: channel [{chosen}] is not defined{Way(chosen, names)}");
        var all = channels.ToDictionary(channel => channel.Reader.Key, channel => channel.Options, StringComparer.Ordinal);
        foreach (var (reader, options) in channels)
            CheckMembers(reader, options, all);
        return new LogChannelsOptions(chosen, [.. channels.Select(channel => KeyValuePair.Create(channel.Reader.Key, channel.Options))], emergency, redact);
    }

    private static LogChannelOptions ReadChannel(SectionReader section)
    {
        section.Require("driver");
        var driver = section.OneOf("driver", "null", Drivers);
        var isJson = section.OneOf("format", driver == "webhook", Formats);
        Only(section, driver, "path", "single", "daily");
        Only(section, driver, "days", "daily");
        Only(section, driver, "url", "syslog", "journald", "webhook");
        Only(section, driver, "channels", "stack");
        if (driver is "single" or "daily")
            section.Require("path");
        if (driver == "webhook")
            section.Require("url");
        if (driver == "stack")
            section.Require("channels");
        return new LogChannelOptions
        {
            Driver = driver,
            Level = section.OneOf("level", "info", Levels),
            Name = section.TextOrNull("name"),
            Path = section.PathOrNull("path"),
            Days = section.Integer("days", 14, maximum: 36_500),
            Url = section.TextOrNull("url"),
            Bubble = section.Boolean("bubble", true),
            Channels = section.Has("channels") ? section.Texts("channels") : [],
            Formatter = section.Has("format") ? isJson ? new JsonFormatter() : new LineFormatter() : null,
        };
    }

    private static void Only(SectionReader section, string driver, string key, params IReadOnlyList<string> drivers)
    {
        if (section.Has(key) && !drivers.Contains(driver, StringComparer.Ordinal))
            section.Error(key, $"[{key}] is for driver [{string.Join("], [", drivers)}], and not for [{driver}]; take it out");
    }

    private static void CheckMembers(SectionReader section, LogChannelOptions stack, Dictionary<string, LogChannelOptions> all)
    {
        foreach (var name in stack.Channels)
        {
            if (!all.ContainsKey(name))
                section.Error("channels", $"[channels]: channel [{name}] is not defined{Way(name, all.Keys)}");
            else if (PathTo(section.Key, name, [], []) is { } path)
                section.Error("channels", $"[channels]: stack [{section.Key}] has itself in it: [{string.Join("] > [", path.Prepend(section.Key))}]; take [{name}] out of it");
        }

        List<string>? PathTo(string end, string from, List<string> way, HashSet<string> seen)
        {
            if (from == end)
                return [.. way, from];
            if (!seen.Add(from) || !all.TryGetValue(from, out var next))
                return null;
            return next.Channels.Select(member => PathTo(end, member, [.. way, from], seen)).FirstOrDefault(found => found is not null);
        }
    }

    private static string Way(string name, IReadOnlyCollection<string> names) => NearestName.Find(name, names) is { } nearest
        ? $"; did you mean [{nearest}]?"
        : $"; defined are [{string.Join("], [", names)}]";
}
