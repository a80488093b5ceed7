namespace Securely.Cli;

/// <summary>Our lines in a file of somebody else, between two lines that say whose they are.</summary>
internal static class TextBlock
{
    private const string Begin = "# securely begin: written by dns:install, taken out by dns:uninstall";
    private const string End = "# securely end";
    private const string Silenced = "# securely: ";

    /// <summary>Our lines first, then the text.</summary>
    public static string Prepend(string? text, params IEnumerable<string> lines) => Block(lines, "\n") + text;

    /// <summary>The text, then our lines; where it did not end its last line, that is ended.</summary>
    public static string Append(string? text, string newLine, params IEnumerable<string> lines) =>
        text + (text is { Length: > 0 } && !text.EndsWith('\n') ? newLine : "") + Block(lines, newLine);

    /// <summary>Makes comments of the lines that begin with a word.</summary>
    public static string Silence(string text, string word) =>
        string.Join('\n', text.Split('\n').Select(line => line.TrimStart().StartsWith(word, StringComparison.Ordinal) ? Silenced + line : line));

    /// <summary>The text without our lines, and with those that we made comments.</summary>
    public static string Remove(string text)
    {
        var kept = new List<string>();
        var isOurs = false;
        foreach (var line in text.Split('\n'))
        {
            var word = line.TrimEnd('\r');
            if (word == Begin)
                isOurs = true;
            else if (word == End)
                isOurs = false;
            else if (!isOurs)
                kept.Add(line.StartsWith(Silenced, StringComparison.Ordinal) ? line[Silenced.Length..] : line);
        }

        // Somebody has taken the end away: nothing says where ours ends, so nothing is taken out.
        return isOurs ? text : string.Join('\n', kept);
    }

    private static string Block(IEnumerable<string> lines, string newLine) => string.Concat(((string[])[Begin, .. lines, End]).Select(line => line + newLine));
}
