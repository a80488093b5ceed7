using System.Text;

namespace Securely.Validation;

/// <summary>Reads rule strings: <c>required|between:1,10</c>, parameters as CSV with double quotes.</summary>
internal static class RuleParser
{
    /// <summary>Reads rules with bars between them. A regular expression with a bar needs the list form.</summary>
    public static IEnumerable<RuleUse> ParseAll(string text, RuleRegistry registry) =>
        text.Split('|').Select(rule => Parse(rule, registry)).OfType<RuleUse>();

    /// <summary>Reads one rule; null when it is empty.</summary>
    public static RuleUse? Parse(string text, RuleRegistry registry)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = (colon < 0 ? text : text[..colon]).Trim();
        if (name.Length == 0)
            return null;
        var definition = registry.Find(name);
        string?[] parameters = colon < 0 ? [] : definition.Name is "regex" or "not_regex" ? [text[(colon + 1)..]] : Parameters(text[(colon + 1)..]);
        return new RuleUse(definition, parameters);
    }

    /// <summary>Quotes a parameter so that commas and quotes in it survive.</summary>
    public static string Quote(string parameter) => '"' + parameter.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    internal static string?[] Parameters(string text)
    {
        if (text.Length == 0)
            return [null];
        var result = new List<string?>();
        var place = 0;
        while (true)
        {
            var start = place;
            while (start < text.Length && text[start] is ' ' or '\t')
                start++;
            result.Add(start < text.Length && text[start] == '"' ? Quoted(text, start + 1, out place) : Plain(text, ref place));
            if (place >= text.Length)
                return [.. result];
            place++;
        }
    }

    private static string Plain(string text, ref int place)
    {
        var comma = text.IndexOf(',', place);
        var end = comma < 0 ? text.Length : comma;
        var value = text[place..end];
        place = end;
        return value;
    }

    /// <summary>Two quotes are one, a backslash keeps the quote after it, and what follows the closing quote belongs to the value.</summary>
    private static string Quoted(string text, int start, out int place)
    {
        var value = new StringBuilder();
        place = start;
        while (place < text.Length)
        {
            var letter = text[place];
            if (letter == '\\' && place + 1 < text.Length)
            {
                value.Append(letter).Append(text[place + 1]);
                place += 2;
            }
            else if (letter == '"' && place + 1 < text.Length && text[place + 1] == '"')
            {
                value.Append('"');
                place += 2;
            }
            else if (letter == '"')
            {
                place++;
                value.Append(Plain(text, ref place));
                return value.ToString();
            }
            else
            {
                value.Append(letter);
                place++;
            }
        }

        return value.ToString();
    }
}
