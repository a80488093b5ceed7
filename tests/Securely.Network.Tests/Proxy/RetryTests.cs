using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Which failures are tried again, with what, and how often (PRX-01 to PRX-03, with the corrections of the ancestor's quirks).</summary>
public sealed class RetryTests
{
    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("TRACE", true)]
    [InlineData("PUT", true)]
    [InlineData("DELETE", true)]
    [InlineData("POST", false)]
    [InlineData("PATCH", false)]
    [InlineData("PURGE", false)]
    public async Task A_request_that_reached_a_dead_pooled_connection_is_sent_again_only_if_that_does_no_harm(string method, bool again)
    {
        await using var stage = new Stage();
        var request = $"{method} /2 HTTP/1.1\r\nHost: a.test\r\n\r\n";
        var peer = new MemoryPeer(
            () => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(request).End(),
            () => new ReplayConnection().Write(request).Read("HTTP/1.1 204 No Content\r\n\r\n"));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(
            proxy,
            () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(request)
                .Write(again ? $"HTTP/1.1 204 No Content\r\n{Stage.Date}Connection: keep-alive\r\n\r\n" : Script.ErrorPage(502, "Bad Gateway")),
            Script.Plain);

        client.AssertFinished();
        Assert.All(peer.Connections, connection => connection.AssertFinished());
        Assert.Equal(again ? 2 : 1, peer.Connections.Count);
        Assert.Equal([(1, null), (again ? 2 : 1, again ? null : ErrorKind.ConnectionClosed)], proxy.Finished.Select(logged => (logged.Tries, logged.Error?.Kind)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_post_of_which_nothing_could_be_sent_is_sent_again(bool isToldLate)
    {
        await using var stage = new Stage();
        const string Post = "POST /2 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nhi";
        var peer = new MemoryPeer(
            () => Fail(new ReplayConnection().Write(Script.Get).Read(Script.Ok)),
            () => new ReplayConnection().Write(Post).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Post).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal(2, peer.Connections.Count);
        peer.Connections[1].AssertFinished();
        Assert.Equal(2, proxy.Finished[1].Tries);

        ReplayConnection Fail(ReplayConnection connection) => isToldLate ? connection.LoseWrites().FailRead() : connection.FailWrite().End();
    }

    [Fact]
    public async Task A_post_is_not_sent_on_a_pooled_connection_that_has_ended_unnoticed()
    {
        await using var stage = new Stage();
        const string Post = "POST /2 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\nhi";
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            peer[0].End();
            await client.SendAsync(Post);
            Assert.Equal(Script.Get, peer[0].Received);
            Assert.Equal(Post, peer[1].Received);
            await peer[1].SendAsync(Script.Ok);
            await client.SettleAsync();
            Assert.Equal(Script.OkSent + Script.OkSent, client.Received);
        });

        Assert.Equal(1, proxy.Finished[1].Tries);
    }

    [Fact]
    public async Task A_retry_after_a_dead_pooled_connection_takes_a_fresh_one_though_more_are_idle()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var service = new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain);

        await stage.PlayAsync(service, async first =>
        {
            await first.SendAsync(Script.Get);
            await stage.PlayBesideAsync(service, async second =>
            {
                await second.SendAsync(Script.Get);
                await peer[0].SendAsync(Script.Ok);
                await peer[1].SendAsync(Script.Ok);
                await second.SettleAsync();
                Assert.Equal(2, service.Connector!.IdleCount);

                await second.SendAsync(Script.Get);
                var taken = peer[0].Received == Script.Get ? 1 : 0;
                Assert.Equal(Script.Get + Script.Get, peer[taken].Received);
                peer[taken].End();
                await second.SettleAsync();
                // The other idle connection may be as dead.
                Assert.Equal(Script.Get, peer[1 - taken].Received);
                Assert.Equal(Script.Get, peer[2].Received);
                await peer[2].SendAsync(Script.Ok);
                await second.SettleAsync();
                Assert.Equal(Script.OkSent + Script.OkSent, second.Received);
            });
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    public async Task A_fresh_connection_that_ends_is_not_tried_again(string beginning)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => Beginning(new ReplayConnection().Write(Script.Get), beginning).End());
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")), Script.Plain);

        client.AssertFinished();
        Assert.Equal((1, ErrorKind.ConnectionClosed), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Error!.Kind));
    }

    [Theory]
    [InlineData("H")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task A_pooled_connection_that_ends_after_a_byte_of_the_response_is_not_tried_again(string beginning)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Read(beginning).End());
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get + Script.Get), Script.Plain);

        Assert.EndsWith(Script.ErrorPage(502, "Bad Gateway"), client.Written, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Finished[1].Tries);
    }

    [Fact]
    public async Task A_timeout_of_a_pooled_connection_is_not_tried_again()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(1) }, () => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Silence());
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.ErrorPage(504, "Gateway Timeout")), Script.Plain);

        client.AssertFinished();
        Assert.Equal((1, ErrorKind.ReadTimedOut), (proxy.Finished[1].Tries, proxy.Finished[1].Error!.Kind));
    }

    [Fact]
    public async Task A_method_that_a_filter_made_unsafe_is_not_sent_again()
    {
        await using var stage = new Stage();
        const string Post = "POST / HTTP/1.1\r\nHost: a.test\r\n\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Post).Read(Script.Ok).Write(Post).End());
        var proxy = new FilteringProxy(peer.Peer) { UpstreamRequest = (_, request) => request.SetMethod("POST") };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")), Script.Plain);

        client.AssertFinished();
        Assert.Equal(1, proxy.Finished[1].Tries);
    }

    [Fact]
    public async Task Each_try_starts_from_the_clients_head()
    {
        await using var stage = new Stage();
        const string Sent = "GET / HTTP/1.1\r\nHost: a.test\r\nX-Try: 0\r\nX-Forwarded-For: unknown\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.test\r\nForwarded: for=unknown;proto=http;host=\"a.test\"\r\n\r\n";
        var tries = 0;
        var peer = new MemoryPeer(
            () => new ReplayConnection().Write(Sent.Replace("X-Try: 0", "X-Try: 1", StringComparison.Ordinal)).End(),
            () => new ReplayConnection().Write(Sent.Replace("X-Try: 0", "X-Try: 2", StringComparison.Ordinal)).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            UpstreamRequest = (_, request) =>
            {
                Assert.Equal("0", request.Headers.Get("X-Try"));
                request.Headers.Set("X-Try", (++tries).ToString(System.Globalization.CultureInfo.InvariantCulture));
            },
            WhileProxy = (error, _) => error.Retry = RetryKind.Always,
        };

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read("GET / HTTP/1.1\r\nHost: a.test\r\nX-Try: 0\r\n\r\n").Write(Script.OkSent));

        Assert.All(peer.Connections, connection => connection.AssertFinished());
        Assert.Equal(2, peer.Connections.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public async Task Tries_end_with_their_number(int most)
    {
        await using var stage = new Stage();
        var dials = 0;
        var peer = new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))
        {
            Options = new PeerOptions
            {
                Connect = _ =>
                {
                    dials++;
                    throw new NetException(NetErrorKind.ConnectRefused, "Refused");
                },
            },
        };
        var proxy = new FilteringProxy(peer) { ConnectFailed = error => error.Retry = RetryKind.Always };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")), Script.Plain with { MaxTries = most });

        client.AssertFinished();
        Assert.Equal(most, dials);
        Assert.Equal((most, ErrorKind.ConnectRefused), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Error!.Kind));
    }

    [Fact]
    public async Task Sixteen_tries_are_the_default() => Assert.Equal(16, await Task.FromResult(new ProxyServiceOptions().MaxTries));

    [Fact]
    public async Task What_the_proxy_marks_is_tried_again_with_its_body_also_on_a_fresh_connection()
    {
        await using var stage = new Stage();
        const string Post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody";
        var bad = new MemoryPeer(() => new ReplayConnection().Write(Post).Read("garbage\r\n\r\n"));
        var good = new MemoryPeer(() => new ReplayConnection().Write(Post).Read(Script.Ok));
        List<ErrorKind> failures = [];
        var proxy = new FilteringProxy(bad.Peer, good.Peer)
        {
            WhileProxy = (error, reused) =>
            {
                Assert.False(reused);
                failures.Add(error.Kind);
                error.Retry = RetryKind.Always;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Post).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        good.Connections[0].AssertFinished();
        Assert.Equal([ErrorKind.InvalidHttpHeader], failures);
    }

    [Fact]
    public async Task After_the_beginning_of_a_response_nothing_is_tried_again()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe").End());
        var proxy = new FilteringProxy(peer.Peer) { WhileProxy = (error, _) => error.Retry = RetryKind.Always };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);

        Assert.NotNull(client.AbortReason);
        Assert.Equal((1, 200, ErrorKind.PrematureBodyEnd), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Status, proxy.Finished[0].Error!.Kind));
    }

    [Fact]
    public async Task A_client_that_has_gone_ends_the_tries()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer) { WhileProxy = (error, _) => error.Retry = RetryKind.Always };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            client.Break();
            peer[0].End();
            await client.SettleAsync();
        });

        Assert.Equal(1, peer.Count);
        Assert.Equal((1, ErrorSource.Downstream), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Error!.Source));
    }

    private static ReplayConnection Beginning(ReplayConnection connection, string beginning) => beginning.Length == 0 ? connection : connection.Read(beginning);
}
