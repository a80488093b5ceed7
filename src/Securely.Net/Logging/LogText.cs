using System.Globalization;
using System.Text;

namespace Securely.Net;

/// <summary>
/// Makes text harmless for a line of a log that is read on a terminal. What a client has sent must not end the line, move the cursor, or turn the
/// reading direction around.
/// </summary>
public static class LogText
{
    /// <summary>
    /// Replaces control characters, line and paragraph separators, invisible and direction-changing characters and halves of surrogate pairs by
    /// <c>\x1b</c> or <c>\u202e</c>. Allocates only where there is something to replace.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <returns>The text itself, or a harmless one. Doing it again changes nothing.</returns>
    public static string Escape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FirstHarmful(text) < 0 ? text : Replace(text, text.Length, '\0');
    }

    /// <summary>As <see cref="Escape"/>, for what a client has sent: a backslash is doubled, so that nobody can write an escape himself, and the
    /// end of what is long is left out.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="most">The most characters that are kept; three dots stand for the rest. Default: 500.</param>
    /// <returns>A harmless text.</returns>
    public static string Quote(string text, int most = 500)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isShort = text.Length <= most;
        if (isShort && FirstHarmful(text) < 0 && !text.Contains('\\', StringComparison.Ordinal))
            return text;
        return Replace(text, Math.Min(text.Length, most), '\\') + (isShort ? "" : "...");
    }

    private static int FirstHarmful(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsHarmful(text, ref i))
                return i;
        }

        return -1;
    }

    private static string Replace(string text, int length, char doubled)
    {
        var harmless = new StringBuilder(length + 16);
        for (var i = 0; i < length; i++)
        {
            var at = i;
            if (IsHarmful(text, ref i))
            {
                foreach (var letter in text.AsSpan(at, i - at + 1))
                    _ = letter < 0x100 ? harmless.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}") : harmless.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                continue;
            }

            if (text[i] == doubled)
                harmless.Append(doubled);
            harmless.Append(text, at, i - at + 1);
        }

        return harmless.ToString();
    }

    /// <summary>Whether the character at a place is harmful; a pair of surrogates is one character, and the place is then that of its second half.</summary>
    private static bool IsHarmful(string text, ref int index)
    {
        var letter = text[index];
        if (letter is >= ' ' and < '\x7f')
            return false;
        if (char.IsHighSurrogate(letter) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(letter, text[index + 1]));
            index++;
            return category is UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
        }

        return char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;
    }
}
