using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>One line a record: <c>[2025-03-15 12:34:56] name.INFO: message {"key":"value"}</c>, as Laravel writes it.</summary>
public sealed class LineFormatter : ILogFormatter
{
    /// <summary>What <see cref="Format"/> is by default.</summary>
    public const string DefaultFormat = "[%datetime%] %channel%.%level_name%: %message% %context% %extra%\n";

    private readonly List<(string Text, bool IsField)> _parts = [];

    /// <summary>Takes a format apart.</summary>
    /// <param name="format">Text with the fields <c>%datetime%</c>, <c>%channel%</c>, <c>%level_name%</c>, <c>%level%</c>, <c>%message%</c>, <c>%context%</c>, <c>%extra%</c>.</param>
    public LineFormatter(string format = DefaultFormat)
    {
        var rest = format.AsSpan();
        while (!rest.IsEmpty)
        {
            var start = rest.IndexOf('%');
            var length = start < 0 ? -1 : rest[(start + 1)..].IndexOf('%');
            if (length < 0)
                break;
            _parts.Add((rest[..start].ToString(), false));
            _parts.Add((rest.Slice(start + 1, length).ToString(), true));
            rest = rest[(start + length + 2)..];
        }

        _parts.Add((rest.ToString(), false));
    }

    /// <summary>
    /// Whether line breaks are written as they are. False, the default, escapes them and every other control character, so that nobody whose text is
    /// logged can forge a line.
    /// </summary>
    public bool AllowLineBreaks { get; init; }

    /// <summary>Whether an empty context is written as nothing; false writes <c>[]</c>. Default: true.</summary>
    public bool IgnoreEmpty { get; init; } = true;

    /// <summary>How the time is written; UTC. Default: <c>yyyy-MM-dd HH:mm:ss</c>.</summary>
    public string DateFormat { get; init; } = "yyyy-MM-dd HH:mm:ss";

    /// <inheritdoc/>
    public string Format(LogRecord record)
    {
        var text = new StringBuilder(128);
        foreach (var (part, isField) in _parts)
        {
            if (isField)
                Append(text, part, record);
            else
                text.Append(part);
        }

        return text.ToString();
    }

    private void Append(StringBuilder text, string field, LogRecord record)
    {
        switch (field)
        {
            case "datetime":
                text.Append(record.Time.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture));
                break;
            case "channel":
                text.Append(record.Channel);
                break;
            case "level_name":
                text.Append(record.Severity.UpperName);
                break;
            case "level":
                text.Append(CultureInfo.InvariantCulture, $"{(int)record.Severity}");
                break;
            case "message":
                text.Append(AllowLineBreaks ? record.Message : Escaping.Line(record.Message));
                break;
            case "context":
                AppendValues(text, record.Context);
                break;
            case "extra":
                AppendValues(text, record.Extra);
                break;
            default:
                text.Append('%').Append(field).Append('%');
                break;
        }
    }

    private void AppendValues(StringBuilder text, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        if (values.Count == 0 && IgnoreEmpty)
            return;
        var json = new StringBuilder();
        new ValueWriter(json).WriteMap(values);
        if (AllowLineBreaks)
            Unescape(json);
        text.Append(json);
    }

    /// <summary>Line breaks of JSON texts become real ones, unless their backslash is one of the text.</summary>
    private static void Unescape(StringBuilder json)
    {
        for (var i = 0; i + 1 < json.Length; i++)
        {
            if (json[i] != '\\')
                continue;
            if (json[i + 1] is 'n' or 'r')
            {
                json.Remove(i, 1);
                json[i] = '\n';
            }
            else
                i++;
        }
    }
}
