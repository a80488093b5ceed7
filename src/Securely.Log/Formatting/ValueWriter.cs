using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>Writes values as JSON: letters as they are, what could harm a terminal escaped, not deeper than 9 levels and not more than 1000 items.</summary>
internal sealed class ValueWriter(StringBuilder json)
{
    private const int MostLevels = 9;
    private const int MostItems = 1000;

    /// <summary>A map; a list where its keys are 0, 1, 2 and so on, and where it is empty.</summary>
    public void WriteMap(IReadOnlyList<KeyValuePair<string, object?>> values, bool emptyIsMap = false) => WriteEntries(values, 1, emptyIsMap);

    public void WriteText(string text)
    {
        json.Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter is '"' or '\\')
                json.Append('\\').Append(letter);
            else if (Escaping.IsHarmful(letter))
                Escaping.Append(json, letter);
            else if (!char.IsSurrogate(letter))
                json.Append(letter);
            else if (char.IsHighSurrogate(letter) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                json.Append(letter).Append(text[++i]);
            else
                json.Append('\ufffd');
        }

        json.Append('"');
    }

    private void Write(object? value, int level)
    {
        if (level > MostLevels)
            WriteText($"Over {MostLevels} levels deep, aborting normalization");
        else if (value is IReadOnlyList<KeyValuePair<string, object?>> entries)
            WriteEntries(entries, level, emptyIsMap: false);
        else if (value is IEnumerable<KeyValuePair<string, object?>> map)
            WriteEntries([.. map.Take(MostItems + 1)], level, emptyIsMap: false);
        else if (value is LogObject item)
            WriteObject(item, level);
        else if (value is IEnumerable list and not string)
            WriteList(list, level);
        else
            WriteScalar(value);
    }

    private void WriteScalar(object? value)
    {
        switch (value)
        {
            case null:
                json.Append("null");
                break;
            case bool flag:
                json.Append(flag ? "true" : "false");
                break;
            case double number:
                WriteDouble(number);
                break;
            case float number:
                WriteDouble(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                json.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                WriteText(time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                WriteText(time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffffK", CultureInfo.InvariantCulture));
                break;
            case Exception error:
                WriteText(Describe(error));
                break;
            case Delegate:
                json.Append("{\"Closure\":[]}");
                break;
            default:
                WriteText(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }
    }

    private void WriteDouble(double number)
    {
        if (!double.IsFinite(number))
            WriteText(double.IsNaN(number) ? "NaN" : number > 0 ? "INF" : "-INF");
        else
            json.Append(number.ToString(double.IsInteger(number) && Math.Abs(number) < 1e15 ? "F1" : "R", CultureInfo.InvariantCulture));
    }

    private void WriteObject(LogObject item, int level)
    {
        json.Append('{');
        WriteText(item.Type);
        json.Append(':');
        Write(item.Fields, level + 1);
        json.Append('}');
    }

    private void WriteEntries(IReadOnlyList<KeyValuePair<string, object?>> entries, int level, bool emptyIsMap)
    {
        var isList = !emptyIsMap || entries.Count > 0;
        for (var i = 0; isList && i < entries.Count; i++)
            isList = entries[i].Key == i.ToString(CultureInfo.InvariantCulture);
        json.Append(isList ? '[' : '{');
        for (var i = 0; i < entries.Count && i <= MostItems; i++)
        {
            if (i > 0)
                json.Append(',');
            var isLast = i == MostItems;
            if (!isList)
            {
                WriteText(isLast ? "..." : entries[i].Key);
                json.Append(':');
            }

            Write(isLast ? $"Over {MostItems} items, aborting normalization" : entries[i].Value, level + 1);
        }

        json.Append(isList ? ']' : '}');
    }

    private void WriteList(IEnumerable list, int level)
    {
        json.Append('[');
        var count = 0;
        foreach (var item in list)
        {
            if (count > 0)
                json.Append(',');
            if (count == MostItems)
            {
                WriteText($"Over {MostItems} items, aborting normalization");
                break;
            }

            Write(item, level + 1);
            count++;
        }

        json.Append(']');
    }

    private static string Describe(Exception error)
    {
        var text = new StringBuilder();
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause != error)
                text.Append("\n[previous exception] ");
            text.Append(CultureInfo.InvariantCulture, $"[object] ({cause.GetType().Name}(code: {cause.HResult}): {cause.Message}");
            if (new StackTrace(cause, fNeedFileInfo: true).GetFrame(0) is { } frame && frame.GetFileName() is { } file)
                text.Append(CultureInfo.InvariantCulture, $" at {file}:{frame.GetFileLineNumber()}");
            text.Append(')');
            if (cause.StackTrace is { } trace)
                text.Append("\n[stacktrace]\n").Append(trace.ReplaceLineEndings("\n"));
        }

        return text.ToString();
    }
}
