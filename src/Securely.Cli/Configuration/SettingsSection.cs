using Securely.Config;
using Securely.Settings;
using Securely.Validation;

namespace Securely.Cli;

/// <summary>What <c>settings</c> says.</summary>
/// <param name="File">The dotenv file, an absolute path; null for <c>.env</c> beside the configuration.</param>
/// <param name="Scopes">The scopes that there are, widest first.</param>
/// <param name="Hooks">What happens when settings change.</param>
/// <param name="Schema">What settings have to look like, by maps such as <c>{type: integer}</c>; null for anything.</param>
/// <param name="Rules">The same by rules of validation such as <c>required|url</c>; null for none.</param>
internal sealed record SettingsSectionOptions(string? File, IReadOnlyList<string> Scopes, IReadOnlyList<UpdateHook> Hooks, ConfigSchema? Schema, RuleSet? Rules)
{
    public static SettingsSectionOptions Default { get; } = new(null, SettingsSection.Known, [], null, null);
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
        var entries = section.Entries("rules");
        var schema = entries.Where(entry => entry.Value.Kind == ConfigKind.Map).ToArray();
        return new SettingsSectionOptions(
            section.PathOrNull("file"),
            ReadScopes(section),
            [.. section.Maps("hooks").Select(ReadHook)],
            schema.Length == 0 ? null : ConfigSchema.Read(ConfigValue.FromMap(schema, schema[0].KeyOrigin), section.Diagnostics),
            ReadRules(entries.Where(entry => entry.Value.Kind != ConfigKind.Map), section.Diagnostics));
    }

    private static RuleSet? ReadRules(IEnumerable<ConfigEntry> entries, ConfigDiagnostics diagnostics)
    {
        RuleSet? rules = null;
        foreach (var entry in entries)
            // A dot in the name of a setting is no path.
            RulesFile.ReadRule(rules ??= new RuleSet(RulesFile.Registry), entry.Key.Replace(".", "\\.", StringComparison.Ordinal), entry.Value, diagnostics);
        return rules;
    }

    private static IReadOnlyList<string> ReadScopes(SectionReader section)
    {
        if (!section.Has("scopes"))
            return Known;
        var scopes = new List<string>();
        TextList.RefuseEmpty(section, "scopes", "name some, or leave the key out for all");
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
        TextList.RefuseEmpty(section, "on", "name settings, or leave the key out for all");
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
