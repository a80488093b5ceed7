using System.Buffers;
using System.Text;

namespace Securely.Config;

/// <summary>
/// Changes one value in a YAML text and leaves everything else as it is, comments and layout included. After each change the text is read again: what
/// would not mean exactly the wanted change is refused, so that somebody can make it by hand.
/// </summary>
public static class YamlEditor
{
    private static readonly SearchValues<char> PlainLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+");

    /// <summary>The text with another value, or with one more key. A key in the middle that is missing is made.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What diagnostics call it.</param>
    /// <param name="key">The key in dot notation.</param>
    /// <param name="value">The text of the value; <c>true</c> and <c>5</c> are written without quotes.</param>
    /// <exception cref="ConfigException">The text is not YAML, or the value can only be changed by hand; names the place.</exception>
    public static string Set(string text, string fileName, string key, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        var root = YamlReader.Read(text, fileName);
        var (written, isQuoted) = Write(value);
        var place = Locate(root, key);
        var edited = place.Missing.Length == 0 ? Replace(text, place.Found, written, key) : Insert(text, place.Found, place.Missing, written, key);
        Verify(edited, fileName, ConfigTree.Set(root, key, ConfigValue.FromText(value, ConfigOrigin.Code, isQuoted)), place.Found.Origin, key);
        return edited;
    }

    /// <summary>The deepest value that is there, and the names below it that are not.</summary>
    private static (ConfigValue Found, string[] Missing) Locate(ConfigValue root, string key)
    {
        var (found, parts) = (root, key.Split('.'));
        for (var i = 0; i < parts.Length; i++)
        {
            if (found.Child(parts[i]) is not { } next)
                return (found, parts[i..]);
            found = next;
        }

        return (found, []);
    }

    private static string Replace(string text, ConfigValue old, string written, string key)
    {
        if (old.Kind is ConfigKind.List or ConfigKind.Map)
            throw ByHand(old.Origin, key, $"is {old.Describe()}");
        var start = Offset(text, old.Origin);
        var length = LengthAt(text, start, old);
        if (length < 0)
            throw ByHand(old.Origin, key, "is written over several lines");
        var gap = length == 0 && start > 0 && text[start - 1] == ':' ? " " : "";
        return string.Concat(text.AsSpan(0, start), gap + written, text.AsSpan(start + length));
    }

    /// <summary>How long a value is as it is written; -1 where that cannot be said.</summary>
    private static int LengthAt(string text, int start, ConfigValue value)
    {
        var rest = text.AsSpan(start);
        if (value.Kind == ConfigKind.Null)
            return rest is ['~', ..] ? 1 : rest.StartsWith("null", StringComparison.OrdinalIgnoreCase) ? 4 : 0;
        if (rest is ['"' or '\'', ..])
        {
            for (var i = 1; i < rest.Length; i++)
            {
                if (rest[0] == '"' && rest[i] == '\\')
                    i++;
                else if (rest[i] == rest[0] && rest[0] == '\'' && i + 1 < rest.Length && rest[i + 1] == '\'')
                    i++;
                else if (rest[i] == rest[0])
                    return i + 1;
            }

            return -1;
        }

        return !value.IsQuoted && rest.StartsWith(value.Text, StringComparison.Ordinal) ? value.Text.Length : -1;
    }

    private static string Insert(string text, ConfigValue parent, string[] names, string written, string key)
    {
        if (parent.Kind is ConfigKind.List or ConfigKind.Text)
            throw ByHand(parent.Origin, key, $"would stand in {parent.Describe()}");
        var end = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        if (parent.Kind == ConfigKind.Null)
        {
            if (names.Length < key.Split('.').Length)
                throw ByHand(parent.Origin, key, "would stand in a key without a value");
            return text + (text.Length == 0 || text[^1] == '\n' ? "" : end) + Block(names, written, 0, end);
        }

        var start = Offset(text, parent.Origin);
        if (start < text.Length && text[start] == '{')
            return text.Insert(start + 1, Flow(names, written) + (parent.Entries.Count > 0 ? ", " : ""));
        var indent = parent.Entries[^1].KeyOrigin.Column - 1;
        var place = EndOfBlock(text, parent.Entries[^1].KeyOrigin.Line, indent);
        return text.Insert(place, (place > 0 && text[place - 1] != '\n' ? end : "") + Block(names, written, indent, end));
    }

    private static string Flow(string[] names, string written) =>
        string.Concat(names[..^1].Select(name => Write(name).Text + ": {")) + Write(names[^1]).Text + ": " + written + new string('}', names.Length - 1);

    private static string Block(string[] names, string written, int indent, string end)
    {
        var block = new StringBuilder();
        for (var i = 0; i < names.Length; i++)
            block.Append(' ', indent + (2 * i)).Append(Write(names[i]).Text).Append(':').Append(i + 1 < names.Length ? "" : " " + written).Append(end);
        return block.ToString();
    }

    /// <summary>Behind the last line that belongs to the entry that starts on a line.</summary>
    private static int EndOfBlock(string text, int line, int indent)
    {
        var (number, start, place) = (1, 0, text.Length);
        while (start < text.Length)
        {
            var next = text.IndexOf('\n', start) is var end and >= 0 ? end + 1 : text.Length;
            var content = text.AsSpan(start, next - start).TrimEnd();
            var depth = content.Length - content.TrimStart(' ').Length;
            if (number > line && content.Length > 0 && depth <= indent && !(depth == indent && content[depth] == '-' && indent > 0))
                break;
            if (number >= line && content.Length > 0)
                place = next;
            number++;
            start = next;
        }

        return place;
    }

    private static int Offset(string text, ConfigOrigin origin)
    {
        var start = 0;
        for (var line = 1; line < origin.Line; line++)
            start = text.IndexOf('\n', start) + 1;
        return Math.Min(text.Length, start + origin.Column - 1);
    }

    private static (string Text, bool IsQuoted) Write(string value)
    {
        if (value.Length > 0 && value.AsSpan().IndexOfAnyExcept(PlainLetters) < 0 && YamlReader.Read("a: " + value, "value")["a"] is { Kind: ConfigKind.Text } plain && plain.Text == value)
            return (value, false);
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF' => quoted.Append(null, $"\\u{(int)c:X4}"),
                _ => quoted.Append(c),
            };
        }

        return (quoted.Append('"').ToString(), true);
    }

    private static void Verify(string edited, string fileName, ConfigValue wanted, ConfigOrigin origin, string key)
    {
        var diagnostics = new ConfigDiagnostics();
        if (YamlReader.Read(edited, fileName, diagnostics) is not { } actual || diagnostics.HasErrors || !ConfigValue.SameContent(actual, wanted))
            throw ByHand(origin, key, "stands where no tool can change it safely");
    }

    private static ConfigException ByHand(ConfigOrigin origin, string key, string reason) => new(origin, $"[{key}] {reason}; change it in an editor");
}
