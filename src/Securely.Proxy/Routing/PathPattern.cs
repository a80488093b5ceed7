using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Securely.Proxy;

/// <summary>A path that a route matches: exactly, or as the beginning of what is asked for. Immutable.</summary>
internal sealed class PathPattern
{
    // Exact: the path. Prefix: everything up to and with the slash before the star.
    private readonly byte[] _bytes;

    private PathPattern(byte[] bytes, bool isPrefix)
    {
        _bytes = bytes;
        IsPrefix = isPrefix;
    }

    /// <summary>Whether the pattern ends in <c>/*</c>, so that a match can leave a rest.</summary>
    public bool IsPrefix { get; }

    /// <summary>Reads a pattern, or says what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PathPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        pattern = null;
        problem = Complaint(text);
        if (problem is not null)
        {
            return false;
        }

        var isPrefix = text.EndsWith("/*", StringComparison.Ordinal);
        var raw = Encoding.UTF8.GetBytes(isPrefix ? text[..^1] : text);
        var bytes = new byte[raw.Length];
        var length = RequestPath.Normalize(raw, bytes, default, out _);
        if (length == RequestPath.Refused)
        {
            problem = $"Path [{text}] can never match, because such paths are refused; a percent sign is written [%25]";
            return false;
        }

        if (length != raw.Length - (2 * raw.AsSpan().Count((byte)'%')))
        {
            problem = $"Path [{text}] can never match, because paths are compared without dot segments and repeated slashes; "
                + $"write [{Encoding.UTF8.GetString(bytes, 0, length)}{(isPrefix ? "*" : "")}]";
            return false;
        }

        pattern = new PathPattern(bytes[..length], isPrefix);
        return true;
    }

    /// <summary>How much of a normalised path the pattern takes, or -1 when it does not match.</summary>
    public int Match(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> bytes = _bytes;
        if (!IsPrefix)
        {
            return path.SequenceEqual(bytes) ? bytes.Length : -1;
        }

        if (path.StartsWith(bytes))
        {
            return bytes.Length;
        }

        // The directory itself, asked for without its slash.
        return path.Length == bytes.Length - 1 && bytes.StartsWith(path) ? path.Length : -1;
    }

    private static string? Complaint(string text)
    {
        if (!text.StartsWith('/'))
        {
            return $"Path [{text}] does not begin with a slash; write [/{text}]";
        }

        if (text.AsSpan().ContainsAny('?', '#'))
        {
            return $"Path [{text}] holds a query or a fragment; only the path is compared";
        }

        var star = text.IndexOf('*', StringComparison.Ordinal);
        if (star >= 0 && (star != text.Length - 1 || text[star - 1] != '/'))
        {
            return $"Path [{text}] has a star that is not the whole last segment; "
                + $"write [{text[..star].TrimEnd('/')}/*], or [%2A] for the character";
        }

        return text.Any(char.IsControl) ? "Path holds a control character" : null;
    }
}
