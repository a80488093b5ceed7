namespace Securely.Config;

/// <summary>Finds the name that somebody probably meant.</summary>
public static class NearestName
{
    // Names of a configuration are short; a longer one is data, and comparing it would only cost time.
    private const int LongestName = 128;

    /// <summary>
    /// The known name with the smallest Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours), case ignored.
    /// The first one wins a tie. A name that shares nothing with the other (distance as long as the shorter name) is never meant.
    /// </summary>
    /// <param name="name">What was written.</param>
    /// <param name="known">What could have been written.</param>
    /// <param name="maxDistance">The largest distance that still counts as a misspelling; 2 unless told.</param>
    /// <returns>The nearest name, or null when none is near enough.</returns>
    public static string? Find(string name, IEnumerable<string> known, int maxDistance = 2)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        string? nearest = null;
        var best = maxDistance + 1;
        foreach (var candidate in known)
        {
            var shorter = Math.Min(name.Length, candidate.Length);
            if (Math.Abs(name.Length - candidate.Length) >= best || Math.Max(name.Length, candidate.Length) > LongestName)
                continue;
            var distance = Distance(name, candidate);
            if (distance >= best || (distance > 0 && distance >= shorter))
                continue;
            best = distance;
            nearest = candidate;
        }

        return nearest;
    }

    /// <summary><c>; did you mean [x]?</c>, or nothing when no known name is near.</summary>
    internal static string Suggestion(string name, IEnumerable<string> known) =>
        Find(name, known) is { } nearest ? $"; did you mean [{nearest}]?" : "";

    private static int Distance(string left, string right)
    {
        Span<int> beforeLast = stackalloc int[right.Length + 1];
        Span<int> last = stackalloc int[right.Length + 1];
        Span<int> current = stackalloc int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            last[j] = j;

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replace = last[j - 1] + (Same(left[i - 1], right[j - 1]) ? 0 : 1);
                current[j] = Math.Min(replace, Math.Min(last[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
            }

            var free = beforeLast;
            beforeLast = last;
            last = current;
            current = free;
        }

        return last[right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
