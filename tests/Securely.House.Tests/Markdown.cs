using System.Text.RegularExpressions;

namespace Securely.House.Tests;

/// <summary>One Markdown page, cut into what the rules look at: prose, links and fenced code.</summary>
internal sealed partial class Markdown(string path, string text)
{
    private readonly List<Fence> _fences = [.. Cut(text)];

    public string Path => path;

    public string Text => text;

    /// <summary>Fenced blocks in order.</summary>
    public IReadOnlyList<Fence> Fences => _fences;

    /// <summary>Every page of the repository.</summary>
    public static IReadOnlyList<Markdown> Pages { get; } =
        [.. Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal) && !file.StartsWith("tests/data/", StringComparison.Ordinal))
            .Select(file => new Markdown(file, Repository.Read(file)))];

    /// <summary>The page with its fences blanked out, so that line numbers stay.</summary>
    public string Prose
    {
        get
        {
            var lines = text.Split('\n');
            foreach (var fence in _fences)
                Array.Fill(lines, "", fence.Line - 1, fence.Lines);
            return string.Join('\n', lines);
        }
    }

    /// <summary>Targets of links, with their lines.</summary>
    public IEnumerable<(string Target, int Line)> Links => Find(Link());

    /// <summary>Texts in single backticks, with their lines.</summary>
    public IEnumerable<(string Code, int Line)> Codes => Find(Code());

    /// <summary>The anchors that the page's headings make, as the usual renderers do.</summary>
    public IEnumerable<string> Anchors =>
        Heading().Matches(Prose).Select(match => NotInAnchor().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    private IEnumerable<(string Text, int Line)> Find(Regex pattern)
    {
        var number = 0;
        foreach (var line in Prose.Split('\n'))
        {
            number++;
            foreach (Match match in pattern.Matches(line))
                yield return (match.Groups[1].Value, number);
        }
    }

    private static IEnumerable<Fence> Cut(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
                continue;
            var end = Array.FindIndex(lines, i + 1, line => line.Trim() == "```");
            end = end < 0 ? lines.Length - 1 : end;
            yield return new(lines[i].Trim().Trim('`'), string.Join('\n', lines[(i + 1)..end]), i + 1, end - i + 1, Above(lines, i, "not compiled"), Above(lines, i, "given"));
            i = end;
        }
    }

    /// <summary>What an HTML comment <c>&lt;!-- KEY: text --&gt;</c> directly above a fence says; null when there is none.</summary>
    private static string? Above(string[] lines, int fence, string key)
    {
        for (var i = fence - 1; i >= 0 && Mark().Match(lines[i]) is { Success: true } mark; i--)
        {
            if (mark.Groups[1].Value == key)
                return mark.Groups[2].Value;
        }

        return null;
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex("(?<!`)`([^`]+)`(?!`)", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.CultureInvariant)]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("^<!-- (not compiled|given): (.+) -->$", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}

/// <summary>
/// A fenced block: its language, its text, its first line and height in the page. The comments above it say why it is not compiled, and what
/// C# a reader has to imagine before it.
/// </summary>
internal sealed record Fence(string Language, string Text, int Line, int Lines, string? NotCompiled, string? Given);
