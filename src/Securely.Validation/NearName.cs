namespace Securely.Validation;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class NearName
{
    private const int Farthest = 2;

    public static string? Of(string name, IEnumerable<string> known)
    {
        string? best = null;
        var nearest = Farthest + 1;
        foreach (var candidate in known.Order(StringComparer.Ordinal))
        {
            var distance = Distance(name, candidate);
            if (distance < nearest && distance < candidate.Length)
                (best, nearest) = (candidate, distance);
        }

        return best;
    }

    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > Farthest)
            return Farthest + 1;
        var row = new int[right.Length + 1];
        for (var j = 0; j < row.Length; j++)
            row[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j - 1], above) + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
