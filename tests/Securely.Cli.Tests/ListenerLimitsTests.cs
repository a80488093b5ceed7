using System.Net;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>Each limit and timeout of a listener, from the file to the wire.</summary>
public sealed class ListenerLimitsTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("GET /1234567890 HTTP/1.1\r\nHost: a.test\r\n\r\n", 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nX-Long: 12345678901234567890123456789012345678901234567890\r\n\r\n", 431)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", 431)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\n\r\n", 413)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n", 413)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n", 413)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n3\r\n", 413)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", 400)]
    [InlineData("NONSENSE\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", 200)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n1234567890", 200)]
    public async Task A_request_over_a_limit_is_refused_before_its_upstream_has_all_of_it(string request, int status)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin, "limits: {header_bytes: 70, headers: 3, request_line: 20, body: 10}");
        await using var client = await ConnectAsync(program);

        var response = await client.ExchangeAsync(request);

        Assert.Equal(status, response.Status);
        Assert.Equal(status == 200 ? "keep-alive" : "close", response.Header("Connection"));
        Assert.DoesNotContain(origin.Requests, recorded => status != 200 && recorded.Body.Length > 0);
        if (status != 200)
            Assert.Equal(ConnectionEnd.Finished, await client.WaitForCloseAsync());
    }

    [Theory]
    [InlineData("header: 100ms", "GET / HTTP/1.1\r\nHo", 408)]
    [InlineData("body: 100ms", "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n123", 408)]
    [InlineData("min_receive_rate: 1GiB/s, body: 10ms", "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n123", 408)]
    [InlineData("header: 100ms", "", 0)]
    [InlineData("idle: 100ms", Get, 200)]
    public async Task A_client_that_takes_too_long_is_told_so_or_left(string timeouts, string request, int status)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var program = await StartAsync(origin, $"timeouts: {{{timeouts}}}");
        await using var client = await ConnectAsync(program);

        await client.SendAsync(request);
        if (status != 0)
            Assert.Equal(status, (await client.ReadResponseAsync()).Status);

        Assert.Equal(ConnectionEnd.Finished, await client.WaitForCloseAsync());
    }

    private Task<RunningProgram> StartAsync(TestOrigin origin, string settings)
    {
        _directory.Write("securely.yaml", $$"""
            threads: 1
            listeners: [{address: "127.0.0.1:0", {{settings}} }]
            upstreams: {app: {servers: ["{{origin.Address}}"] } }
            sites: [{hosts: ["*"], routes: [{upstream: app}]}]
            """);
        return RunningProgram.StartAsync(_directory.Path, "serve");
    }

    private static Task<RawClient> ConnectAsync(RunningProgram program) =>
        RawClient.ConnectAsync(new IPEndPoint(IPAddress.Parse(program.Address.Host), program.Address.Port));
}
