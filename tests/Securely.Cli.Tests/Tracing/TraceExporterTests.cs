using System.Diagnostics;
using System.Net.Http.Headers;

namespace Securely.Cli.Tests.Tracing;

/// <summary>What happens to spans between their end and the receiver, whatever the receiver does.</summary>
public sealed class TraceExporterTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_few_spans_are_sent_together_after_a_second()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver, RunningExporter.Options with { Endpoint = new Uri("http://collector.test:4318/otlp/"), Headers = [new("Authorization", "Bearer abc")] });
        exporter.Make(3);
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        await exporter.EndAsync();

        var (message, body) = Assert.Single(receiver.Requests);
        Assert.Equal((HttpMethod.Post, "http://collector.test:4318/otlp/v1/traces"), (message.Method, message.RequestUri!.ToString()));
        Assert.Equal((new MediaTypeHeaderValue("application/x-protobuf"), "Bearer abc"), (message.Content!.Headers.ContentType, message.Headers.Authorization!.ToString()));
        Assert.NotEmpty(body);
        Assert.Equal((3, 0, 0, 0), exporter.Figures);
    }

    [Fact]
    public async Task A_batch_is_sent_at_once()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver);
        exporter.Make(TraceExporter.BatchSize);
        await receiver.Phases.WaitAsync("request");
        await exporter.EndAsync();

        Assert.Equal((TraceExporter.BatchSize, 0, 0, 0), exporter.Figures);
        Assert.Empty(exporter.Log);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_busy_receiver_is_asked_again_with_the_same_spans(int status)
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Status(status), ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver);
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        // The second timer is that of the request, the third that of the pause.
        await exporter.Time.PassAsync(3, Second);
        await receiver.Phases.WaitAsync("request", 2);
        await exporter.EndAsync();

        Assert.Equal(2, receiver.Requests.Count);
        Assert.Equal(receiver.Requests[0].Body, receiver.Requests[1].Body);
        Assert.Equal((1, 0, 0, 0), exporter.Figures);
        Assert.Empty(exporter.Log);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("Thu, 01 Jan 2026 00:00:08 GMT")]
    public async Task A_receiver_that_says_when_is_not_asked_before(string after)
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Status(503, after), ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver);
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        await exporter.Time.PassAsync(3, TimeSpan.FromSeconds(6.9));
        Assert.Single(receiver.Requests);
        await exporter.Time.PassAsync(3, TimeSpan.FromSeconds(0.1));
        await receiver.Phases.WaitAsync("request", 2);
        await exporter.EndAsync();
        Assert.Equal((1, 0, 0, 0), exporter.Figures);
    }

    [Fact]
    public async Task Spans_for_a_receiver_that_is_down_are_counted_and_said_once_and_so_is_its_return()
    {
        var receiver = new ScriptedReceiver([.. Enumerable.Repeat(ScriptedReceiver.Down, 2 * TraceExporter.MostTries), ScriptedReceiver.Ok]);
        await using var exporter = new RunningExporter(receiver);
        var timer = 1;
        for (var batch = 0; batch < 2; batch++)
        {
            exporter.Make(2);
            await exporter.Time.PassAsync(timer, Second);
            for (var pause = 1; pause < TraceExporter.MostTries; pause++)
                await exporter.Time.PassAsync(timer += 2, TimeSpan.FromSeconds(30));
            await receiver.Phases.WaitAsync("request", (batch + 1) * TraceExporter.MostTries);
            timer += 2;
        }

        exporter.Make(3);
        await exporter.Time.PassAsync(timer, Second);
        await receiver.Phases.WaitAsync("request", (2 * TraceExporter.MostTries) + 1);
        await exporter.EndAsync();

        Assert.Equal((3, 0, 0, 4), exporter.Figures);
        Assert.Equal(
            [
                "Warning: Spans for the receiver of traces [http://collector.test:4318/] are lost, 2 by now: Connection refused; no further line until it takes some",
                "Information: The receiver of traces [http://collector.test:4318/] takes spans again; 4 were not delivered, 0 refused, and 0 did not fit into the queue",
            ],
            exporter.Log);
    }

    [Fact]
    public async Task A_stalled_receiver_is_given_up_in_time_and_asked_again()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Stalled, ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver, RunningExporter.Options with { Timeout = TimeSpan.FromSeconds(4) });
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        await exporter.Time.PassAsync(2, TimeSpan.FromSeconds(4));
        await exporter.Time.PassAsync(3, Second);
        await receiver.Phases.WaitAsync("request", 2);
        await exporter.EndAsync();
        Assert.Equal((1, 0, 0, 0), exporter.Figures);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(302)]
    [InlineData(500)]
    public async Task A_receiver_that_refuses_is_not_asked_again(int status)
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Status(status));
        await using var exporter = new RunningExporter(receiver);
        exporter.Make(2);
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        await exporter.EndAsync();

        Assert.Single(receiver.Requests);
        Assert.Equal((0, 0, 2, 0), exporter.Figures);
        Assert.Equal([$"Warning: The receiver of traces [http://collector.test:4318/] refuses spans, 2 by now: status {status}; no further line until it takes them"], exporter.Log);
    }

    [Fact]
    public async Task Spans_that_the_receiver_takes_only_in_part_are_counted()
    {
        // partial_success (1) with rejected_spans (1) of 2 and error_message (2) of "no".
        var receiver = new ScriptedReceiver(ScriptedReceiver.Message(0x0a, 6, 0x08, 2, 0x12, 2, (byte)'n', (byte)'o'));
        await using var exporter = new RunningExporter(receiver);
        exporter.Make(5);
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        await exporter.EndAsync();

        Assert.Equal((3, 0, 2, 0), exporter.Figures);
        Assert.Equal(["Warning: The receiver of traces [http://collector.test:4318/] refuses spans, 2 by now: no; no further line until it takes them"], exporter.Log);
    }

    [Theory]
    [InlineData(new byte[] { }, 0, null)]
    [InlineData(new byte[] { 0x0a, 0 }, 0, null)]
    [InlineData(new byte[] { 0x0a, 2, 0x08, 7 }, 7, null)]
    [InlineData(new byte[] { 0x12, 1, 0, 0x0a, 2, 0x08, 7 }, 7, null)]
    [InlineData(new byte[] { 0x0a, 3, 0x12, 1, 0x61 }, 0, "a")]
    [InlineData(new byte[] { 0x0a, 9, 0x08 }, 0, null)]
    [InlineData(new byte[] { 0x0a, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 }, 0, null)]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 0, null)]
    [InlineData(new byte[] { (byte)'<', (byte)'h', (byte)'t', (byte)'m', (byte)'l', (byte)'>' }, 0, null)]
    public void What_a_receiver_answers_is_read_with_care(byte[] answer, long rejected, string? reason) =>
        Assert.Equal((rejected, reason), OtlpSender.ReadPartialSuccess(answer));

    [Fact]
    public async Task What_does_not_fit_into_the_queue_is_counted_and_the_rest_is_sent()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Stalled, ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver, RunningExporter.Options with { Queue = 10 });
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        exporter.Make(25);
        Assert.Equal((0, 15, 0, 0), exporter.Figures);
        await exporter.Time.PassAsync(2, TimeSpan.FromSeconds(10));
        await exporter.Time.PassAsync(3, Second);
        await receiver.Phases.WaitAsync("request", 2);
        await exporter.EndAsync();

        Assert.Equal((11, 15, 0, 0), exporter.Figures);
    }

    [Fact]
    public async Task At_the_end_everything_that_is_left_is_sent()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Ok);
        await using var exporter = new RunningExporter(receiver, RunningExporter.Options with { Queue = 10_000 });
        exporter.Make((TraceExporter.BatchSize * 2) + 1);
        await exporter.EndAsync();
        Assert.Equal(((TraceExporter.BatchSize * 2) + 1, 0, 0, 0), exporter.Figures);
        Assert.Equal(0, exporter.Make());
    }

    [Fact]
    public async Task The_end_waits_for_a_stalled_receiver_no_longer_than_it_may()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Stalled);
        await using var exporter = new RunningExporter(receiver, RunningExporter.Options with { Timeout = TimeSpan.FromMinutes(5), Queue = 10_000 });
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        exporter.Make(2 * TraceExporter.BatchSize);
        await exporter.TellToEndAsync();
        await exporter.Time.PassAsync(2, TraceExporter.FlushLimit);
        await exporter.EndAsync();

        Assert.Equal((0, 0, 0, 1 + (2 * TraceExporter.BatchSize)), exporter.Figures);
        Assert.Equal("Warning: Spans for the receiver of traces [http://collector.test:4318/] are lost, 1 by now: no answer before the end; no further line until it takes some", Assert.Single(exporter.Log));
    }

    [Fact]
    public async Task The_end_does_not_wait_for_a_receiver_that_wants_to_be_asked_later()
    {
        var receiver = new ScriptedReceiver(ScriptedReceiver.Status(503, "30"));
        await using var exporter = new RunningExporter(receiver);
        exporter.Make();
        await exporter.Time.PassAsync(1, Second);
        await receiver.Phases.WaitAsync("request");
        await exporter.EndAsync();
        Assert.Equal((0, 0, 0, 1), exporter.Figures);
    }

    [Fact]
    public async Task The_sample_is_for_traces_that_begin_here()
    {
        var asked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);
        var unasked = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.None, isRemote: true);
        await using (var none = new RunningExporter(new ScriptedReceiver(ScriptedReceiver.Ok), RunningExporter.Options with { Sample = 0 }))
            Assert.Equal((0, 5, 0), (none.Make(100), none.Make(5, asked), none.Make(5, unasked)));
        await using (var all = new RunningExporter(new ScriptedReceiver(ScriptedReceiver.Ok)))
            Assert.Equal((100, 5, 0), (all.Make(100), all.Make(5, asked), all.Make(5, unasked)));
        await using var half = new RunningExporter(new ScriptedReceiver(ScriptedReceiver.Ok), RunningExporter.Options with { Sample = 0.5, Queue = 10_000 });
        // Ten standard deviations off are not to be expected.
        Assert.InRange(half.Make(10_000), 4_500, 5_500);
    }
}
