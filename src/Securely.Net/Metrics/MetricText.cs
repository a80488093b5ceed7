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

    /// <summary>A line of a series with one figure.</summary>
    internal void Sample(MetricSeries series, long value) => Sample(series, default, default, value, series.Family.Definition.Divisor);

    /// <inheritdoc cref="Sample(MetricSeries, long)"/>
    internal void Sample(MetricSeries series, double value)
    {
        Begin(series, default, default);
        Number(value);
    }

    /// <summary>A line of a series with several.</summary>
    internal void Sample(MetricSeries series, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> extraLabel, long value, long divisor)
    {
        Begin(series, suffix, extraLabel);
        if (divisor != 1)
        {
            Number(value / (double)divisor);
            return;
        }

        value.TryFormat(Room(LongestNumber), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
        Raw("\n"u8);
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

    /// <summary>Label names and their values, as they stand between the braces.</summary>
    internal static byte[] Labels(IReadOnlyList<string> names, ReadOnlySpan<string> values)
    {
        var text = new StringBuilder();
        for (var i = 0; i < names.Count; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(names[i]).Append("=\"");
            foreach (var letter in values[i])
            {
                text = letter switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(letter),
                };
            }

            text.Append('"');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private void Begin(MetricSeries series, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> extraLabel)
    {
        Raw(series.Family.Name);
        Raw(suffix);
        if (series.Labels.Length > 0 || !extraLabel.IsEmpty)
        {
            Raw("{"u8);
            Raw(series.Labels);
            if (series.Labels.Length > 0 && !extraLabel.IsEmpty)
                Raw(","u8);
            Raw(extraLabel);
            Raw("}"u8);
        }

        Raw(" "u8);
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
