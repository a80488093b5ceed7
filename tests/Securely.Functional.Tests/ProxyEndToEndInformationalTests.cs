using System.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Informational responses.</summary>
public sealed class ProxyEndToEndInformationalTests
{
    [Fact]
    [Trait("Case", "29")]
    public async Task Early_hints_103_and_the_response_arrive_in_order()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var hints = await client.ReadResponseAsync();
        var response = await client.ReadResponseAsync();

        Assert.Equal((103, "</a.css>; rel=preload"), (hints.Status, hints.Header("Link")));
        Assert.Equal((200, "ok"), (response.Status, response.BodyText));
    }

    [Fact]
    [Trait("Case", "30")]
    public async Task Early_hints_103_and_a_death_are_103_and_502()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n");
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(103, (await client.ReadResponseAsync()).Status);
        Assert.Equal(502, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    [Trait("Case", "31")]
    public async Task Head_with_100_continue_leaves_the_connection_usable()
    {
        await using var origin = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n");
                await connection.ReadHeadAsync();
                await connection.SendOkAsync("next");
                await connection.WaitForCloseAsync();
            },
            OriginScripts.Raw("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nother"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("HEAD / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\n\r\n");
        var proceed = await client.ReadResponseAsync("HEAD");
        var head = await client.ReadResponseAsync("HEAD");

        Assert.Equal(100, proceed.Status);
        Assert.Equal((200, "42", ""), (head.Status, head.Header("Content-Length"), head.BodyText));
        // The connection rests a moment after an answer to HEAD; what is asked meanwhile goes over another one, which is closed.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n") is var next && next.BodyText != "next")
        {
            Assert.Equal((200, "other"), (next.Status, next.BodyText));
            Assert.False(patience.IsCancellationRequested, "the connection of HEAD was never used again");
        }
    }

    [Fact]
    [Trait("Case", "31")]
    public async Task A_body_that_waits_for_100_continue_is_sent_when_the_upstream_says_so()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            Assert.Contains("Expect: 100-continue\r\n", head, StringComparison.OrdinalIgnoreCase);
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.SendOkAsync(System.Text.Encoding.Latin1.GetString(await connection.ReadBodyAsync(head)));
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        await client.SendAsync("body");

        Assert.Equal("body", (await client.ReadResponseAsync()).BodyText);
    }

    [Theory]
    [Trait("Case", "32")]
    [InlineData("", new[] { 200 })]
    [InlineData("Expect: 100-continue\r\n", new[] { 100, 200 })]
    public async Task Ignore_info_resp_drops_103_and_keeps_100_only_when_it_is_expected(string expect, int[] statuses)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        await using var host = await ProxyHost.StartAsync(new IgnoringProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync($"GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n{expect}\r\n");
        var seen = new List<int>();
        do
        {
            seen.Add((await client.ReadResponseAsync()).Status);
        }
        while (seen[^1] != 200);

        Assert.Equal(statuses, seen);
        await client.WaitForCloseAsync();
    }

    private sealed class IgnoringProxy(EndPoint origin) : ForwardingProxy(origin)
    {
        public override ValueTask<FilterResult> RequestFilterAsync(Session session, ForwardedRequest context, CancellationToken cancellationToken)
        {
            ProxyHost.IgnoreInformational(session);
            return ValueTask.FromResult(FilterResult.Continue);
        }
    }
}
