namespace Securely.Proxy;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class Spelling
{
    private const int MaxDistance = 2;

    /// <summary>The end of a message that names the nearest known name, or nothing.</summary>
    public static string Suggest(string name, IEnumerable<string> known)
    {
        var nearest = known.Select(candidate => (Name: candidate, Distance: Distance(name, candidate))).OrderBy(found => found.Distance).FirstOrDefault();
        return nearest.Name is not null && nearest.Distance <= MaxDistance ? $"; did you mean [{nearest.Name}]?" : "";
    }

    /// <summary>How many letters must be added, removed or changed.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var change = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
