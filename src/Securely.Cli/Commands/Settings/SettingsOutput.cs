using System.Text.Json;
using Securely.Config;
using Securely.Settings;

namespace Securely.Cli;

/// <summary>How the settings commands write settings and changes.</summary>
internal static class SettingsOutput
{
    /// <summary>Says that there is no such setting, and which one may be meant.</summary>
    public static string NotThere(string name, SettingsTarget target)
    {
        var nearest = NearestName.Find(name, target.All().Select(one => one.Setting.Name));
        return $"[{Printable(name)}] is not set in [{target.Manager.Options.Path}]" + (nearest is null ? "; securely settings:all lists what is" : $"; did you mean [{nearest}]?");
    }

    /// <summary>What a setting shows of itself; with <paramref name="reveal"/> all of it.</summary>
    public static string Show(Setting setting, SettingsManager manager, bool reveal) => Printable(reveal ? manager.Reveal(setting) : setting.Shown);

    public static void WriteJson(Utf8JsonWriter json, Setting setting, SettingsManager manager, bool reveal)
    {
        json.WriteStartObject();
        json.WriteString("name", setting.Name);
        json.WriteString("value", reveal ? manager.Reveal(setting) : setting.Shown);
        json.WriteBoolean("secret", setting.IsSecret);
        json.WriteBoolean("encrypted", setting.IsEncrypted);
        json.WriteString("file", setting.Origin.File);
        json.WriteNumber("line", setting.Origin.Line);
        json.WriteEndObject();
    }

    /// <summary>Says in a line for each what was changed; nothing of the values.</summary>
    public static void WriteChanges(Output output, SettingsTarget target, IReadOnlyList<SettingChange> changes, string nothing)
    {
        foreach (var change in changes)
            output.WriteLine($"{target.Manager.Options.Path}: {output.Paint.Name(change.Name)} is {(change.HasValue ? change.HadValue ? "changed" : "set" : "removed")}");
        if (changes.Count == 0)
            output.WriteLine($"{target.Manager.Options.Path}: {nothing}");
    }

    /// <summary>A value cannot move the cursor or forge a line.</summary>
    public static string Printable(string text) => string.Concat(text.Select(letter => letter switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ when char.IsControl(letter) => ".",
        _ => letter.ToString(),
    }));
}
