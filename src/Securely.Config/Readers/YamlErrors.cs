using YamlDotNet.Core;

namespace Securely.Config;

/// <summary>A map or list that has not ended yet.</summary>
internal sealed record OpenCollection(ConfigOrigin Origin, bool IsMap, bool IsFlow);

/// <summary>Says what a syntax error means and what to do about it; the parser only names the state that it was in.</summary>
internal static class YamlErrors
{
    // Part of the parser's message, what is said in its place, and whether a bracket that is not closed may be the reason.
    // The first one that fits is taken.
    private static readonly (string Part, string Message, bool MayBeUnclosed)[] Meanings =
    [
        ("tab", "A tab stands in the indentation; indent with spaces", false),
        ("invalid mapping", "A second [:] stands in this value; put the value in quotes, or check the indentation of this line", true),
        ("wrong indentation", "The quote that opens here is not closed", false),
        ("unexpected end of stream", "The quote that opens here is not closed", false),
        ("unexpected document indicator", "The quote that opens here is not closed", false),
        ("cannot start any token", "A text cannot start with this character; put the text in quotes", false),
        ("expected '-'", "The list of the lines above ends here, where an item [- ] or less indentation is expected; check the indentation", false),
        ("expected ',' or", "A [,] or the closing bracket is expected here", true),
        ("expected key", "A key with [:] is expected here; check the indentation of this line and the quotes before it", false),
        ("expected ':'", "A [:] is expected after the key; check the lines above for a key without a value", true),
        ("Block sequence entries", "A list cannot start on the line of its key; start it on the next line, or write it as [a, b]; where the text [-] is meant, put quotes around it", false),
        ("Invalid key indicator", "A text [-] cannot stand alone here; put quotes around it", false),
        ("escape", "This text in double quotes has an unknown escape; write [\\\\] for a backslash, or use single quotes", false),
        ("not allowed in this context", "A [:] cannot stand here; put the text in quotes, or check the indentation of this line", true),
        ("anchor or alias", "A text that starts with [*] or [&] needs quotes", false),
        ("block scalar", "A text that starts with [|] or [>] needs quotes; as a block its lines start on the next line", false),
        ("directive", "A text that starts with [%] needs quotes", false),
        (" tag", "A text that starts with [!] needs quotes", false),
        ("node content", "A value is expected here", true),
    ];

    /// <summary>Where an error is and what it is.</summary>
    public static (ConfigOrigin Origin, string Message) Describe(YamlException error, string text, string file, OpenCollection? flow)
    {
        var origin = new ConfigOrigin(file, Math.Max(1, (int)error.Start.Line), Math.Max(1, (int)error.Start.Column));
        foreach (var (part, message, mayBeUnclosed) in Meanings)
        {
            if (!error.Message.Contains(part, StringComparison.Ordinal))
                continue;
            return (part == "tab" ? FirstTab(text, origin) : origin, message + Unclosed(mayBeUnclosed ? flow : null));
        }

        return (origin, "This is not YAML: " + error.Message.TrimEnd('.') + Unclosed(flow));
    }

    /// <summary>What is said where the parser gave no reason.</summary>
    public static string Unreadable(OpenCollection? flow) => "What follows here is not YAML" + Unclosed(flow);

    // The parser gives the start of the map, not of the tab.
    private static ConfigOrigin FirstTab(string text, ConfigOrigin origin)
    {
        var line = 1;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            var tab = content[..^content.TrimStart(" \t").Length].IndexOf('\t');
            if (line++ >= origin.Line && tab >= 0)
                return origin with { Line = line - 1, Column = tab + 1 };
        }

        return origin;
    }

    private static string Unclosed(OpenCollection? flow) =>
        flow is null ? "" : $"; the {(flow.IsMap ? "map" : "list")} that opens at {flow.Origin} may not be closed";
}
