using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Securely.Config;

/// <summary>Reads one variable of a dotenv text.</summary>
internal static class DotEnvLine
{
    /// <summary>What is taken away around names and values.</summary>
    public const string Blanks = " \t\n\r\0\v";

    private const int LongestExport = 8;

    /// <summary>Reads a variable.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="span">Where in it the variable stands.</param>
    /// <param name="origin">Where the line starts.</param>
    /// <param name="known">The values for <c>${NAME}</c>.</param>
    /// <param name="entry">The variable.</param>
    /// <param name="error">What is wrong, and in which column.</param>
    public static bool TryParse(
        string text, DotEnvSpan span, ConfigOrigin origin, Func<string, string?> known, [NotNullWhen(true)] out DotEnvEntry? entry, out (int Column, string Message) error)
    {
        entry = null;
        var line = text.AsSpan(span.Start, span.End - span.Start);
        var equals = line.IndexOf('=');
        var written = (equals < 0 ? line : line[..equals].Trim(Blanks)).ToString();
        if (written.Length == 0)
        {
            error = (equals + 1, "A name is missing before [=]");
            return false;
        }

        var name = Unwrap(written);
        if (!IsName(name))
        {
            error = (1, $"[{Shorten(name)}] is not a name; letters, digits, [_] and [.] may stand in one");
            return false;
        }

        if (equals < 0)
        {
            error = default;
            entry = new DotEnvEntry(name, Value: null, IsQuoted: false, origin, span.Start..span.End, span.End..span.End);
            return true;
        }

        var scanner = new DotEnvValue(line, equals + 1);
        error = scanner.Scan();
        if (error.Message is not null)
            return false;
        var value = scanner.Resolve(known);
        entry = new DotEnvEntry(name, value, scanner.IsQuoted, origin, span.Start..span.End, (span.Start + scanner.Start)..(span.Start + scanner.End));
        return true;
    }

    /// <summary>Whether this can be the name of a variable.</summary>
    public static bool IsName(string name)
    {
        foreach (var letter in name.EnumerateRunes())
        {
            var isAllowed = letter.Value is '_' or '.' || Rune.GetUnicodeCategory(letter) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            if (!isAllowed)
                return false;
        }

        return name.Length > 0;
    }

    private static string Unwrap(string name)
    {
        // The shortest that counts is `export` with a name of two letters; the rule is phpdotenv's.
        if (name.Length > LongestExport && name.StartsWith("export", StringComparison.Ordinal) && name[6] is ' ' or (>= '\t' and <= '\r'))
            name = name[6..].TrimStart([.. Blanks]);
        return name is ['"', _, .., '"'] or ['\'', _, .., '\''] ? name[1..^1] : name;
    }

    private static string Shorten(string text)
    {
        var line = text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? text[..end] : text;
        return line.Length > 40 ? line[..40] + "..." : line;
    }
}
