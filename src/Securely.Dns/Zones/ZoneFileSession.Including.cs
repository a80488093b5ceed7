using System.Text;

namespace Securely.Dns;

internal sealed partial class ZoneFileSession
{
    private void Include()
    {
        var (token, origin) = (_lexer.Tokens[1], _origin);
        var name = Unescape(token.In(_text));
        if (_lexer.Count == 3 && !DomainName.TryParse(_lexer.Tokens[2].In(_text), _origin, out origin, out var error))
        {
            Fail(_lexer.Tokens[2], $"The name [{_lexer.Tokens[2].In(_text)}] {error}");
            return;
        }

        if (name.Length == 0 || name.Contains('\0', StringComparison.Ordinal))
        {
            Fail(token, $"[{token.In(_text)}] is not the name of a file");
            return;
        }

        if (_depth + 1 >= ZoneFileReader.DeepestInclude)
        {
            Fail(token, $"[{name}] is included more than {ZoneFileReader.DeepestInclude} files deep");
            return;
        }

        if (_includeRoot is null)
        {
            Fail(token, $"[{name}] cannot be included: this zone is no file");
            return;
        }

        try
        {
            Include(name, origin!, token);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(token, $"[{name}] cannot be read: {failure.Message}");
        }
    }

    private void Include(string name, DomainName origin, in ZoneToken token)
    {
        var path = Path.Combine(Path.GetDirectoryName(_file) ?? "", name);
        var real = RealPath(path);
        if (!IsBelow(real, RealPath(_includeRoot!)))
        {
            Fail(token, $"[{name}] is outside of the directory [{_includeRoot}]");
            return;
        }

        // Two such lines would double the work with each file deeper.
        for (var session = this; session is not null; session = session._parent)
        {
            if (RealPath(session._file) == real)
            {
                Fail(token, $"[{name}] includes itself");
                return;
            }
        }

        // Origin and owner are as they were when the included file has ended (RFC 1035, 5.1); TTLs hold for all that follows (RFC 2308, 4).
        var state = ZoneFile.StateOf(path);
        var included = new ZoneFileSession(_zone, ZoneFileReader.ReadBytes(path), path, _includeRoot, state, this);
        included.Run(origin);
        (_defaultTtl, _lastTtl) = (included._defaultTtl, included._lastTtl);
    }

    private static bool IsBelow(string path, string root) => path.StartsWith(root.EndsWith('/') ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // The path with the links of all its parts followed.
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var here = Path.Combine(RealPath(parent), Path.GetFileName(full));
        FileSystemInfo info = Directory.Exists(here) ? new DirectoryInfo(here) : new FileInfo(here);
        return info.LinkTarget is null ? here : info.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : here;
    }

    private static string Unescape(ReadOnlySpan<char> word)
    {
        var text = new StringBuilder(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            if (NameText.TryReadByte(word, ref i, out var value))
                text.Append((char)value);
        }

        return text.ToString();
    }
}
