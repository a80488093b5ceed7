using System.Globalization;
using System.Text.Json;
using Securely.Config;
using Securely.Encrypt;
using Securely.Validation;

namespace Securely.Cli;

/// <summary>Reads data to be judged: JSON by its extension, YAML otherwise.</summary>
internal static class DataFile
{
    private const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>The data; null when the file cannot be used, which the diagnostics say.</summary>
    public static FieldValue? Read(string path, ConfigDiagnostics diagnostics)
    {
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            return YamlReader.ReadFile(path, diagnostics) is { } root ? Convert(root) : (FieldValue?)null;
        try
        {
            if (OrdinaryFile.Read(path, MaxBytes) is not { } bytes)
            {
                diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] is larger than {SizeText.Format(MaxBytes)}, the most that is judged");
                return null;
            }

            using var document = JsonDocument.Parse(bytes);
            return FieldValue.FromJson(document.RootElement);
        }
        catch (JsonException fault)
        {
            var place = new ConfigOrigin(path, (int)(fault.LineNumber ?? 0) + 1, (int)(fault.BytePositionInLine ?? 0) + 1);
            diagnostics.Error(place, "This is not JSON here; look for a missing comma, quote or bracket");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] does not exist");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] cannot be read: {FailureText.Of(fault)}");
        }

        return null;
    }

    /// <summary>A word of YAML becomes what it looks like, unless it is quoted.</summary>
    private static FieldValue Convert(ConfigValue value) => value.Kind switch
    {
        ConfigKind.List => FieldValue.List([.. value.Items.Select(Convert)]),
        ConfigKind.Map => FieldValue.Map(value.Entries.Select(entry => KeyValuePair.Create(entry.Key, Convert(entry.Value)))),
        ConfigKind.Text when value.IsQuoted => value.Text,
        ConfigKind.Text when value.TryGetBoolean(out var flag) => flag,
        ConfigKind.Text when value.TryGetInteger(out var whole) => whole,
        ConfigKind.Text when IsFraction(value.Text) => double.Parse(value.Text, CultureInfo.InvariantCulture),
        ConfigKind.Text => value.Text,
        _ => default(FieldValue),
    };

    private static bool IsFraction(string text) =>
        (char.IsAsciiDigit(text.FirstOrDefault()) || text.FirstOrDefault() is '-' or '.')
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _);
}
