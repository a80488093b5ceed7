using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Securely.Net;

/// <summary>
/// Writes figures as text: Prometheus's exposition format 0.0.4, or OpenMetrics 1.0.0. It keeps its buffer, so that a later reading of the same
/// registry allocates nothing.
/// </summary>
internal sealed class MetricText(bool isOpen)
{
    private const int LongestNumber = 32;

    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    internal bool IsOpen { get; } = isOpen;

    internal ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    internal void Clear() => _length = 0;

    internal void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>A line with a whole figure, or with one that is counted in smaller units than it is shown in.</summary>
    internal void Sample(ReadOnlySpan<byte> line, long value, long divisor)
    {
        if (divisor != 1)
        {
            Sample(line, value / (double)divisor);
            return;
        }

        Raw(line);
        Utf8Formatter.TryFormat(value, Room(LongestNumber), out var written);
        _length += written;
        Raw("\n"u8);
    }

    /// <summary>A line with any figure.</summary>
    internal void Sample(ReadOnlySpan<byte> line, double value)
    {
        Raw(line);
        Number(value);
    }

    /// <summary>The lines that introduce a family.</summary>
    internal static byte[] Head(MetricDefinition definition, MetricKind kind, bool isOpen)
    {
        var name = isOpen && kind == MetricKind.Counter ? definition.Name[..^"_total".Length] : definition.Name;
        var help = definition.Help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        if (isOpen)
            help = help.Replace("\"", "\\\"", StringComparison.Ordinal);
        var type = kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" };
        return Encoding.UTF8.GetBytes($"# HELP {name} {help}\n# TYPE {name} {type}\n");
    }

    /// <summary>What stands before a figure: name, labels and a blank.</summary>
    /// <param name="definition">The family's.</param>
    /// <param name="suffix">What the name ends in, beside the family's.</param>
    /// <param name="values">The values of the family's labels.</param>
    /// <param name="extra">One more label and its value, as it is written; may be empty.</param>
    internal static byte[] Line(MetricDefinition definition, string suffix, ReadOnlySpan<string> values, string extra)
    {
        var text = new StringBuilder(definition.Name).Append(suffix);
        if (values.Length > 0 || extra.Length > 0)
        {
            text.Append('{');
            for (var i = 0; i < values.Length; i++)
            {
                text.Append(i == 0 ? "" : ",").Append(definition.Labels[i]).Append("=\"");
                Escape(values[i], text);
                text.Append('"');
            }

            text.Append(values.Length > 0 && extra.Length > 0 ? "," : "").Append(extra).Append('}');
        }

        return Encoding.UTF8.GetBytes(text.Append(' ').ToString());
    }

    private static void Escape(string value, StringBuilder text)
    {
        foreach (var letter in value)
        {
            _ = letter switch
            {
                '\\' => text.Append(@"\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append(@"\n"),
                _ => text.Append(letter),
            };
        }
    }

    private void Number(double value)
    {
        if (double.IsPositiveInfinity(value))
        {
            Raw("+Inf\n"u8);
            return;
        }

        if (double.IsNegativeInfinity(value))
        {
            Raw("-Inf\n"u8);
            return;
        }

        value.TryFormat(Room(LongestNumber), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
        Raw("\n"u8);
    }

    private Span<byte> Room(int size)
    {
        if (_buffer.Length - _length < size)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + size));
        return _buffer.AsSpan(_length);
    }
}
