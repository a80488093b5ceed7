using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Upgrades: raw in both directions after the upstream's 101, and plain HTTP until then and without it.</summary>
public sealed class ProxyEndToEndUpgradeTests
{
    private const string Upgrade = "GET /chat HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    private const string Switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

    [Fact]
    [Trait("Case", "33")]
    public async Task Upgrade_smoke_is_raw_both_ways_after_101()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Switching + "hello");
            await connection.SendAsync(await connection.ReadExactAsync(22));
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Upgrade);
        var response = await client.ReadResponseAsync();
        Assert.Equal("hello", await client.ReadUntilAsync("hello"));
        await client.SendAsync("GET /raw HTTP/1.1\r\n\r\n!");
        var rest = await client.ReadToEndAsync();

        Assert.Equal((101, "websocket", "upgrade"), (response.Status, response.Header("Upgrade"), response.Header("Connection")?.ToLowerInvariant()));
        Assert.Equal(("GET /raw HTTP/1.1\r\n\r\n!", ConnectionEnd.Finished), (rest.Text, rest.End));
        Assert.Equal(["websocket"], origin.Requests[0].Values("Upgrade"));
        Assert.Equal("upgrade", Assert.Single(origin.Requests[0].Values("Connection")), ignoreCase: true);
    }

    [Fact]
    [Trait("Case", "33")]
    public async Task The_clients_end_of_an_upgraded_connection_reaches_the_upstream()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(Switching);
            await connection.WaitForCloseAsync();
            phases.Signal("ended");
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Upgrade);
        await client.ReadResponseAsync();
        client.Close();

        await phases.WaitAsync("ended");
    }

    [Fact]
    [Trait("Case", "34")]
    public async Task Upgrade_body_sent_before_101_comes_back_intact_after_it()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            var body = await connection.ReadBodyAsync(await connection.ReadHeadAsync());
            await connection.SendAsync(Switching);
            await connection.SendAsync(body);
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();
        var body = string.Concat(Enumerable.Range(0, 128).Select(number => $"{number:d7};"));

        await client.SendAsync("POST /chat HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1024\r\n\r\n" + body);

        Assert.Equal(101, (await client.ReadResponseAsync()).Status);
        Assert.Equal(body, (await client.ReadToEndAsync()).Text);
    }

    [Fact]
    [Trait("Case", "35")]
    public async Task Upgrade_body_and_what_follows_101_arrive_contiguous()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadBodyAsync(await connection.ReadHeadAsync());
            await connection.SendAsync(Switching);
            await connection.ReadUntilAsync("payload");
            await connection.SendAsync("done");
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("POST /chat HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nbody;");
        await client.ReadResponseAsync();
        await client.SendAsync("payload");

        Assert.Equal("done", (await client.ReadToEndAsync()).Text);
        Assert.EndsWith("\r\n\r\nbody;payload", origin.Connections[0].ReceivedText, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Case", "36")]
    [Trait("Row", "A6")]
    [InlineData(200)]
    [InlineData(400)]
    public async Task Upgrade_refused_keeps_what_follows_a_request_of_its_own(int status)
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, head, _) =>
            connection.SendAsync($"HTTP/1.1 {(head.StartsWith("GET /chat ", StringComparison.Ordinal) ? status : 200)} Answer\r\nContent-Length: 0\r\n\r\n")));
        var proxy = new ForwardingProxy(origin.EndPoint);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Upgrade + "GET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(status, (await client.ReadResponseAsync()).Status);
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        await proxy.Phases.WaitAsync("logged", times: 2);
        Assert.Equal(["/chat", "/admin"], proxy.Finished.Select(request => request.Target));
    }

    [Fact]
    [Trait("Case", "36")]
    public async Task Upgrade_refused_never_tunnels_what_is_no_request()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("no upgrade"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Upgrade + "\x81\x05smuggled\r\n\r\n");

        Assert.Equal("no upgrade", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal(400, (await client.ReadResponseAsync()).Status);
        await client.WaitForCloseAsync();
        Assert.All(origin.Connections, connection => Assert.DoesNotContain("smuggled", connection.ReceivedText, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Case", "36")]
    public async Task A_101_that_nobody_asked_for_is_502()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw(Switching));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
    }
}
