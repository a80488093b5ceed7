using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Connections to the upstream that fail: what is tried again, what is not, and what the client is told.</summary>
public sealed class ProxyEndToEndRetryTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Fact]
    [Trait("Case", "16")]
    public async Task Dropped_conn_get_is_sent_again_on_a_new_connection()
    {
        await using var origin = TestOrigin.Start(AnswerOneAndDropTheSecond, OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.ExchangeAsync(Get);
        var response = await client.ExchangeAsync("GET /again HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal((200, "second"), (response.Status, response.BodyText));
        Assert.Equal(["0 GET / HTTP/1.1", "0 GET /again HTTP/1.1", "1 GET /again HTTP/1.1"], Seen(origin));
    }

    [Fact]
    [Trait("Case", "17")]
    public async Task Dropped_conn_put_body_is_replayed_exactly_once()
    {
        await using var origin = TestOrigin.Start(AnswerOneAndDropTheSecond, OriginScripts.EchoBody());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.ExchangeAsync(Get);
        var response = await client.ExchangeAsync("PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 7\r\n\r\nreplay!");

        Assert.Equal((200, "replay!"), (response.Status, response.BodyText));
        Assert.Equal(["0 GET / HTTP/1.1", "0 PUT / HTTP/1.1", "1 PUT / HTTP/1.1"], Seen(origin));
    }

    [Fact]
    [Trait("Case", "17")]
    public async Task Dropped_conn_post_body_is_not_replayed_but_502()
    {
        await using var origin = TestOrigin.Start(AnswerOneAndDropTheSecond, OriginScripts.Ok("must not be asked"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.ExchangeAsync(Get);
        var response = await client.ExchangeAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 7\r\n\r\nreplay!");

        Assert.Equal(502, response.Status);
        Assert.Equal(["0 GET / HTTP/1.1", "0 POST / HTTP/1.1"], Seen(origin));
    }

    [Fact]
    [Trait("Case", "17")]
    public async Task A_post_of_which_nothing_was_sent_goes_to_a_new_connection()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendOkAsync("first");
                await phases.WaitAsync("first read");
                connection.Close();
                phases.Signal("closed");
            },
            OriginScripts.EchoBody());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.ExchangeAsync(Get);
        phases.Signal("first read");
        await phases.WaitAsync("closed");
        var response = await client.ExchangeAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nonce");

        Assert.Equal((200, "once"), (response.Status, response.BodyText));
        Assert.Equal(["0 GET / HTTP/1.1", "1 POST / HTTP/1.1"], Seen(origin));
    }

    [Fact]
    [Trait("Case", "18")]
    public async Task Dropped_conn_with_a_body_over_64_KiB_is_not_tried_again()
    {
        await using var origin = TestOrigin.Start(AnswerOneAndDropTheSecond, OriginScripts.Ok("must not be asked"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.ExchangeAsync(Get);
        var response = await client.ExchangeAsync($"PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000\r\n\r\n{new string('x', 100_000)}");

        Assert.Equal(502, response.Status);
        Assert.Equal(1, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "19")]
    public async Task Fresh_connection_dropped_is_502_without_another_try()
    {
        await using var origin = TestOrigin.Start(async connection => await connection.ReadHeadAsync());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);
        Assert.Equal(1, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "25")]
    public async Task Upstream_read_timeout_before_the_header_is_504_and_closes_the_connection()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WaitForCloseAsync();
            phases.Signal("closed");
        });
        var peer = new HttpPeer(origin.EndPoint) { Options = new PeerOptions { ReadTimeout = TimeSpan.FromMilliseconds(200) } };
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(peer));
        await using var client = await host.ConnectAsync();

        Assert.Equal(504, (await client.ExchangeAsync(Get)).Status);
        await phases.WaitAsync("closed");
        Assert.Equal(1, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "26")]
    public async Task Connect_timeout_is_504()
    {
        using var silent = DeadEndPoint.Silent();
        var peer = new HttpPeer(silent.EndPoint) { Options = new PeerOptions { ConnectionTimeout = TimeSpan.FromMilliseconds(200) } };
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(peer));
        await using var client = await host.ConnectAsync();

        Assert.Equal(504, (await client.ExchangeAsync(Get)).Status);
    }

    [Fact]
    [Trait("Case", "26")]
    public async Task Connect_refused_is_502_after_one_try()
    {
        using var refusing = DeadEndPoint.Refusing();
        var proxy = new ForwardingProxy(refusing.EndPoint);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);
        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(1, Assert.Single(proxy.Finished).Tries);
    }

    [Fact]
    [Trait("Case", "26")]
    public async Task A_failed_connect_goes_to_the_second_peer_when_the_proxy_says_retry()
    {
        using var refusing = DeadEndPoint.Refusing();
        await using var origin = TestOrigin.Start(OriginScripts.EchoBody());
        var proxy = new RetryingProxy(new HttpPeer(refusing.EndPoint), new HttpPeer(origin.EndPoint));
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody");

        Assert.Equal((200, "body"), (response.Status, response.BodyText));
        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(2, Assert.Single(proxy.Finished).Tries);
    }

    [Fact]
    [Trait("Case", "27")]
    public async Task Max_retries_ends_after_exactly_16_tries_with_502()
    {
        using var refusing = DeadEndPoint.Refusing();
        var proxy = new RetryingProxy(new HttpPeer(refusing.EndPoint));
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);
        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(16, Assert.Single(proxy.Finished).Tries);
    }

    [Fact]
    [Trait("Case", "52")]
    public async Task Unexpected_bytes_on_a_pooled_connection_discard_it()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendOkAsync("first");
                await phases.WaitAsync("first read");
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray");
                await connection.ReadToEndAsync();
                phases.Signal("discarded");
            },
            OriginScripts.Ok("second"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        Assert.Equal("first", (await client.ExchangeAsync(Get)).BodyText);
        phases.Signal("first read");
        await phases.WaitAsync("discarded");
        Assert.Equal("second", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal(["0 GET / HTTP/1.1", "1 GET / HTTP/1.1"], Seen(origin));
    }

    private static IEnumerable<string> Seen(TestOrigin origin) => origin.Requests.Select(request => $"{request.Connection} {request.Line}");

    /// <summary>Answers the first request, reads the second one whole and closes without an answer.</summary>
    private static async Task AnswerOneAndDropTheSecond(TestOriginConnection connection)
    {
        await connection.ReadHeadAsync();
        await connection.SendOkAsync("first");
        await connection.ReadBodyAsync(await connection.ReadHeadAsync());
    }

    private sealed class RetryingProxy(params HttpPeer[] peers) : ForwardingProxy(peers)
    {
        public override ProxyError FailToConnect(Session session, HttpPeer peer, ForwardedRequest context, ProxyError error)
        {
            error.Retry = RetryKind.Always;
            return error;
        }
    }
}
