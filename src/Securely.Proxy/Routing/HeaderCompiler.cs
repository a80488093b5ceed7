using System.Globalization;
using System.Net;
using System.Text;
using Securely.Http;
using Securely.Proxy.LoadBalancing;

namespace Securely.Proxy;

/// <summary>Checks header conditions and edits and turns them into names and bytes; used once per table.</summary>
internal sealed class HeaderCompiler(List<RouteTableProblem> problems)
{
    // Whoever edited these would break the framing of the message, or a connection that the proxy owns (RFC 9110 7.6.1).
    private static readonly HashSet<HeaderName> Owned =
        ["content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];

    public HeaderCondition[] CompileConditions(IReadOnlyDictionary<string, string> headers, string path)
    {
        var conditions = new List<HeaderCondition>();
        foreach (var (key, text) in headers)
        {
            if (CompileName(key, path) is { } name && CompileValue(key, text, path) is { } value)
            {
                conditions.Add(new HeaderCondition(name, value));
            }
        }

        return [.. conditions];
    }

    public PreparedEdits CompileEdits(HeaderEdits? edits, string path, bool ofResponse)
    {
        if (edits is null)
        {
            return PreparedEdits.None;
        }

        var fields = new List<KeyValuePair<HeaderName, byte[]>>();
        foreach (var (key, text) in edits.Set)
        {
            if (CompileEdited(key, $"{path}.set") is not { } name || CompileValue(key, text, $"{path}.set") is not { } value)
            {
                continue;
            }

            if (fields.Exists(field => field.Key == name))
            {
                Add($"{path}.set", $"Header [{key}] is set twice; leave one of them");
            }

            if (!ofResponse && name == HeaderName.Host && !IsHost(text.AsSpan().Trim(" \t")))
            {
                Add($"{path}.set", $"Header [{key}] cannot be [{text}]; it is a name or an address, and perhaps a port, as in [app.test:8080]");
            }

            fields.Add(new(name, value));
        }

        var removals = new List<HeaderName>();
        for (var i = 0; i < edits.Remove.Count; i++)
        {
            var key = edits.Remove[i];
            if (CompileEdited(key, $"{path}.remove[{i}]") is not { } name)
            {
                continue;
            }

            if (!ofResponse && name == HeaderName.Host)
            {
                Add(
                    $"{path}.remove[{i}]",
                    $"Header [{key}] cannot be removed, since every request has one; set it to another value instead");
            }
            else if (fields.Exists(field => field.Key == name))
            {
                Add($"{path}.remove[{i}]", $"Header [{key}] is both set and removed; setting replaces, so leave out the removal");
            }

            removals.Add(name);
        }

        return new PreparedEdits(removals, fields);
    }

    /// <summary>The bytes of a value, or null and a problem.</summary>
    public byte[]? CompileValue(string name, string value, string path)
    {
        if (value.Any(letter => char.IsControl(letter) && letter is not '\t' and <= '\u007F'))
        {
            Add(path, $"Header [{name}] has a control character in its value; remove it");
            return null;
        }

        return Encoding.UTF8.GetBytes(value.Trim(' ', '\t'));
    }

    /// <summary>Whether it can be sent as Host (RFC 9110 7.2): every upstream refuses a request whose Host it cannot read.</summary>
    private static bool IsHost(ReadOnlySpan<char> value)
    {
        if (value.StartsWith("["))
        {
            var end = value.IndexOf(']');
            return end > 0 && IPAddress.TryParse(value[1..end], out _) && IsPort(value[(end + 1)..]);
        }

        var colon = value.IndexOf(':');
        return colon < 0 ? ServerAddress.IsHostName(value) : ServerAddress.IsHostName(value[..colon]) && IsPort(value[colon..]);
    }

    private static bool IsPort(ReadOnlySpan<char> rest) =>
        rest.IsEmpty || (rest[0] == ':' && ushort.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private HeaderName? CompileName(string key, string path)
    {
        if (HeaderName.TryParse(key, out var name))
        {
            return name;
        }

        Add(path, $"Header [{key}] is not a header name; names are letters, digits and hyphens");
        return null;
    }

    private HeaderName? CompileEdited(string key, string path)
    {
        var name = CompileName(key, path);
        if (name is { } owned && Owned.Contains(owned))
        {
            Add(path, $"Header [{key}] belongs to the proxy, which writes it itself; remove it here");
            return null;
        }

        return name;
    }

    private void Add(string path, string message) => problems.Add(new RouteTableProblem(path, message));
}
