using System.Text;
using System.Text.Json;

namespace Securely.Config;

/// <summary>Reads JSON (RFC 8259) into values that know their file, line and column. Limits: 4 MiB, 64 levels; a name that stands twice is an error.</summary>
public static class JsonReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = YamlTreeBuilder.MaxDepth, AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow };

    /// <summary>Reads a file in UTF-8.</summary>
    /// <param name="path">The file; diagnostics name it as it is written here.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    /// <returns>The root, or null when the file cannot be read.</returns>
    public static ConfigValue? ReadFile(string path, ConfigDiagnostics diagnostics)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return YamlSource.Load(path, diagnostics) is { } text ? Read(text, path, diagnostics) : null;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    /// <returns>The root, or null when the text is no JSON.</returns>
    public static ConfigValue? Read(string text, string fileName, ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(diagnostics);
        if (text.Length > YamlSource.MaxBytes)
        {
            diagnostics.Error(new ConfigOrigin(fileName, 1, 1), $"[{fileName}] is larger than {SizeText.Format(YamlSource.MaxBytes)}, the most that a configuration may have");
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF'));
        var reader = new Utf8JsonReader(bytes, Options);
        try
        {
            reader.Read();
            var root = new Places(bytes, fileName, diagnostics).Build(ref reader);
            reader.Read();
            return root;
        }
        catch (JsonException error)
        {
            var origin = new ConfigOrigin(fileName, (int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            diagnostics.Error(origin, "This is not JSON: " + Reason(error.Message));
            return null;
        }
    }

    private static string Reason(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).TrimEnd('.').Replace('\'', '"');
    }

    /// <summary>Counts lines while the reader goes forward, so that a place costs only the way since the last one.</summary>
    private sealed class Places(byte[] bytes, string file, ConfigDiagnostics diagnostics)
    {
        private int _seen;
        private int _line = 1;
        private int _lineStart;

        public ConfigValue Build(ref Utf8JsonReader reader)
        {
            var origin = At((int)reader.TokenStartIndex);
            return reader.TokenType switch
            {
                JsonTokenType.StartObject => BuildMap(ref reader, origin),
                JsonTokenType.StartArray => BuildList(ref reader, origin),
                JsonTokenType.Null => ConfigValue.Null(origin),
                JsonTokenType.String => ConfigValue.FromText(reader.GetString()!, origin, quoted: true),
                _ => ConfigValue.FromText(Encoding.UTF8.GetString(reader.ValueSpan), origin),
            };
        }

        private ConfigValue BuildList(ref Utf8JsonReader reader, ConfigOrigin origin)
        {
            var items = new List<ConfigValue>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                items.Add(Build(ref reader));
            return ConfigValue.FromList(items, origin);
        }

        private ConfigValue BuildMap(ref Utf8JsonReader reader, ConfigOrigin origin)
        {
            var entries = new List<ConfigEntry>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var place = At((int)reader.TokenStartIndex);
                var name = reader.GetString()!;
                reader.Read();
                var value = Build(ref reader);
                if (seen.Add(name))
                    entries.Add(new ConfigEntry(name, place, value));
                else
                    diagnostics.Error(place, $"Key [{name}] stands twice in one map");
            }

            return ConfigValue.FromMap(entries, origin);
        }

        private ConfigOrigin At(int position)
        {
            for (; _seen < position; _seen++)
            {
                if (bytes[_seen] != (byte)'\n')
                    continue;
                _line++;
                _lineStart = _seen + 1;
            }

            return new ConfigOrigin(file, _line, Encoding.UTF8.GetCharCount(bytes, _lineStart, position - _lineStart) + 1);
        }
    }
}
