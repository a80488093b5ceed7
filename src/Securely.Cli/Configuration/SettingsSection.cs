using Securely.Config;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>What <c>settings</c> says.</summary>
/// <param name="File">The dotenv file, an absolute path; null for <c>.env</c> beside the configuration.</param>
/// <param name="Scopes">The scopes that there are, widest first.</param>
/// <param name="Hooks">What happens when settings change.</param>
/// <param name="Schema">What settings have to look like; null for anything.</param>
internal sealed record SettingsSectionOptions(string? File, IReadOnlyList<string> Scopes, IReadOnlyList<UpdateHook> Hooks, ConfigSchema? Schema)
{
    public static SettingsSectionOptions Default { get; } = new(null, SettingsSection.Known, [], null);
}

/// <summary>Reads <c>settings</c>: where settings stand, what they look like, and who is told of changes.</summary>
internal static class SettingsSection
{
    public const string Name = "settings";

    /// <summary>The scopes, widest first.</summary>
    public static IReadOnlyList<string> Known { get; } = ["global", "server", "site"];

    public static SettingsSectionOptions Read(SectionReader root)
    {
        if (root.Map(Name) is not { } section)
            return SettingsSectionOptions.Default;
        return new SettingsSectionOptions(
            section.PathOrNull("file"),
            ReadScopes(section),
            [.. section.Maps("hooks").Select(ReadHook)],
            section.Has("rules") && section.Value("rules") is { } rules ? ConfigSchema.Read(rules, section.Diagnostics) : null);
    }

    private static IReadOnlyList<string> ReadScopes(SectionReader section)
    {
        if (!section.Has("scopes"))
            return Known;
        var scopes = new List<string>();
        foreach (var item in section.Items("scopes"))
        {
            if (Known.Contains(item.Text, StringComparer.Ordinal))
                scopes.Add(item.Text);
            else
                section.Diagnostics.Error(item.Origin, $"[scopes]: [{item.Text}] is not a scope; known are {string.Join(", ", Known.Select(known => $"[{known}]"))}");
        }

        return [.. Known.Where(scopes.Contains)];
    }

    private static UpdateHook ReadHook(SectionReader section)
    {
        var hook = new UpdateHook
        {
            Names = section.Has("on") ? section.Texts("on") : ["*"],
            Command = section.TextOrNull("run"),
            Url = ReadUrl(section),
            TellsServer = section.Boolean("reload", false),
            Timeout = section.Duration("timeout", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100)),
            Retries = section.Integer("retries", 3, maximum: 10),
        };
        if (hook.Command is null && hook.Url is null && !hook.TellsServer && !section.Has("url") && !section.IsUnreadable)
            section.Diagnostics.Error(section.Origin, "A hook has nothing to do; give it [run], [url] or [reload: true]");
        return hook;
    }

    private static Uri? ReadUrl(SectionReader section)
    {
        if (section.TextOrNull("url") is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;
        section.Error("url", $"[url] must be an address such as [https://example.test/hook], not [{text}]");
        return null;
    }
}
