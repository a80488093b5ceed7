using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Where responses of the upstream end, and when its connection may be used again.</summary>
public sealed class ProxyEndToEndResponseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Theory]
    [Trait("Case", "44")]
    [Trait("Row", "A21")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 5, 6\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: +5\r\n")]
    [InlineData("Content-Length: five\r\n")]
    public Task A_response_with_an_invalid_CL_is_502(string fields) => IsBadGatewayAsync($"HTTP/1.1 200 OK\r\n{fields}\r\nhello");

    [Fact]
    [Trait("Case", "45")]
    [Trait("Row", "A21")]
    public Task A_response_with_CL_and_TE_is_502() => IsBadGatewayAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

    [Theory]
    [Trait("Case", "44")]
    [InlineData("HTTP/1.1 20x OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: a\0b\r\n\r\n")]
    public Task A_response_head_that_is_none_is_502(string wire) => IsBadGatewayAsync(wire);

    [Fact]
    [Trait("Case", "46")]
    [Trait("Row", "A21")]
    public async Task Excess_response_bytes_reach_nobody_and_the_connection_is_not_reused()
    {
        await using var origin = TestOrigin.Start(
            OriginScripts.Raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"),
            OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        Assert.Equal("ok", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal("second", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal(2, origin.ConnectionCount);
    }

    [Theory]
    [Trait("Row", "A21")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\nstray")]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nstray")]
    public async Task A_body_after_204_and_304_reaches_nobody_and_the_connection_is_not_reused(string wire)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw(wire), OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        Assert.Contains((await client.ExchangeAsync(Get)).Status, new[] { 204, 304 });
        Assert.Equal("second", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal(2, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "47")]
    public async Task A_close_delimited_response_is_relayed_in_chunks_and_the_connection_is_not_reused()
    {
        await using var origin = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync("HTTP/1.1 200 OK\r\nX: 1\r\n\r\nuntil the end");
            },
            OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync(Get);

        Assert.Equal((200, "until the end", true), (response.Status, response.BodyText, response.WasChunked));
        Assert.Equal("second", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal(2, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "47")]
    public async Task An_HTTP_1_0_client_never_gets_chunks()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("GET / HTTP/1.0\r\nHost: app.test\r\n\r\n");

        Assert.Equal((200, "hello", false), (response.Status, response.BodyText, response.WasChunked));
    }

    [Fact]
    [Trait("Case", "47")]
    public async Task A_close_delimited_response_that_is_reset_never_ends_in_order()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            await phases.WaitAsync("hello read");
            connection.Reset();
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        await client.ReadUntilAsync("hello\r\n");
        phases.Signal("hello read");

        Assert.Equal("", (await client.ReadToEndAsync()).Text);
    }

    [Theory]
    [Trait("Case", "48")]
    [InlineData("zz\r\nhello")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n-1\r\n")]
    [InlineData("fffffffffffffffff\r\nhello")]
    public Task A_bad_chunk_of_a_response_never_ends_it_in_order(string chunks) => IsAbortedAsync(chunks);

    [Fact]
    [Trait("Case", "48")]
    public Task A_chunk_head_of_a_response_over_8_KiB_never_ends_it_in_order() => IsAbortedAsync($"5;{new string('x', 9000)}\r\nhello\r\n0\r\n\r\n");

    [Fact]
    [Trait("Case", "51")]
    public async Task Keepalive_request_limit_closes_with_the_last_response()
    {
        await using var origin = TestOrigin.Start(OriginScripts.HitCounter());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint), new ProxyHostOptions { KeepAliveRequests = 3 });
        await using var client = await host.ConnectAsync();

        var first = await client.ExchangeAsync(Get);
        var second = await client.ExchangeAsync(Get);
        var third = await client.ExchangeAsync(Get);

        Assert.Equal(["1 keep-alive", "2 keep-alive", "3 close"], new[] { first, second, third }.Select(response => $"{response.BodyText} {response.Header("Connection")}"));
        Assert.Equal(ConnectionEnd.Finished, await client.WaitForCloseAsync());
    }

    private static async Task IsBadGatewayAsync(string wire)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw(wire), OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();
        await using var other = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);
        Assert.Equal("second", (await other.ExchangeAsync(Get)).BodyText);
        Assert.Equal(2, origin.ConnectionCount);
    }

    private static async Task IsAbortedAsync(string chunks)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks), OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();
        await using var other = await host.ConnectAsync();

        await client.SendAsync(Get);
        var rest = await client.ReadToEndAsync();

        // What the client gets depends on how much has left already: an error, a body without its end, or a reset.
        if (!rest.Text.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal))
        {
            Assert.Equal(ConnectionEnd.Reset, rest.End);
            Assert.False(rest.Text.EndsWith("0\r\n\r\n", StringComparison.Ordinal), "a body that is broken ends in order");
        }
        Assert.Equal("second", (await other.ExchangeAsync(Get)).BodyText);
    }
}
