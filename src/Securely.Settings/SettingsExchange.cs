using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Securely.Config;

namespace Securely.Settings;

/// <summary>Settings in files of other programs.</summary>
public enum SettingsFormat
{
    /// <summary>A dotenv file.</summary>
    Env,

    /// <summary>A JSON object of texts.</summary>
    Json,

    /// <summary>A YAML map of texts.</summary>
    Yaml,
}

/// <summary>Reads and writes settings in each format.</summary>
public static class SettingsExchange
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes settings.</summary>
    /// <param name="settings">Names and values.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="SettingsException">A value cannot stand in the format.</exception>
    public static string Write(IReadOnlyCollection<KeyValuePair<string, string>> settings, SettingsFormat format)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (format == SettingsFormat.Env)
            return string.Concat(settings.Select(pair => $"{pair.Key}={SettingsFile.Write(pair.Key, pair.Value)}\n"));
        if (format == SettingsFormat.Yaml)
            return settings.Count == 0 ? "{}\n" : string.Concat(settings.Select(pair => $"{pair.Key}: {Quote(pair.Value)}\n"));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            foreach (var (name, value) in settings)
                json.WriteString(name, value);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    /// <summary>Reads settings. In JSON and YAML a map in the map is joined with two underscores: <c>app: {name: x}</c> is <c>APP__NAME</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What diagnostics call it.</param>
    /// <param name="format">The format.</param>
    /// <exception cref="ConfigException">The text is not what the format says; has all errors.</exception>
    /// <exception cref="SettingsException">A name is none.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string text, string path, SettingsFormat format)
    {
        if (format == SettingsFormat.Env)
            return [.. SettingsFile.Parse(text, path).Settings.Select(setting => KeyValuePair.Create(setting.Name, setting.Stored))];
        var diagnostics = new ConfigDiagnostics();
        var root = format == SettingsFormat.Json ? JsonReader.Read(text, path, diagnostics) : YamlReader.Read(text, path, diagnostics);
        diagnostics.ThrowIfErrors();
        if (root is not { Kind: ConfigKind.Map or ConfigKind.Null })
            throw new ConfigException(new ConfigOrigin(path, 1, 1), $"[{path}] must be a map of names and values");
        var settings = new List<KeyValuePair<string, string>>();
        Collect(root, "", settings, diagnostics);
        diagnostics.ThrowIfErrors();
        return settings;
    }

    /// <summary>The format that the end of a file's name says; null for one that is not known.</summary>
    /// <param name="path">The file.</param>
    public static SettingsFormat? OfFile(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".json" => SettingsFormat.Json,
        ".yaml" or ".yml" => SettingsFormat.Yaml,
        _ when Path.GetFileName(path).Contains(".env", StringComparison.OrdinalIgnoreCase) => SettingsFormat.Env,
        _ => null,
    };

    private static void Collect(ConfigValue map, string prefix, List<KeyValuePair<string, string>> settings, ConfigDiagnostics diagnostics)
    {
        foreach (var entry in map.Entries)
        {
            var name = prefix.Length == 0 ? entry.Key : $"{prefix}__{entry.Key.ToUpperInvariant()}";
            if (entry.Value.Kind == ConfigKind.Map)
                Collect(entry.Value, name.ToUpperInvariant(), settings, diagnostics);
            else if (entry.Value.Kind == ConfigKind.List)
                diagnostics.Error(entry.Value.Origin, $"[{name}] is a list, which a setting cannot be; write it as one text");
            else
                settings.Add(KeyValuePair.Create(name, entry.Value.TryGetText(out var text) ? text : ""));
        }
    }

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' => text.Append(null, $"\\u{(int)c:X4}"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }
}
