namespace Securely.Events;

/// <summary>Patterns in which <c>*</c> stands for any letters, none among them.</summary>
internal static class Wildcards
{
    public static bool IsPattern(string text) => text.Contains('*', StringComparison.Ordinal);

    /// <summary>Whether a name matches; time is bounded by the product of both lengths.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (at, place, star, resume) = (0, 0, -1, 0);
        while (place < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                resume = place;
            }
            else if (at < pattern.Length && pattern[at] == name[place])
            {
                at++;
                place++;
            }
            else if (star >= 0)
            {
                // The last star takes one letter more; earlier ones never have to.
                at = star + 1;
                place = ++resume;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].Trim('*').IsEmpty;
    }
}
