using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>The running program as a monitor sees it, and its access log.</summary>
public sealed class MonitoringTests : IDisposable
{
    private const string Get = "GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n";

    private readonly TemporaryDirectory _directory = new();
    private readonly DeadEndPoint _dead = DeadEndPoint.Refusing();

    public void Dispose()
    {
        _dead.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Accept: application/openmetrics-text\r\n")]
    public async Task Promtool_has_nothing_to_say_against_the_figures(string accept)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin.Address);
        await using (var client = await RawClient.ConnectAsync(Address(program, "http://")))
        {
            foreach (var path in (string[])["/app", "/nothing", "/dead"])
                await client.ExchangeAsync($"GET {path} HTTP/1.1\r\nHost: app.test\r\n\r\n");
        }

        await using var monitor = await RawClient.ConnectAsync(Address(program, "Metrics are at "));
        var figures = await monitor.ExchangeAsync($"GET /metrics HTTP/1.1\r\nHost: a\r\n{accept}\r\n");
        Assert.Equal(200, figures.Status);
        Assert.Contains("securely_requests_total{site=\"app.test\",method=\"GET\",status=\"2xx\"} 1", figures.BodyText, StringComparison.Ordinal);
        Assert.Contains("securely_errors_total{source=\"upstream\",kind=\"connect_refused\"} 1", figures.BodyText, StringComparison.Ordinal);
        if (accept.Length > 0)
        {
            // promtool checks the older format only.
            Assert.EndsWith("\n# EOF\n", figures.BodyText, StringComparison.Ordinal);
            return;
        }

