using System.Collections;
using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>Puts values of the context where a message names them: <c>user {id}</c>. What is not in the context stays.</summary>
internal static class Placeholders
{
    public static string Replace(string message, IReadOnlyList<KeyValuePair<string, object?>> context)
    {
        if (!message.Contains('{', StringComparison.Ordinal))
            return message;
        var text = new StringBuilder(message.Length + 32);
        var rest = message.AsSpan();
        for (var start = rest.IndexOf('{'); start >= 0; start = rest.IndexOf('{'))
        {
            text.Append(rest[..start]);
            rest = rest[start..];
            var end = rest.IndexOf('}');
            if (end > 0 && TryFind(context, rest[1..end], out var value))
            {
                text.Append(Text(value));
                rest = rest[(end + 1)..];
            }
            else
            {
                text.Append('{');
                rest = rest[1..];
            }
        }

        return text.Append(rest).ToString();
    }

    private static bool TryFind(IReadOnlyList<KeyValuePair<string, object?>> context, ReadOnlySpan<char> key, out object? value)
    {
        foreach (var (name, its) in context)
        {
            if (key.SequenceEqual(name))
            {
                value = its;
                return true;
            }
        }

        value = null;
        return false;
    }

    private static string Text(object? value)
    {
        switch (value)
        {
            case null or false:
                return "";
            case true:
                return "1";
            case DateTimeOffset time:
                return time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
            case LogObject item:
                return $"[object {item.Type}]";
            case IEnumerable and not string:
                var json = new StringBuilder();
                new ValueWriter(json).WriteMap([new("0", value)]);
                return "array" + json.ToString(1, json.Length - 2);
            default:
                return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }
    }
}
