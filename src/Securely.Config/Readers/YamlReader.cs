namespace Securely.Config;

/// <summary>
/// Reads one YAML document into values that know their file, line and column. Plain YAML of configuration is read: maps, lists,
/// texts, anchors with aliases. Tags, merge keys (<c>&lt;&lt;</c>), several documents and keys that are not texts are errors that say so.
/// Limits: 4 MiB, 64 levels, 1,000 aliases that repeat 100,000 values together.
/// </summary>
public static class YamlReader
{
    /// <summary>Reads a file in UTF-8.</summary>
    /// <param name="path">The file; diagnostics name it as it is written here.</param>
    /// <returns>The root; of kind <see cref="ConfigKind.Null"/> when the file is empty.</returns>
    /// <exception cref="ConfigException">The file cannot be read or is not what this class reads; has all errors.</exception>
    public static ConfigValue ReadFile(string path)
    {
        var diagnostics = new ConfigDiagnostics();
        var root = ReadFile(path, diagnostics);
        diagnostics.ThrowIfErrors();
        return root!;
    }

    /// <summary>Reads a file in UTF-8 and reports instead of throwing, so that reading can go on and find more errors.</summary>
    /// <param name="path">The file; diagnostics name it as it is written here.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    /// <returns>The root without what was wrong, or null when the file has no structure that could be read.</returns>
    public static ConfigValue? ReadFile(string path, ConfigDiagnostics diagnostics)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(diagnostics);
        return YamlSource.Load(path, diagnostics) is { } text ? Read(text, path, diagnostics) : null;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <returns>The root; of kind <see cref="ConfigKind.Null"/> when the text is empty.</returns>
    /// <exception cref="ConfigException">The text is not what this class reads; has all errors.</exception>
    public static ConfigValue Read(string text, string fileName)
    {
        var diagnostics = new ConfigDiagnostics();
        var root = Read(text, fileName, diagnostics);
        diagnostics.ThrowIfErrors();
        return root!;
    }

    /// <summary>Reads a text and reports instead of throwing, so that reading can go on and find more errors.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <param name="diagnostics">Takes the errors.</param>
    /// <returns>The root without what was wrong, or null when the text has no structure that could be read.</returns>
    public static ConfigValue? Read(string text, string fileName, ConfigDiagnostics diagnostics)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(diagnostics);
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        return YamlSource.Check(text, fileName, diagnostics) ? new YamlTreeBuilder(text, fileName, diagnostics).Build() : null;
    }
}
