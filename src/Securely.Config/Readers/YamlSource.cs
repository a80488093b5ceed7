using System.Text;
using Securely.Encrypt;

namespace Securely.Config;

/// <summary>Gets the text of a YAML file, and refuses what the parser below would misread.</summary>
internal static class YamlSource
{
    /// <summary>The largest file and text that is read.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a file, or null when an error was reported.</summary>
    public static string? Load(string path, ConfigDiagnostics diagnostics)
    {
        var start = new ConfigOrigin(path, 1, 1);
        try
        {
            if (Directory.Exists(path))
            {
                diagnostics.Error(start, $"[{path}] is a directory, not a file");
                return null;
            }

            if (OrdinaryFile.Read(path, MaxBytes) is { } bytes)
                return Decode(bytes, path, diagnostics);
            diagnostics.Error(start, $"[{path}] is larger than {SizeText.Format(MaxBytes)}, the most that a configuration file may have");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Error(start, $"[{path}] does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            diagnostics.Error(start, $"[{path}] may not be read by this user; check its permissions");
        }
        catch (Exception e) when (e is IOException or NotSupportedException)
        {
            diagnostics.Error(start, $"[{path}] cannot be read: {FailureText.Of(e)}");
        }

        return null;
    }

    /// <summary>
    /// Whether the text has only characters that YAML allows. The parser takes U+0000 for the end of the input, which would
    /// silently drop the rest of a file, and counts U+0085, U+2028 and U+2029 as line ends, which no editor does.
    /// </summary>
    public static bool Check(string text, string fileName, ConfigDiagnostics diagnostics)
    {
        if (text.Length > MaxBytes)
        {
            diagnostics.Error(new ConfigOrigin(fileName, 1, 1), $"[{fileName}] is larger than {SizeText.Format(MaxBytes)}, the most that a configuration may have");
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is >= ' ' and < '\u007F' or '\n' or '\r' or '\t' or (> '\u009F' and not '\u2028' and not '\u2029' and not '\uFEFF'))
                continue;
            diagnostics.Error(
                Locate(text.AsSpan(0, i), fileName),
                string.Create(null, $"The character [U+{(int)c:X4}] may not stand in a configuration; in double quotes it is written [\\u{(int)c:X4}]"));
            return false;
        }

        return true;
    }

    private static string? Decode(byte[] bytes, string path, ConfigDiagnostics diagnostics)
    {
        if (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            diagnostics.Error(new ConfigOrigin(path, 1, 1), $"[{path}] is in UTF-16; save it in UTF-8");
            return null;
        }

        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            var before = Encoding.UTF8.GetString(bytes, 0, Math.Clamp(e.Index, 0, bytes.Length));
            diagnostics.Error(Locate(before, path), $"[{path}] is not valid UTF-8 here; save it in UTF-8");
            return null;
        }
    }

    private static ConfigOrigin Locate(ReadOnlySpan<char> before, string fileName)
    {
        var line = 1;
        var lineStart = 0;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] != '\n' && (before[i] != '\r' || (i + 1 < before.Length && before[i + 1] == '\n')))
                continue;
            line++;
            lineStart = i + 1;
        }

        return new ConfigOrigin(fileName, line, before.Length - lineStart + 1);
    }
}
