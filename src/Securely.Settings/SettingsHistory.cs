using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Securely.Config;
using Securely.Encrypt;

namespace Securely.Settings;

/// <summary>
/// Who changed what and when, one JSON document a line. Values are encrypted; without a key only names are kept. A change is written here before it is
/// made, so that none is made in silence; a line that a crash cut off is left out.
/// </summary>
internal sealed class SettingsHistory(string path)
{
    /// <summary>The most recent changes that are kept in a file before the oldest half goes.</summary>
    private const int MaxBytes = 2 * 1024 * 1024;

    public string Path => path;

    public IReadOnlyList<SettingChange> Read()
    {
        var changes = new List<SettingChange>();
        foreach (var line in (SafeFile.Read(path) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (TryParse(line) is { } change)
                changes.Add(change);
        }

        return changes;
    }

    /// <summary>Adds changes; only the holder of the lock may.</summary>
    public void Add(IReadOnlyList<SettingChange> changes)
    {
        var existing = SafeFile.Read(path) ?? "";
        // The line of a writer that was killed in the middle of it must not swallow ours.
        var text = new StringBuilder(existing.Length > 0 && existing[^1] != '\n' ? "\n" : "");
        foreach (var change in changes)
            text.Append(JsonSerializer.Serialize(change, SettingsJson.Default.SettingChange)).Append('\n');
        if (existing.Length + text.Length <= MaxBytes)
        {
            SafeFile.Append(path, text.ToString());
            return;
        }

        var half = existing.IndexOf('\n', existing.Length / 2);
        SafeFile.Replace(path, string.Concat(half < 0 ? "" : existing.AsSpan(half + 1), text.ToString()));
    }

    /// <summary>Encrypts everything anew.</summary>
    public void Renew(ConfigSecrets from, ConfigSecrets to)
    {
        var changes = Read();
        if (changes.Count == 0)
            return;
        var text = new StringBuilder();
        foreach (var change in changes)
        {
            var renewed = change with { Old = Renew(change.Old, from, to), New = Renew(change.New, from, to) };
            text.Append(JsonSerializer.Serialize(renewed, SettingsJson.Default.SettingChange)).Append('\n');
        }

        SafeFile.Replace(path, text.ToString());
    }

    private static string? Renew(string? value, ConfigSecrets from, ConfigSecrets to)
    {
        if (value is null)
            return null;
        try
        {
            var stored = from.Reveal(value);
            return to.Protect(ConfigSecrets.IsEncrypted(stored) && TryRenew(stored, from, to) is { } renewed ? renewed : stored);
        }
        catch (DecryptException)
        {
            // Of a key that is gone since long: what nobody can read any more keeps nobody from a new key.
            return value;
        }
    }

    /// <summary>A secret that a file held; null where it was encrypted with a key that nobody has.</summary>
    private static string? TryRenew(string stored, ConfigSecrets from, ConfigSecrets to)
    {
        try
        {
            return to.Protect(from.Reveal(stored));
        }
        catch (DecryptException)
        {
            return null;
        }
    }

    private static SettingChange? TryParse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, SettingsJson.Default.SettingChange);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reads and writes the history and messages without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(SettingChange))]
[JsonSerializable(typeof(SettingsMessage))]
internal sealed partial class SettingsJson : JsonSerializerContext;