        var promtool = new ExternalProgram { Name = "promtool", Package = "prometheus", Configuration = _ => "", Arguments = _ => [] }.Find();
        var judged = await new CliRunner { Binary = promtool, Input = figures.BodyText }.RunAsync("check", "metrics");
        Assert.Equal((0, "", ""), (judged.ExitCode, judged.Output, judged.Error));
        var broken = await new CliRunner { Binary = promtool, Input = figures.BodyText + "x 1\n" }.RunAsync("check", "metrics");
        Assert.NotEqual(0, broken.ExitCode);
    }

    [Fact]
    public async Task Readiness_ends_before_the_requests_do()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            phases.Signal("arrived");
            await phases.WaitAsync("answer");
            await connection.SendOkAsync("finished");
        });
        await using var program = await StartAsync(origin.Address);
        await using var client = await RawClient.ConnectAsync(Address(program, "http://"));
        await using var monitor = await RawClient.ConnectAsync(Address(program, "Metrics are at "));
        Assert.Equal((200, "ready\n"), await AskAsync("/readyz"));
        Assert.Equal((200, "ok\n"), await AskAsync("/healthz"));
        await client.SendAsync(Get);
        await phases.WaitAsync("arrived");

        program.Signal(PosixSignal.SIGTERM);
        while (await AskAsync("/readyz") is (200, _))
        {
            // The signal is on its way.
        }

        Assert.Equal((503, "not ready\n"), await AskAsync("/readyz"));
        Assert.Equal(200, (await AskAsync("/metrics")).Status);
        phases.Signal("answer");
        Assert.Equal("finished", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal(0, (await program.WaitForExitAsync()).ExitCode);

        async Task<(int Status, string Body)> AskAsync(string path)
        {
            var response = await monitor.ExchangeAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            return (response.Status, response.BodyText);
        }
    }

    [Fact]
    public async Task The_access_log_has_every_request_when_the_program_has_ended()
    {
        const int Requests = 500;
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin.Address, "access_log: {path: access.log}");
        await using (var client = await RawClient.ConnectAsync(Address(program, "http://")))
        {
            for (var i = 0; i < Requests; i++)
                Assert.Equal(200, (await client.ExchangeAsync(string.Create(CultureInfo.InvariantCulture, $"GET /app?n={i} HTTP/1.1\r\nHost: app.test\r\n\r\n"))).Status);
        }

        program.Signal(PosixSignal.SIGTERM);
        Assert.Equal(0, (await program.WaitForExitAsync()).ExitCode);
        var queries = File.ReadAllLines(_directory.File("access.log")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("query").GetString());
        Assert.Equal(Enumerable.Range(0, Requests).Select(i => string.Create(CultureInfo.InvariantCulture, $"n={i}")), queries);
    }

    [Fact]
    public async Task The_access_log_is_opened_anew_when_somebody_says_so()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin.Address, "access_log: {path: access.log}\nerror_log: error.log");
        await SendAsync();
        // Opening it writes what waits first, so that the line is in the file that is moved.
        Assert.Equal(0, (await ReopenAsync()).ExitCode);
        File.Move(_directory.File("access.log"), _directory.File("access.log.1"));

        var reopened = await ReopenAsync();
        await SendAsync();

        Assert.Equal((0, ""), (reopened.ExitCode, reopened.Error));
        Assert.Equal([$"Opened {_directory.File("error.log")} anew", $"Opened {_directory.File("access.log")} anew"],
            reopened.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        program.Signal(PosixSignal.SIGTERM);
        await program.WaitForExitAsync();
        Assert.Single(File.ReadAllLines(_directory.File("access.log.1")));
        Assert.Single(File.ReadAllLines(_directory.File("access.log")));

        Task<CliResult> ReopenAsync() => new CliRunner { WorkingDirectory = _directory.Path }.RunAsync("log:reopen");

        async Task SendAsync()
        {
            await using var client = await RawClient.ConnectAsync(Address(program, "http://"));
            await client.ExchangeAsync(Get);
        }
    }

    [Fact]
    public async Task The_access_log_goes_to_standard_output_behind_the_addresses()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin.Address, "access_log: {path: \"-\", format: combined}");
        await using (var client = await RawClient.ConnectAsync(Address(program, "http://")))
            await client.ExchangeAsync(Get);

        var line = await program.WaitForLineAsync("GET /app");
        Assert.Matches("^127\\.0\\.0\\.1 - - \\[[^]]+\\] \"GET /app HTTP/1\\.1\" 200 2 \"-\" \"-\"$", line);
    }

    [Fact]
    public async Task A_standard_output_that_nobody_reads_holds_up_neither_requests_nor_the_end()
    {
        Configure("127.0.0.1:1", "access_log: {path: \"-\"}");
        using var program = Process.Start(new ProcessStartInfo(CliRunner.FindBinary(), "serve") { WorkingDirectory = _directory.Path, RedirectStandardOutput = true })!;
        var address = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "";

        // More lines than a pipe holds.
        await using (var client = await RawClient.ConnectAsync(IPEndPoint.Parse(new Uri(address).Authority)))
        {
            for (var i = 0; i < 100; i++)
                Assert.Equal(404, (await client.ExchangeAsync($"GET /{new string('x', 4000)} HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            Assert.Equal(0, (await new CliRunner { WorkingDirectory = _directory.Path }.RunAsync("stop")).ExitCode);
            await program.WaitForExitAsync(limit.Token);
        }
        finally
        {
            program.Kill();
        }

        Assert.Equal(0, program.ExitCode);
    }

    [Fact]
    public async Task A_port_in_use_for_the_figures_ends_the_start_and_says_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        _directory.Write("securely.yaml", $"listeners: [{{address: 127.0.0.1:0}}]\ndata_dir: data\nmetrics: {{address: {taken.LocalEndpoint}}}\n");

        var run = await new CliRunner { WorkingDirectory = _directory.Path }.RunAsync("serve");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Cannot listen on [{taken.LocalEndpoint}]", run.Error, StringComparison.Ordinal);
    }

    private Task<RunningProcess> StartAsync(string origin, string more = "")
    {
        Configure(origin, more);
        return new CliRunner { WorkingDirectory = _directory.Path }.StartAsync("is ready", "serve");
    }

    private void Configure(string origin, string more) =>
        _directory.Write("securely.yaml", $$"""
            listeners: [{address: 127.0.0.1:0}]
            threads: 2
            data_dir: data
            metrics: {address: 127.0.0.1:0}
            upstreams: {app: {servers: ["{{origin}}"]}, dead: {servers: ["{{_dead.Address}}"], retries: 0} }
            sites:
              - hosts: [app.test]
                routes:
                  - {match: {path: /app}, upstream: app}
                  - {match: {path: /dead}, upstream: dead}
            {{more}}
            """);

    private static IPEndPoint Address(RunningProcess program, string before)
    {
        var line = program.Output.Split('\n').First(line => line.StartsWith(before, StringComparison.Ordinal));
        return IPEndPoint.Parse(new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]).Authority);
    }
}
