using System.Collections;
using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>
/// Writes the message of a structured entry of <c>ILogger</c> again, where its own formatter would write values that are secret: names in braces with
/// alignment and format, and doubled braces.
/// </summary>
internal static class StructuredMessage
{
    /// <summary>The key of the text that a message was made of.</summary>
    public const string Template = "{OriginalFormat}";

    /// <summary>The message; null where the values bring no template.</summary>
    public static string? Write(IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        if (values.LastOrDefault(value => value.Key == Template).Value is not string template)
            return null;
        var text = new StringBuilder(template.Length + 32);
        for (var i = 0; i < template.Length; i++)
        {
            var letter = template[i];
            var end = letter == '{' ? template.IndexOf('}', i) : -1;
            if (letter is '{' or '}' && i + 1 < template.Length && template[i + 1] == letter)
            {
                text.Append(letter);
                i++;
            }
            else if (end < 0)
            {
                text.Append(letter);
            }
            else
            {
                Hole(text, template[(i + 1)..end], values);
                i = end;
            }
        }

        return text.ToString();
    }

    /// <summary>A message with the texts of what has become another value taken out, for states that have no template.</summary>
    public static string Without(string message, IReadOnlyList<KeyValuePair<string, object?>> values, IReadOnlyList<KeyValuePair<string, object?>> safe)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!ReferenceEquals(values[i].Value, safe[i].Value) && Text(values[i].Value) is { Length: > 0 } secret)
                message = message.Replace(secret, Text(safe[i].Value), StringComparison.Ordinal);
        }

        return message;
    }

    private static void Hole(StringBuilder text, string hole, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        var nameEnd = hole.AsSpan().IndexOfAny(',', ':');
        var name = nameEnd < 0 ? hole : hole[..nameEnd];
        var at = 0;
        while (at < values.Count && !string.Equals(values[at].Key, name, StringComparison.OrdinalIgnoreCase))
            at++;
        if (at == values.Count)
        {
            text.Append('{').Append(hole).Append('}');
            return;
        }

        var value = values[at].Value;
        try
        {
            text.AppendFormat(CultureInfo.InvariantCulture, nameEnd < 0 ? "{0}" : "{0" + hole[nameEnd..] + "}", value is IFormattable ? value : Text(value));
        }
        catch (FormatException)
        {
            text.Append(Text(value));
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "(null)",
        string text => text,
        LogObject item => $"[object {item.Type}]",
        IEnumerable<KeyValuePair<string, object?>> map => string.Join(", ", map.Select(entry => $"[{entry.Key}, {Text(entry.Value)}]")),
        IEnumerable items => string.Join(", ", items.Cast<object?>().Select(Text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
