using System.Net;
using System.Runtime.InteropServices;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>The running program and a receiver of its traces.</summary>
public sealed class TracingTests : IDisposable
{
    private const ulong Server = 2;
    private const ulong Client = 3;
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData($"traceparent: 00-{Trace}-00f067aa0ba902b7-01\r\ntracestate: rojo=1\r\n")]
    public async Task Spans_of_one_request_through_two_proxies_join_in_one_trace(string fields)
    {
        await using var receiver = new OtlpReceiver();
        await using var origin = TestOrigin.Start(OriginScripts.EchoHead());
        await using var inner = await StartAsync("inner", origin.Address, receiver.Endpoint);
        await using var outer = await StartAsync("outer", Address(inner).ToString(), receiver.Endpoint);

        var seen = await SendAsync(outer, fields);
        await EndAsync(outer);
        await EndAsync(inner);

        Assert.Equal(4, receiver.Spans.Count);
        Assert.Single(receiver.Spans.Select(span => span.TraceId).Distinct());
        var spans = receiver.Spans.ToDictionary(span => (span.Service, span.Kind));
        var (outerServer, outerClient, innerServer, innerClient) = (spans[("outer", Server)], spans[("outer", Client)], spans[("inner", Server)], spans[("inner", Client)]);
        Assert.Equal(
            [fields.Length == 0 ? "" : "00f067aa0ba902b7", outerServer.SpanId, outerClient.SpanId, innerServer.SpanId],
            [outerServer.ParentSpanId, outerClient.ParentSpanId, innerServer.ParentSpanId, innerClient.ParentSpanId]);
        Assert.Contains($"\r\ntraceparent: 00-{innerClient.TraceId}-{innerClient.SpanId}-01\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(fields.Length > 0, seen.Contains("\r\ntracestate: rojo=1\r\n", StringComparison.OrdinalIgnoreCase));
        if (fields.Length > 0)
            Assert.Equal(Trace, outerServer.TraceId);
        Assert.Equal("GET /app/*", outerServer.Name);
        Assert.Equal(("/app/x", "200", "app.test"), (innerServer.Attributes["url.path"], innerServer.Attributes["http.response.status_code"], innerServer.Attributes["server.address"]));
        Assert.Equal(origin.Address, $"{innerClient.Attributes["network.peer.address"]}:{innerClient.Attributes["network.peer.port"]}");
        Assert.All(receiver.Heads, head => Assert.StartsWith("POST /v1/traces HTTP/1.1\r\n", head, StringComparison.Ordinal));
        Assert.All(receiver.Heads, head => Assert.Contains("\r\nx-key: secret\r\n", head, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_request_of_a_trace_that_nobody_records_makes_no_span_and_passes_as_it_came()
    {
        await using var receiver = new OtlpReceiver();
        await using var origin = TestOrigin.Start(OriginScripts.EchoHead());
        await using var proxy = await StartAsync("proxy", origin.Address, receiver.Endpoint);

        var seen = await SendAsync(proxy, $"traceparent: 00-{Trace}-00f067aa0ba902b7-00\r\n");
        await EndAsync(proxy);

        Assert.Empty(receiver.Spans);
        Assert.Contains($"\r\ntraceparent: 00-{Trace}-00f067aa0ba902b7-00\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_come_while_the_program_runs_and_are_counted()
    {
        await using var receiver = new OtlpReceiver();
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await StartAsync("proxy", origin.Address, receiver.Endpoint, "metrics: {address: 127.0.0.1:0}");
        await SendAsync(proxy, "");

        await using var monitor = await RawClient.ConnectAsync(IPEndPoint.Parse(new Uri((await proxy.WaitForLineAsync("Metrics are at "))["Metrics are at ".Length..]).Authority));
        await receiver.Phases.WaitAsync("span", 2);
        string figures;
        do
        {
            // The answer to the spans is on its way.
            figures = (await monitor.ExchangeAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")).BodyText;
        }
        while (!figures.Contains("securely_spans_exported_total 2\n", StringComparison.Ordinal));

        Assert.Equal(2, receiver.Spans.Count);
        Assert.Contains("securely_spans_dropped_total{reason=\"queue_full\"} 0\n", figures, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_holds_up_neither_requests_nor_the_end()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await StartAsync("proxy", origin.Address, $"http://{dead.Address}");
        for (var i = 0; i < 20; i++)
            Assert.Equal("ok", await SendAsync(proxy, ""));

        var end = await EndAsync(proxy);
        Assert.Contains($"Spans for the receiver of traces [http://{dead.Address}/] are lost", end.Error, StringComparison.Ordinal);
    }

    private static IPEndPoint Address(RunningProcess program) =>
        IPEndPoint.Parse(new Uri(program.Output.Split('\n').First(line => line.StartsWith("http://", StringComparison.Ordinal))).Authority);

    private static async Task<string> SendAsync(RunningProcess program, string fields)
    {
        await using var client = await RawClient.ConnectAsync(Address(program));
        var response = await client.ExchangeAsync($"GET /app/x HTTP/1.1\r\nHost: app.test\r\n{fields}\r\n");
        Assert.Equal(200, response.Status);
        return response.BodyText;
    }

    private static async Task<CliResult> EndAsync(RunningProcess program)
    {
        program.Signal(PosixSignal.SIGTERM);
        var result = await program.WaitForExitAsync();
        Assert.Equal(0, result.ExitCode);
        return result;
    }

    private Task<RunningProcess> StartAsync(string name, string upstream, string endpoint, string more = "")
    {
        var directory = Directory.CreateDirectory(Path.Combine(_directory.Path, name)).FullName;
        File.WriteAllText(Path.Combine(directory, "securely.yaml"), $$"""
            listeners: [{address: 127.0.0.1:0}]
            threads: 2
            data_dir: data
            traces: {endpoint: "{{endpoint}}", service_name: {{name}}, headers: {x-key: secret}, timeout: 5s}
            upstreams: {app: {servers: ["{{upstream}}"]} }
            sites: [{hosts: [app.test], routes: [{match: {path: /app/*}, upstream: app}]}]
            {{more}}
            """);
        return new CliRunner { WorkingDirectory = directory }.StartAsync("is ready", "serve");
    }
}
