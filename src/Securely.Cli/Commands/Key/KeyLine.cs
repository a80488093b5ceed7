using Securely.Encrypt;

namespace Securely.Cli;

/// <summary>The lines <c>APP_KEY=</c> and <c>APP_CIPHER=</c> of a dotenv file; all other characters of the file stay as they are.</summary>
internal static class KeyLine
{
    private const string KeyName = "APP_KEY";

    /// <summary>Whether a key stands in a text; an empty value is none.</summary>
    /// <param name="text">The dotenv file.</param>
    public static bool HasKey(string text) => Find(text, KeyName) is { Value.Length: > 0 };

    /// <summary>The text with a key and the name of its cipher, each in the line of the old one or in a new last line.</summary>
    /// <param name="text">The dotenv file.</param>
    /// <param name="key">The key; the line of the default cipher is left out where there is none yet.</param>
    public static string Set(string text, EncryptionKey key)
    {
        text = Set(text, KeyName, key.Export());
        return key.Cipher == Cipher.Aes256Cbc && Find(text, SettingsCall.CipherName) is null ? text : Set(text, SettingsCall.CipherName, key.Cipher.Name);
    }

    private static string Set(string text, string name, string value) => Find(text, name) is { } found
        ? string.Concat(text.AsSpan(0, found.Start), $"{name}={value}", text.AsSpan(found.End))
        : text + (text.Length == 0 || text[^1] == '\n' ? "" : "\n") + $"{name}={value}\n";

    /// <summary>The last line that sets it, because the last one counts.</summary>
    private static Place? Find(string text, string name)
    {
        Place? found = null;
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var at and >= 0 ? at : text.Length;
            var line = text[start..end].TrimEnd('\r');
            var assignment = line.TrimStart();
            if (assignment.StartsWith("export ", StringComparison.Ordinal))
                assignment = assignment["export ".Length..].TrimStart();
            if (assignment.StartsWith(name, StringComparison.Ordinal) && assignment[name.Length..].TrimStart() is ['=', .. var value])
                found = new Place(start + line.Length - assignment.Length, start + line.Length, value.Trim(' ', '\t', '"', '\''));
            start = end + 1;
        }

        return found;
    }

    private readonly record struct Place(int Start, int End, string Value);
}
