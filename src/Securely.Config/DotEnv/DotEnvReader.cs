namespace Securely.Config;

/// <summary>
/// Reads dotenv files by the rules of vlucas/phpdotenv, which Laravel reads them with (row 1.1): single quotes take everything as it is;
/// double quotes know <c>\" \\ \$ \n \r \t \f \v</c>, <c>${NAME}</c> and several lines; without quotes a value ends at a blank or a <c>#</c>.
/// A <c>${NAME}</c> that is not known stays as it is. A double quote that is never closed drops the rest of the file, as there, but is an
/// error for everything here but <see cref="Parse"/>. Limit: 4 MiB.
/// </summary>
public static class DotEnvReader
{
    /// <summary>Reads a text strictly.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <param name="diagnostics">Takes the errors, all of them.</param>
    /// <param name="variables">Values that win over the text's own in <c>${NAME}</c>, such as those of the process; null for none.</param>
    /// <returns>The variables that could be read, in order; a name may stand several times, and the last one counts.</returns>
    public static IReadOnlyList<DotEnvEntry> Read(string text, string fileName, ConfigDiagnostics diagnostics, Func<string, string?>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return ReadAll(text, fileName, diagnostics, variables, isStrict: true);
    }

    /// <summary>Reads a file in UTF-8.</summary>
    /// <param name="path">The file; diagnostics name it as it is written here.</param>
    /// <param name="diagnostics">Takes the errors, all of them.</param>
    /// <param name="variables">Values that win over the file's own in <c>${NAME}</c>; null for none.</param>
    /// <returns>The variables, or null when the file cannot be read at all.</returns>
    public static IReadOnlyList<DotEnvEntry>? ReadFile(string path, ConfigDiagnostics diagnostics, Func<string, string?>? variables = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return YamlSource.Load(path, diagnostics) is { } text ? Read(text, path, diagnostics, variables) : null;
    }

    /// <summary>Reads a text as phpdotenv does, also where that is lenient, into names and values.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The last value of each name, in the order of the names; null for a name without <c>=</c>.</returns>
    /// <exception cref="ConfigException">The text is not a dotenv file; has all errors.</exception>
    public static IReadOnlyDictionary<string, string?> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var diagnostics = new ConfigDiagnostics();
        var entries = ReadAll(text, ".env", diagnostics, variables: null, isStrict: false);
        diagnostics.ThrowIfErrors();
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var entry in entries)
            values[entry.Name] = entry.Value;
        return values;
    }

    private static List<DotEnvEntry> ReadAll(string text, string file, ConfigDiagnostics diagnostics, Func<string, string?>? variables, bool isStrict)
    {
        var entries = new List<DotEnvEntry>();
        if (text.Length > YamlSource.MaxBytes)
        {
            diagnostics.Error(new ConfigOrigin(file, 1, 1), $"[{file}] is larger than {SizeText.Format(YamlSource.MaxBytes)}, the most that a dotenv file may have");
            return entries;
        }

        if (isStrict && text.IndexOf('\0', StringComparison.Ordinal) is var zero and >= 0)
        {
            diagnostics.Error(new ConfigOrigin(file, text.AsSpan(0, zero).Count('\n') + 1, 1), "The character [U+0000] may not stand in a dotenv file; is this another kind of file?");
            return entries;
        }

        var known = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var line in DotEnvLines.Split(text))
        {
            var origin = new ConfigOrigin(file, line.Number, 1);
            if (line.IsUnclosed)
            {
                if (isStrict)
                    diagnostics.Error(origin, "The double quote of this line is not closed; close it, or write the value in single quotes");
                break;
            }

            if (DotEnvLine.TryParse(text, line, origin, name => variables?.Invoke(name) ?? known.GetValueOrDefault(name), out var entry, out var error))
            {
                known[entry.Name] = entry.Value;
                entries.Add(entry);
            }
            else
            {
                diagnostics.Error(origin with { Column = error.Column }, error.Message);
            }
        }

        return entries;
    }
}
