using System.Globalization;
using System.Text;

namespace Securely.Log;

/// <summary>One JSON object a line: <c>message</c>, <c>context</c>, <c>level</c>, <c>level_name</c>, <c>channel</c>, <c>datetime</c>, <c>extra</c>.</summary>
public sealed class JsonFormatter : ILogFormatter
{
    /// <inheritdoc/>
    public string Format(LogRecord record)
    {
        var json = new StringBuilder(256);
        var writer = new ValueWriter(json);
        json.Append("{\"message\":");
        writer.WriteText(record.Message);
        json.Append(",\"context\":");
        writer.WriteMap(record.Context, emptyIsMap: true);
        json.Append(CultureInfo.InvariantCulture, $",\"level\":{(int)record.Severity},\"level_name\":\"{record.Severity.UpperName}\",\"channel\":");
        writer.WriteText(record.Channel);
        json.Append(CultureInfo.InvariantCulture, $",\"datetime\":\"{record.Time:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz}\",\"extra\":");
        writer.WriteMap(record.Extra, emptyIsMap: true);
        return json.Append("}\n").ToString();
    }
}
