using System.Net;
using System.Text;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Where requests and their bodies begin and end, and what of a head goes on to the upstream.</summary>
public sealed class ProxyEndToEndRequestTests
{
    [Fact]
    [Trait("Case", "42")]
    [Trait("Row", "A4")]
    public async Task An_HTTP_1_0_post_without_CL_has_no_body()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.0\r\nHost: app.test\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, "ok"), (response.Status, response.BodyText));
        await client.WaitForCloseAsync();
        Assert.Equal("POST /", Assert.Single(origin.Requests).Line[..6]);
        Assert.DoesNotContain("smuggled", origin.Connections[0].ReceivedText, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Case", "43")]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task Pipelined_requests_are_answered_in_order(Delivery delivery)
    {
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, head, body) =>
            connection.SendOkAsync($"{head.Split(' ')[1]} {Encoding.Latin1.GetString(body)}")));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync(
            "POST /1 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 3\r\n\r\none" +
            "POST /2 HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n" +
            "GET /3 HTTP/1.1\r\nHost: app.test\r\n\r\n",
            delivery);

        Assert.Equal("/1 one", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("/2 two", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("/3 ", (await client.ReadResponseAsync()).BodyText);
    }

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    [InlineData("0x10\r\nhello")]
    [InlineData("-1\r\nhello")]
    [InlineData("00000000000000005\r\nhello\r\n0\r\n\r\n")]
    [InlineData("fffffffffffffffff\r\nhello")]
    [InlineData("5 ;x\r\nhello\r\n0\r\n\r\n")]
    [InlineData("zz\r\nhello")]
    [InlineData("\r\nhello")]
    [InlineData("5\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("0\r\nX : 1\r\n\r\n")]
    public Task A_bad_chunk_is_400(string chunks) => BadChunkAsync(chunks);

    [Fact]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    public Task A_chunk_head_over_8_KiB_is_400() => BadChunkAsync($"5;{new string('x', 9000)}\r\nhello\r\n0\r\n\r\n");

    [Fact]
    [Trait("Case", "48")]
    [Trait("Row", "A13")]
    public Task Trailers_over_64_KiB_are_refused() => BadChunkAsync("5\r\nhello\r\n0\r\n" + string.Concat(Enumerable.Repeat($"X: {new string('x', 1000)}\r\n", 70)), 400, 431);

    [Fact]
    [Trait("Row", "A7")]
    public async Task A_request_inside_of_a_body_that_was_answered_early_never_runs()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("must not be asked"));
        var proxy = new DenyingProxy(origin.EndPoint);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();
        const string fake = "GET /fake HTTP/1.1\r\nHost: app.test\r\n\r\n";
        var body = string.Concat(Enumerable.Repeat(fake, 100_000 / fake.Length + 1))[..100_000];

        await client.SendAsync("POST /denied HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000\r\n\r\n");
        try
        {
            await client.SendAsync(body);
            client.HalfClose();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            // Closing at once is a right answer as well.
        }
        var response = await client.ReadResponseAsync();

        Assert.Equal(403, response.Status);
        await client.WaitForCloseAsync();
        Assert.Equal(["/denied"], proxy.Asked);
        Assert.Equal(0, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Row", "A8")]
    public async Task Hop_by_hop_headers_and_what_connection_names_stay_here_and_filters_have_the_last_word()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EchoHead());
        await using var host = await ProxyHost.StartAsync(new NamingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync(
            "GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close, X-User, X-Hop, Host, Authorization\r\nX-User: mallory\r\nX-Hop: 1\r\nAuthorization: Basic bWU=\r\n" +
            "Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\nTrailer: X-End\r\nUpgrade: h2c\r\nX-Kept: yes\r\n\r\n");

        var request = Assert.Single(origin.Requests);
        Assert.Equal(200, response.Status);
        foreach (var name in (string[])["X-Hop", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade"])
            Assert.Empty(request.Values(name));
        Assert.DoesNotContain(request.Values("Connection"), value => value.Contains("X-", StringComparison.Ordinal) || value.Contains("close", StringComparison.Ordinal));
        Assert.Equal(["from the filter"], request.Values("X-User"));
        Assert.Equal(["app.test"], request.Values("Host"));
        Assert.Equal(["yes"], request.Values("X-Kept"));
    }

    [Fact]
    [Trait("Row", "A11")]
    public async Task The_host_of_an_absolute_target_wins_and_an_asterisk_stays()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var absolute = await client.ExchangeAsync("GET http://app.test/a?b HTTP/1.1\r\nHost: other.test\r\n\r\n");
        Assert.Equal(200, absolute.Status);
        Assert.Equal(["app.test"], Assert.Single(origin.Requests).Values("Host"));
        await using var second = await host.ConnectAsync();
        var asterisk = await second.ExchangeAsync("OPTIONS * HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(200, asterisk.Status);
        Assert.Equal("OPTIONS * HTTP/1.1", origin.Requests[^1].Line);
    }

    [Fact]
    [Trait("Row", "A14")]
    public async Task Trailers_are_never_merged_into_the_headers()
    {
        await using var origin = TestOrigin.Start(OriginScripts.EchoBody());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync(
            "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nContent-Length: 999\r\nHost: evil.test\r\nAuthorization: Basic bWU=\r\n\r\n");

        Assert.Equal((200, "hello"), (response.Status, response.BodyText));
        Assert.All(origin.Requests, request =>
        {
            Assert.Equal(["app.test"], request.Values("Host"));
            Assert.Empty(request.Values("Authorization"));
            Assert.DoesNotContain("999", request.Values("Content-Length"));
        });
        Assert.All(origin.Connections, connection => Assert.DoesNotContain("evil.test", connection.ReceivedText, StringComparison.Ordinal));
    }

    private static async Task BadChunkAsync(string chunks, params int[] statuses)
    {
        await using var origin = TestOrigin.Start(OriginScripts.EchoBody());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();
        try
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        }
        catch (IOException)
        {
            // The proxy has refused the beginning already.
        }

        var response = await client.ReadResponseAsync();

        Assert.Contains(response.Status, statuses.Length > 0 ? statuses : [400]);
        Assert.Equal("close", response.Header("Connection"));
        await client.WaitForCloseAsync();
        Assert.All(origin.Connections, connection => Assert.DoesNotContain("\r\n0\r\n\r\n", connection.ReceivedText, StringComparison.Ordinal));
    }

    private sealed class DenyingProxy(EndPoint origin) : ForwardingProxy(origin)
    {
        public List<string> Asked { get; } = [];

        public override async ValueTask<FilterResult> RequestFilterAsync(Session session, ForwardedRequest context, CancellationToken cancellationToken)
        {
            Asked.Add(session.Request.TargetText);
            await session.RespondAsync(403);
            return FilterResult.Responded;
        }
    }

    private sealed class NamingProxy(EndPoint origin) : ForwardingProxy(origin)
    {
        public override ValueTask UpstreamRequestFilterAsync(Session session, RequestHeader upstreamRequest, ForwardedRequest context, CancellationToken cancellationToken)
        {
            upstreamRequest.Headers.Set("X-User", "from the filter");
            return default;
        }
    }
}
