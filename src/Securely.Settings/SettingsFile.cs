using System.Buffers;
using System.Text;
using Securely.Config;

namespace Securely.Settings;

/// <summary>
/// The text of a dotenv file with its settings. Unchangeable: an edit makes another one, in which everything that was not meant stays byte for byte:
/// comments, order, blank lines, ends of lines, quotes.
/// </summary>
public sealed class SettingsFile
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+,=-?&~^*;!|<>[]{}()");

    private readonly IReadOnlyList<DotEnvEntry> _entries;

    private SettingsFile(string text, string path, IReadOnlyList<DotEnvEntry> entries)
    {
        Text = text;
        Path = path;
        _entries = entries;
    }

    /// <summary>The whole text.</summary>
    public string Text { get; }

    /// <summary>What diagnostics call the file.</summary>
    public string Path { get; }

    /// <summary>The settings; of a name that stands several times the last one, which is the one that counts, at the place of the first.</summary>
    public IReadOnlyList<Setting> Settings
    {
        get
        {
            var settings = new OrderedDictionary<string, Setting>(StringComparer.Ordinal);
            foreach (var entry in _entries.Where(entry => entry.Value is not null))
                settings[entry.Name] = new Setting(entry.Name, entry.Value!, entry.Origin);
            return [.. settings.Values];
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What diagnostics call it.</param>
    /// <exception cref="ConfigException">It is not a dotenv file; has all errors.</exception>
    public static SettingsFile Parse(string text, string path)
    {
        var diagnostics = new ConfigDiagnostics();
        var entries = DotEnvReader.Read(text, path, diagnostics);
        diagnostics.ThrowIfErrors();
        return new SettingsFile(text, path, entries);
    }

    /// <summary>The setting of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public Setting? Find(string name) => _entries.LastOrDefault(entry => entry.Name == name) is { Value: { } value } entry ? new Setting(name, value, entry.Origin) : null;

    /// <summary>The file with a value: in place where the name stands, else on a line at the end.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="SettingsException">The name is none, or the value cannot stand in a dotenv file.</exception>
    public SettingsFile Set(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        CheckName(name);
        if (value.Length > SafeFile.MaxBytes)
            throw new SettingsException($"The value of [{name}] is larger than {SizeText.Format(SafeFile.MaxBytes)}, the most that a file of settings may have; store it in a file, and its path here");
        var existing = _entries.LastOrDefault(entry => entry.Name == name);
        if (existing?.Value == value)
            return this;
        var written = Write(name, value, existing?.IsQuoted == true);
        string text;
        if (existing is null)
        {
            var end = LineEnd();
            text = Text + (Text.Length == 0 || Text[^1] is '\n' or '\r' ? "" : end) + name + "=" + written + end;
        }
        else
        {
            // A name without [=] gets one; what stands behind the value, such as a comment, stays.
            var (start, length) = existing.Written.GetOffsetAndLength(Text.Length);
            var gap = existing.Value is null ? "=" : "";
            var comment = length == 0 && start < existing.Line.End.Value && Text[start] is not (' ' or '\t' or '\r' or '\n') ? " " : "";
            text = string.Concat(Text.AsSpan(0, start), gap, written + comment, Text.AsSpan(start + length));
        }

        return Verify(text, name, value);
    }

    /// <summary>The file without a setting: all lines of the name go.</summary>
    /// <param name="name">The name.</param>
    public SettingsFile Forget(string name)
    {
        var text = new StringBuilder(Text);
        var removed = _entries.Where(entry => entry.Name == name).Reverse().ToArray();
        foreach (var entry in removed)
        {
            var (start, length) = entry.Line.GetOffsetAndLength(Text.Length);
            var end = start + length;
            if (end < Text.Length)
                end += Text.AsSpan(end).StartsWith("\r\n") ? 2 : 1;
            text.Remove(start, end - start);
        }

        return removed.Length == 0 ? this : Verify(text.ToString(), name, value: null);
    }

    /// <summary>How a value is written behind <c>=</c>: as it is where that reads the same, else in double quotes.</summary>
    /// <param name="name">The name, for the error.</param>
    /// <param name="value">The value.</param>
    /// <param name="quoted">Whether to quote in any case.</param>
    /// <exception cref="SettingsException">It has characters that no dotenv file can have.</exception>
    public static string Write(string name, string value, bool quoted = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!quoted && value.AsSpan().IndexOfAnyExcept(Plain) < 0 && !value.Contains("${", StringComparison.Ordinal))
            return value;
        var text = new StringBuilder(value.Length + 8).Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            _ = c switch
            {
                '"' or '\\' or '$' => text.Append('\\').Append(c),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\f' => text.Append("\\f"),
                '\v' => text.Append("\\v"),
                _ when char.IsControl(c) => throw new SettingsException(string.Create(null, $"The value of [{name}] has the character [U+{(int)c:X4}], which cannot stand in a dotenv file; store bytes as base64")),
                _ when char.IsSurrogate(c) && !IsPaired(value, i) => throw new SettingsException($"The value of [{name}] is not text: half of a character stands alone in it; store bytes as base64"),
                _ => text.Append(c),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>Refuses what cannot be the name of a setting.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="SettingsException">It cannot.</exception>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var isName = name.Length is > 0 and <= 256 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.') && !char.IsAsciiDigit(name[0]);
        if (!isName)
            throw new SettingsException($"[{Shorten(name)}] is not the name of a setting; it has letters, digits, [_] and [.], as in [APP_NAME]");
    }

    private static string Shorten(string name)
    {
        var shown = string.Concat(name.Take(40).Select(letter => char.IsControl(letter) ? '.' : letter));
        return name.Length > 40 ? shown + "..." : shown;
    }

    private static bool IsPaired(string value, int at) => char.IsHighSurrogate(value[at])
        ? at + 1 < value.Length && char.IsLowSurrogate(value[at + 1])
        : at > 0 && char.IsHighSurrogate(value[at - 1]);

    private string LineEnd() => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <summary>Reads the new text and compares: an edit that would touch another setting, or not arrive, is never made.</summary>
    private SettingsFile Verify(string text, string name, string? value)
    {
        var edited = Parse(text, Path);
        var others = Settings.Where(setting => setting.Name != name && !Text.Contains("${" + name + "}", StringComparison.Ordinal));
        if (edited.Find(name)?.Stored != value || others.Any(setting => edited.Find(setting.Name)?.Stored != setting.Stored))
            throw new SettingsException($"[{name}] cannot be changed in [{Path}] without changing another setting; look for an open quote near it, or use settings:edit");
        return edited;
    }
}
