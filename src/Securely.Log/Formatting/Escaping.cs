using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>Takes the power over a terminal, and over the reader of a line, from text that came from anywhere.</summary>
internal static class Escaping
{
    /// <summary>Control characters, line separators and characters that turn the direction of reading, as <c>\n</c> or <c>\u202e</c>.</summary>
    public static string Line(string text)
    {
        foreach (var letter in text)
        {
            if (IsHarmful(letter))
                return Replace(text);
        }

        return text;
    }

    public static bool IsHarmful(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u200b' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff';

    public static void Append(StringBuilder text, char letter)
    {
        var name = letter switch { '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => '\0' };
        if (name != '\0')
            text.Append('\\').Append(name);
        else
            text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
    }

    private static string Replace(string text)
    {
        var harmless = new StringBuilder(text.Length + 16);
        foreach (var letter in text)
        {
            if (IsHarmful(letter))
                Append(harmless, letter);
            else
                harmless.Append(letter);
        }

        return harmless.ToString();
    }
}
