using System.Globalization;
using System.Text;

namespace Securely.Testing;

/// <summary>Shows how two texts differ, by lines: the longest common subsequence stays, with two lines of it around each change.</summary>
internal static class LineDifference
{
    private const int Context = 2;
    private const long LargestTable = 4_000_000;

    private enum Change
    {
        Same,
        Removed,
        Added,
    }

    public static string Show(string expected, string actual)
    {
        var edits = Edits(Lines(expected), Lines(actual));
        var result = new StringBuilder();
        var shownUpTo = -1;
        for (var index = 0; index < edits.Count; index++)
        {
            if (!IsNearChange(edits, index))
                continue;
            if (index > shownUpTo + 1)
                result.Append("  ...\n");
            shownUpTo = index;
            var (change, number, line) = edits[index];
            var sign = change switch { Change.Removed => '-', Change.Added => '+', _ => ' ' };
            result.Append(CultureInfo.InvariantCulture, $"{sign} {number,4} | {Visible(line)}\n");
        }
        return result.ToString();
    }

    private static bool IsNearChange(List<(Change Change, int Number, string Line)> edits, int index)
    {
        for (var near = Math.Max(0, index - Context); near <= Math.Min(edits.Count - 1, index + Context); near++)
        {
            if (edits[near].Change != Change.Same)
                return true;
        }
        return false;
    }

    private static string[] Lines(string text) => text.Split('\n');

    private static List<(Change Change, int Number, string Line)> Edits(string[] expected, string[] actual)
    {
        var start = 0;
        while (start < expected.Length && start < actual.Length && expected[start] == actual[start])
            start++;
        var end = 0;
        while (end < expected.Length - start && end < actual.Length - start && expected[^(end + 1)] == actual[^(end + 1)])
            end++;
        var edits = new List<(Change, int, string)>();
        for (var line = 0; line < start; line++)
            edits.Add((Change.Same, line + 1, expected[line]));
        AddMiddle(edits, expected.AsSpan(start..^end), actual.AsSpan(start..^end), start);
        for (var line = end; line > 0; line--)
            edits.Add((Change.Same, actual.Length - line + 1, actual[^line]));
        return edits;
    }

    private static void AddMiddle(List<(Change, int, string)> edits, ReadOnlySpan<string> expected, ReadOnlySpan<string> actual, int offset)
    {
        var common = (long)expected.Length * actual.Length <= LargestTable ? CommonLengths(expected, actual) : null;
        var (left, right) = (0, 0);
        while (left < expected.Length || right < actual.Length)
        {
            if (common is not null && left < expected.Length && right < actual.Length && expected[left] == actual[right])
            {
                edits.Add((Change.Same, offset + right + 1, actual[right]));
                left++;
                right++;
            }
            else if (right == actual.Length || (left < expected.Length && (common is null || common[left + 1, right] >= common[left, right + 1])))
            {
                edits.Add((Change.Removed, offset + left + 1, expected[left]));
                left++;
            }
            else
            {
                edits.Add((Change.Added, offset + right + 1, actual[right]));
                right++;
            }
        }
    }

    /// <summary>For each pair of positions, how many lines the rests have in common.</summary>
    private static int[,] CommonLengths(ReadOnlySpan<string> expected, ReadOnlySpan<string> actual)
    {
        var common = new int[expected.Length + 1, actual.Length + 1];
        for (var left = expected.Length - 1; left >= 0; left--)
        {
            for (var right = actual.Length - 1; right >= 0; right--)
                common[left, right] = expected[left] == actual[right] ? common[left + 1, right + 1] + 1 : Math.Max(common[left + 1, right], common[left, right + 1]);
        }
        return common;
    }

    /// <summary>Writes out what an eye would miss: control characters, and white space at the end of a line.</summary>
    private static string Visible(string line)
    {
        var end = line.TrimEnd(' ', '\t').Length;
        return Readable.EscapeAll(line[..end]) + line[end..].Replace(' ', '\u00b7').Replace("\t", "\\t", StringComparison.Ordinal);
    }
}
