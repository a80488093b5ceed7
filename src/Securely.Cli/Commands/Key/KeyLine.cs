using System.Text;

namespace Securely.Cli;

/// <summary>The line <c>APP_KEY=</c> of a dotenv file; all other bytes of the file stay as they are.</summary>
internal static class KeyLine
{
    private const string Name = "APP_KEY";

    /// <summary>Sets the key; the file appears whole or not at all.</summary>
    /// <param name="file">The dotenv file; made, for its owner only, when it is not there.</param>
    /// <param name="key">The text of the key.</param>
    /// <param name="isForced">Whether a key that is there is replaced.</param>
    /// <returns>False when there is a key, and it stays.</returns>
    public static bool TryWrite(string file, string key, bool isForced)
    {
        var exists = File.Exists(file);
        // Latin-1 gives every byte back as it was, whatever the file is written in.
        var text = exists ? File.ReadAllText(file, Encoding.Latin1) : "";
        var place = Find(text);
        if (place is { Value.Length: > 0 } && !isForced)
            return false;
        var changed = place is { } found
            ? string.Concat(text.AsSpan(0, found.Start), $"{Name}={key}", text.AsSpan(found.End))
            : text + (text.Length == 0 || text[^1] == '\n' ? "" : "\n") + $"{Name}={key}\n";
        Replace(file, changed, exists);
        return true;
    }

    /// <summary>The last line that sets it, because the last one counts.</summary>
    private static Place? Find(string text)
    {
        Place? found = null;
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var at and >= 0 ? at : text.Length;
            var line = text[start..end].TrimEnd('\r');
            var assignment = line.TrimStart();
            if (assignment.StartsWith("export ", StringComparison.Ordinal))
                assignment = assignment["export ".Length..].TrimStart();
            if (assignment.StartsWith(Name, StringComparison.Ordinal) && assignment[Name.Length..].TrimStart() is ['=', .. var value])
                found = new Place(start + line.Length - assignment.Length, start + line.Length, value.Trim(' ', '\t', '"', '\''));
            start = end + 1;
        }

        return found;
    }

    private static void Replace(string file, string text, bool exists)
    {
        var temporary = $"{file}.{Path.GetRandomFileName()}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = exists ? File.GetUnixFileMode(file) : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.Latin1.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private readonly record struct Place(int Start, int End, string Value);
}
