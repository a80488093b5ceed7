using System.Globalization;
using System.Text;

namespace Securely.Testing;

/// <summary>Shows wire bytes in messages: control characters written out, long runs cut.</summary>
internal static class Readable
{
    private const int Longest = 400;

    public static string Escape(ReadOnlySpan<byte> bytes) => Escape(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, Longest + 1)]), bytes.Length);

    public static string Escape(string text) => Escape(text, text.Length);

    /// <summary>The whole text with its control characters written out.</summary>
    public static string EscapeAll(string text)
    {
        var result = new StringBuilder();
        foreach (var character in text)
            AppendEscaped(result, character);
        return result.ToString();
    }

    private static string Escape(string text, int length)
    {
        var result = new StringBuilder();
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, Longest)))
            AppendEscaped(result, character);
        return length > Longest ? result.Append(CultureInfo.InvariantCulture, $"... ({length} bytes)").ToString() : result.ToString();
    }

    private static void AppendEscaped(StringBuilder result, char character)
    {
        _ = character switch
        {
            '\r' => result.Append("\\r"),
            '\n' => result.Append("\\n"),
            '\t' => result.Append("\\t"),
            < ' ' or '\x7f' => result.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}"),
            _ => result.Append(character),
        };
    }
}
