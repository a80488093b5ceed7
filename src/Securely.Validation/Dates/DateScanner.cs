using System.Text.RegularExpressions;

namespace Securely.Validation;

/// <summary>
/// Reads dates as people and programs write them. At each place of the text the longest form that fits is taken, the earlier one of two that
/// are equally long; what fits no form is a mistake.
/// </summary>
internal static class DateScanner
{
    private const int LongestText = 200;

    private static readonly Lazy<DateForm[]> Forms = new(() => [.. DateForms.All()]);

    /// <summary>Reads a text; null when it is no date.</summary>
    public static DateFields? Read(string text)
    {
        text = text.Trim(' ', '\t', '\n', '\r', '\v', '\0').Split('\n', 2)[0];
        if (text.Length > LongestText)
            return null;
        var fields = new DateFields();
        for (var place = 0; place < text.Length && !fields.IsWrong;)
        {
            var (form, match) = Longest(text, place);
            if (form is not null)
            {
                form.Apply(fields, match!);
                place += match!.Length;
            }
            else if (text[place] is ' ' or '.' or ',' or '\t')
            {
                place++;
            }
            else
            {
                return null;
            }
        }

        return fields.IsWrong ? null : fields;
    }

    private static (DateForm? Form, Match? Match) Longest(string text, int place)
    {
        DateForm? best = null;
        Match? longest = null;
        foreach (var form in Forms.Value)
        {
            if (!form.MayBegin(text[place]))
                continue;
            var match = form.Pattern.Match(text, place);
            if (match.Success && match.Length > (longest?.Length ?? 0))
                (best, longest) = (form, match);
        }

        return (best, longest);
    }
}

/// <summary>One way to write a part of a date.</summary>
internal sealed class DateForm(string pattern, DateForm.Start start, Action<DateFields, Match> apply)
{
    /// <summary>What the form may begin with, so that most forms are not tried.</summary>
    [Flags]
    public enum Start
    {
        Digit = 1,
        Letter = 2,
        Sign = 4,
        Any = 7,
    }

    public Regex Pattern { get; } = new(@"\G(?:" + pattern + ")", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    public Action<DateFields, Match> Apply => apply;

    public bool MayBegin(char letter) => (start & (char.IsAsciiDigit(letter) ? Start.Digit : char.IsLetter(letter) ? Start.Letter : Start.Sign)) != 0;
}
