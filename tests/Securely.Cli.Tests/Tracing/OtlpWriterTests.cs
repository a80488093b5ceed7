using System.Diagnostics;

namespace Securely.Cli.Tests.Tracing;

/// <summary>The bytes of opentelemetry/proto/collector/trace/v1/trace_service.proto.</summary>
public sealed class OtlpWriterTests
{
    private static readonly ActivityContext Parent = new(
        ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded, "a=b", isRemote: true);

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_span_is_written_field_by_field()
    {
        using var listener = Listen("one");
        using var source = new ActivitySource("one", "2");
        var span = Make(source, ActivityKind.Server, Parent);
        span.SetTag("n", 200).SetTag("gone", 1).SetTag("gone", null).SetStatus(ActivityStatusCode.Error, "x");

        var written = new OtlpWriter([new("service.name", "s")]).Write([span]);

        const string Resource =
            "0a15" // resource
            + "0a13" // attributes
            + "0a0c736572766963652e6e616d65" // service.name
            + "12030a0173"; // string s
        const string Scope =
            "0a08" // scope
            + "0a036f6e65" // name
            + "120132"; // version
        var body =
            "0a104bf92f3577b34da6a3ce929d0e0e4736" // trace_id
            + $"1208{span.SpanId}" // span_id
            + "1a03613d62" // trace_state
            + "220800f067aa0ba902b7" // parent_span_id
            + "2a03474554" // name
            + "3002" // kind
            + "390000faed51728618" // start_time_unix_nano
            + "4160e310ee51728618" // end_time_unix_nano
            + "4a080a016e120318c801" // n = 200
            + "7a051201781802" // status
            + "850101030000"; // flags
        Assert.Equal("0a8001" + Resource + "1267" + Scope + "125b" + body, Convert.ToHexStringLower(written.Span));
    }

    [Fact]
    public void Spans_of_one_source_stand_together_and_a_root_has_no_parent()
    {
        using var listenOne = Listen("first");
        using var listenTwo = Listen("second");
        using var first = new ActivitySource("first");
        using var second = new ActivitySource("second");
        var spans = new[] { Make(first, ActivityKind.Internal), Make(first, ActivityKind.Client), Make(second, ActivityKind.Producer) };

        var written = new OtlpWriter([]).Write(spans);

        string Body(Activity span, int kind) =>
            $"123b0a10{span.TraceId}1208{span.SpanId}2a03474554" + $"300{kind}" + "390000faed517286184160e310ee51728618850101010000";
        Assert.Equal(
            "0ad1010a00"
            + "1283010a070a056669727374" + Body(spans[0], 1) + Body(spans[1], 3)
            + "12470a080a067365636f6e64" + Body(spans[2], 4),
            Convert.ToHexStringLower(written.Span));
    }

    [Fact]
    public void Every_kind_of_value_is_written()
    {
        using var listener = Listen("values");
        using var source = new ActivitySource("values");
        object?[] values = ["é\ud800", true, false, -1L, (byte)7, 1.5, 'c', new[] { "a", null }, new[] { 1 }, new Uri("http://a.test/"), new string('x', 200)];
        string[] expected =
        [
            "0a05c3a9efbfbd", "1001", "1000", "18ffffffffffffffffff01", "1807", "21000000000000f83f", "0a0163", "2a070a030a01610a00", "2a040a021801",
            "0a0e687474703a2f2f612e746573742f", "0ac801" + string.Concat(Enumerable.Repeat("78", 200)),
        ];
        foreach (var (value, bytes) in values.Zip(expected))
        {
            var span = Make(source, ActivityKind.Internal);
            span.SetTag("k", value);
            var written = Convert.ToHexStringLower(new OtlpWriter([]).Write([span]).Span);
            Assert.Contains("0a016b12" + LengthOf(bytes) + bytes + "850101010000", written, StringComparison.Ordinal);
        }

        static string LengthOf(string hex) => hex.Length / 2 < 0x80 ? $"{hex.Length / 2:x2}" : $"{(hex.Length / 2 & 0x7f) | 0x80:x2}{hex.Length / 2 >> 7:x2}";
    }

    [Fact]
    public void Events_and_links_are_written()
    {
        using var listener = Listen("more");
        using var source = new ActivitySource("more");
        var span = Make(source, ActivityKind.Internal);
        span.AddEvent(new ActivityEvent("e", Start, new ActivityTagsCollection([new("k", "v")])));
        span.AddLink(new ActivityLink(Parent, new ActivityTagsCollection([new("k", "v")])));

        var written = Convert.ToHexStringLower(new OtlpWriter([]).Write([span]).Span);

        Assert.Contains("5a16" + "090000faed51728618" + "120165" + "1a080a016b12030a0176", written, StringComparison.Ordinal);
        Assert.Contains("6a30" + "0a104bf92f3577b34da6a3ce929d0e0e4736" + "120800f067aa0ba902b7" + "1a03613d62" + "22080a016b12030a0176" + "3501030000", written, StringComparison.Ordinal);
    }

    private static ActivityListener Listen(string name)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static Activity Make(ActivitySource source, ActivityKind kind, ActivityContext parent = default)
    {
        Activity.Current = null;
        var span = source.CreateActivity("GET", kind, parent, idFormat: ActivityIdFormat.W3C)!;
        span.SetStartTime(Start.UtcDateTime).Start();
        span.SetEndTime(Start.UtcDateTime.AddMilliseconds(1.5));
        span.Stop();
        return span;
    }
}
