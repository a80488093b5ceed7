using System.Diagnostics;
using System.Globalization;

namespace Securely.Cli;

/// <summary>
/// Writes spans as an <c>ExportTraceServiceRequest</c> of OTLP 1. The numbers are those of opentelemetry/proto/trace/v1/trace.proto,
/// common/v1/common.proto and resource/v1/resource.proto. Not thread-safe.
/// </summary>
/// <param name="resource">What the receiver is told of this program.</param>
internal sealed class OtlpWriter(IReadOnlyList<KeyValuePair<string, object?>> resource)
{
    private const uint HasIsRemote = 0x100;
    private const uint IsRemote = 0x200;

    private readonly ProtobufWriter _output = new();

    /// <summary>A request with these spans; valid until the next one is written.</summary>
    public ReadOnlyMemory<byte> Write(IReadOnlyList<Activity> spans)
    {
        _output.Clear();
        var all = _output.Begin(1);
        var about = _output.Begin(1);
        foreach (var (name, value) in resource)
            WriteAttribute(1, name, value);
        _output.End(about);
        for (var i = 0; i < spans.Count;)
            i = WriteScope(spans, i);
        _output.End(all);
        return _output.Written;
    }

    /// <summary>The spans from here on that come from the same source.</summary>
    private int WriteScope(IReadOnlyList<Activity> spans, int at)
    {
        var source = spans[at].Source;
        var scope = _output.Begin(2);
        var name = _output.Begin(1);
        _output.Text(1, source.Name);
        if (source.Version is { Length: > 0 } version)
            _output.Text(2, version);
        _output.End(name);
        for (; at < spans.Count && spans[at].Source == source; at++)
            WriteSpan(spans[at]);
        _output.End(scope);
        return at;
    }

    private void WriteSpan(Activity span)
    {
        var start = _output.Begin(2);
        WriteIds(1, span.TraceId, span.SpanId);
        if (span.TraceStateString is { Length: > 0 } state)
            _output.Text(3, state);
        if (span.ParentSpanId != default)
        {
            Span<byte> parent = stackalloc byte[8];
            span.ParentSpanId.CopyTo(parent);
            _output.Bytes(4, parent);
        }

        _output.Text(5, span.DisplayName);
        _output.Unsigned(6, KindOf(span.Kind));
        _output.Fixed64(7, Nanoseconds(span.StartTimeUtc));
        _output.Fixed64(8, Nanoseconds(span.StartTimeUtc + span.Duration));
        foreach (var tag in span.EnumerateTagObjects())
            WriteAttribute(9, tag.Key, tag.Value);
        foreach (var happened in span.EnumerateEvents())
            WriteEvent(happened);
        foreach (var link in span.EnumerateLinks())
            WriteLink(link);
        if (span.Status != ActivityStatusCode.Unset)
            WriteStatus(span);
        _output.Fixed32(16, (uint)span.ActivityTraceFlags | HasIsRemote | (span.HasRemoteParent ? IsRemote : 0));
        _output.End(start);
    }

    private void WriteEvent(ActivityEvent happened)
    {
        var start = _output.Begin(11);
        _output.Fixed64(1, Nanoseconds(happened.Timestamp.UtcDateTime));
        _output.Text(2, happened.Name);
        foreach (var tag in happened.EnumerateTagObjects())
            WriteAttribute(3, tag.Key, tag.Value);
        _output.End(start);
    }

    private void WriteLink(ActivityLink link)
    {
        var start = _output.Begin(13);
        WriteIds(1, link.Context.TraceId, link.Context.SpanId);
        if (link.Context.TraceState is { Length: > 0 } state)
            _output.Text(3, state);
        foreach (var tag in link.EnumerateTagObjects())
            WriteAttribute(4, tag.Key, tag.Value);
        _output.Fixed32(6, (uint)link.Context.TraceFlags | HasIsRemote | (link.Context.IsRemote ? IsRemote : 0));
        _output.End(start);
    }

    private void WriteStatus(Activity span)
    {
        var start = _output.Begin(15);
        if (span.StatusDescription is { Length: > 0 } description)
            _output.Text(2, description);
        _output.Unsigned(3, span.Status == ActivityStatusCode.Ok ? 1u : 2);
        _output.End(start);
    }

    private void WriteIds(int field, ActivityTraceId traceId, ActivitySpanId spanId)
    {
        Span<byte> bytes = stackalloc byte[16];
        traceId.CopyTo(bytes);
        _output.Bytes(field, bytes);
        spanId.CopyTo(bytes[..8]);
        _output.Bytes(field + 1, bytes[..8]);
    }

    private void WriteAttribute(int field, string name, object? value)
    {
        // A tag that was set to null is one that was taken away.
        if (value is null)
            return;
        var start = _output.Begin(field);
        _output.Text(1, name);
        WriteValue(2, value);
        _output.End(start);
    }

    private void WriteValue(int field, object? value)
    {
        var start = _output.Begin(field);
        switch (value)
        {
            case null:
                break;
            case string text:
                _output.Text(1, text);
                break;
            case bool truth:
                _output.Unsigned(2, truth ? 1u : 0);
                break;
            case int or long or short or sbyte or byte or ushort or uint:
                _output.Unsigned(3, (ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double or float:
                _output.Fixed64(4, BitConverter.DoubleToUInt64Bits(Convert.ToDouble(value, CultureInfo.InvariantCulture)));
                break;
            case Array items:
                WriteItems(items);
                break;
            default:
                _output.Text(1, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
                break;
        }

        _output.End(start);
    }

    private void WriteItems(Array items)
    {
        var start = _output.Begin(5);
        foreach (var item in items)
            WriteValue(1, item);
        _output.End(start);
    }

    private static ulong KindOf(ActivityKind kind) => kind switch
    {
        ActivityKind.Server => 2,
        ActivityKind.Client => 3,
        ActivityKind.Producer => 4,
        ActivityKind.Consumer => 5,
        _ => 1,
    };

    private static ulong Nanoseconds(DateTime time) => (ulong)(time.Ticks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
}
