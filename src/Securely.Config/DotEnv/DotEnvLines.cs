namespace Securely.Config;

/// <summary>A variable's part of a dotenv text: one line, or several where a double quote is open.</summary>
/// <param name="Start">Its first character.</param>
/// <param name="End">The character behind its last; the end of the line is not part of it.</param>
/// <param name="Number">Its first line, counted from 1.</param>
/// <param name="IsUnclosed">Whether a double quote is open at the end of the text.</param>
internal readonly record struct DotEnvSpan(int Start, int End, int Number, bool IsUnclosed);

/// <summary>Finds the variables of a dotenv text. Comments and empty lines between them are left out.</summary>
internal static class DotEnvLines
{
    public static IEnumerable<DotEnvSpan> Split(string text)
    {
        int? open = null;
        var (openLine, number, start) = (0, 0, 0);
        while (start <= text.Length)
        {
            number++;
            var end = text.AsSpan(start).IndexOfAny('\r', '\n') is var length and >= 0 ? start + length : text.Length;
            var line = text.AsMemory(start, end - start);
            var startsHere = open is null && IsOpening(line.Span);
            if (startsHere)
                (open, openLine) = (start, number);
            if (open is null)
            {
                if (!IsCommentOrBlank(line.Span))
                    yield return new DotEnvSpan(start, end, number, IsUnclosed: false);
            }
            else if (IsClosing(line.Span, startsHere))
            {
                // A comment that only looks like the start of a value is one still.
                if (!IsCommentOrBlank(text.AsSpan(open.Value, end - open.Value)))
                    yield return new DotEnvSpan(open.Value, end, openLine, IsUnclosed: false);
                open = null;
            }

            start = end + (text.AsSpan(end).StartsWith("\r\n") ? 2 : 1);
        }

        if (open is { } unclosed)
            yield return new DotEnvSpan(unclosed, text.Length, openLine, IsUnclosed: true);
    }

    public static bool IsCommentOrBlank(ReadOnlySpan<char> line) => line.Trim(DotEnvLine.Blanks) is [] or ['#', ..];

    private static bool IsOpening(ReadOnlySpan<char> line) => line.Contains("=\"", StringComparison.Ordinal) && !IsClosing(line, startsHere: true);

    /// <summary>Counts the quotes that no backslash stands before; pairs of backslashes mean themselves.</summary>
    private static bool IsClosing(ReadOnlySpan<char> line, bool startsHere)
    {
        if (line is "\"")
            return true;
        var quotes = 0;
        var (before, hasBefore) = ('\0', false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length && line[i + 1] == '\\')
            {
                i++;
                continue;
            }

            if (line[i] == '"' && hasBefore && before != '\\')
                quotes++;
            (before, hasBefore) = (line[i], true);
        }

        return startsHere ? quotes > 1 : quotes >= 1;
    }
}
