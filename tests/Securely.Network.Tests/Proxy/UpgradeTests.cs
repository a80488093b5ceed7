using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Connections that leave HTTP: upgrades and CONNECT (PRX-14, H1S-15), with the clock in the test's hand.</summary>
public sealed class UpgradeTests
{
    private const string Ask = "GET /chat HTTP/1.1\r\nHost: a.test\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\n";
    private const string Agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\n";

    [Fact]
    public async Task After_101_bytes_go_both_ways_as_they_are()
    {
        await using var stage = new Stage();
        await PlayAsync(stage, new FilteringProxy(), async (client, upstream) =>
        {
            await client.SendAsync("\0raw\r\n\r\n");
            Assert.Equal(Ask + "\0raw\r\n\r\n", upstream.Received);
            await upstream.SendAsync("HTTP/1.1 200 not a head\r\n");
            Assert.Equal(Agreed + "HTTP/1.1 200 not a head\r\n", client.Received);
        });
    }

    [Fact]
    public async Task What_the_client_sends_before_101_waits_for_it()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync(Ask + "early");
            Assert.Equal(Ask, peer[0].Received);
            await peer[0].SendAsync(Agreed + "hello");
            Assert.Equal(Agreed + "hello", client.Received);
            Assert.Equal(Ask + "early", peer[0].Received);
        });
    }

    [Fact]
    public async Task The_body_of_the_request_goes_before_what_follows_101()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var ask = Ask.Replace("Upgrade: chat\r\n", "Upgrade: chat\r\nContent-Length: 4\r\n", StringComparison.Ordinal);
        var sent = ask;
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain), async client =>
        {
            await client.SendAsync(ask + "bo");
            await peer[0].SendAsync(Agreed);
            await client.SendAsync("dytunnel");
            Assert.Equal(sent + "bodytunnel", peer[0].Received);
            Assert.Equal(Agreed, client.Received);
        });
    }

    [Fact]
    public async Task The_upstreams_end_is_the_end()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        await PlayAsync(stage, proxy, async (client, upstream) =>
        {
            await upstream.SendAsync("bye");
            upstream.End();
            await client.SettleAsync();
            Assert.Equal(Agreed + "bye", client.Received);
            Assert.True(client.IsEnded);
            Assert.False(client.IsBroken);
            await client.PassAsync(TimeSpan.FromSeconds(3));
            Assert.Equal((101, null), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error));
        });
    }

    [Fact]
    public async Task The_clients_end_is_passed_on_and_the_upstream_may_say_its_last_words()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        await PlayAsync(stage, proxy, async (client, upstream) =>
        {
            client.End();
            await client.SettleAsync();
            Assert.True(upstream.IsEnded);
            Assert.False(upstream.IsBroken);
            await client.PassAsync(TimeSpan.FromSeconds(1.9));
            await upstream.SendAsync("last words");
            upstream.End();
            await client.SettleAsync();
            Assert.Equal(Agreed + "last words", client.Received);
            Assert.True(client.IsEnded);
            Assert.Null(Assert.Single(proxy.Finished).Error);
        });
    }

    [Fact]
    public async Task An_upstream_that_stays_silent_after_the_clients_end_is_not_waited_for()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        await PlayAsync(stage, proxy, async (client, upstream) =>
        {
            client.End();
            await client.SettleAsync();
            await client.PassAsync(TimeSpan.FromSeconds(1.9));
            Assert.Empty(proxy.Finished);
            await client.PassAsync(TimeSpan.FromSeconds(0.2));
            Assert.Single(proxy.Finished);
            Assert.True(client.IsEnded);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_tunnel_is_silent_only_when_both_directions_are(bool byClient)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        await PlayAsync(stage, proxy, async (client, upstream) =>
        {
            for (var minute = 0; minute < 50; minute += 5)
            {
                await (byClient ? client : upstream).SendAsync(".");
                await client.PassAsync(TimeSpan.FromMinutes(5));
            }

            Assert.Empty(proxy.Finished);
            Assert.EndsWith("..........", (byClient ? upstream : client).Received, StringComparison.Ordinal);
            await client.PassAsync(TimeSpan.FromMinutes(5));
            // The end of the tunnel takes the farewell of the other direction.
            await client.PassAsync(TimeSpan.FromSeconds(3));
            Assert.Single(proxy.Finished);
            Assert.True(client.IsEnded);
            Assert.True(upstream.IsEnded);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_side_that_breaks_ends_the_other(bool client)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        await PlayAsync(stage, proxy, async (near, upstream) =>
        {
            (client ? near : upstream).Break();
            await near.SettleAsync();
            await near.PassAsync(TimeSpan.FromSeconds(3));
            Assert.True((client ? upstream : near).IsEnded);
            Assert.Single(proxy.Finished);
        });
    }

    [Theory]
    [InlineData(403)]
    [InlineData(200)]
    public async Task A_filter_may_make_a_refusal_of_it(int status)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer)
        {
            Response = (_, response) =>
            {
                response.StatusCode = status;
                response.Headers.Clear();
            },
        };
        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Ask);
            await peer[0].SendAsync(Agreed + "stray");
            await client.SettleAsync();
            Assert.StartsWith($"HTTP/1.1 {status} ", client.Received, StringComparison.Ordinal);
            Assert.EndsWith("Content-Length: 0\r\n\r\n", client.Received, StringComparison.Ordinal);
            await client.SendAsync("not http\r\n");
            Assert.Equal(Ask, peer[0].Received);
        });
        Assert.Equal(status, proxy.Finished[0].Status);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(426)]
    public async Task A_refusal_of_the_upstream_is_a_response_like_any_other(int status)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write(Ask).Read($"HTTP/1.1 {status} No\r\nContent-Length: 2\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\nno").Write(Script.Get).Read(Script.Ok));
        var client = await stage.ProxyAsync(
            new FilteringProxy(peer.Peer),
            () => new ReplayConnection().Read(Ask + Script.Get).Write($"HTTP/1.1 {status} No\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\nno").Write(Script.OkSent),
            Script.Plain);
        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task An_upgrade_that_only_a_filter_has_asked_for_is_not_the_clients()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Agreed));
        var proxy = new FilteringProxy(peer.Peer) { UpstreamRequest = (_, request) => request.Headers.Set(HeaderName.Upgrade, "chat") };
        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")));
        client.AssertFinished();
        Assert.Equal((ErrorKind.InvalidHttpHeader, ErrorSource.Upstream), (Assert.Single(proxy.Finished).Error!.Kind, proxy.Finished[0].Error!.Source));
    }

    [Fact]
    public async Task An_upgrade_to_HTTP_2_is_not_passed_on()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok));
        var client = await stage.ProxyAsync(
            new FilteringProxy(peer.Peer),
            () => new ReplayConnection().Read("GET / HTTP/1.1\r\nHost: a.test\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n").Write(Script.OkSent),
            Script.Plain);
        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task A_filter_of_the_requests_body_that_throws_before_the_tunnel_is_an_error_and_no_end_of_a_tunnel()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var calls = 0;
        var proxy = new FilteringProxy(peer.Peer) { RequestBody = (_, body, _, _) => ++calls == 2 ? throw new InvalidOperationException("broken") : new(body) };
        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Ask.Replace("Upgrade: chat\r\n", "Upgrade: chat\r\nContent-Length: 4\r\n", StringComparison.Ordinal) + "bo");
            await peer[0].SendAsync(Agreed);
            await client.SendAsync("dy");
            Assert.True(client.IsBroken);
            Assert.Equal(ErrorKind.InternalError, Assert.Single(proxy.Finished).Error?.Kind);
        });
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", false)]
    public async Task CONNECT_is_a_tunnel_after_a_2xx_where_it_is_allowed(string answer, bool tunnels)
    {
        await using var stage = new Stage();
        const string Connect = "CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n";
        var peer = new LivePeer(stage.Time);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain with { AllowConnect = true }), async client =>
        {
            await client.SendAsync(Connect);
            Assert.Equal(Connect, peer[0].Received);
            await peer[0].SendAsync(answer);
            await client.SendAsync("hello");
            Assert.Equal(tunnels ? Connect + "hello" : Connect, peer[0].Received);
            Assert.StartsWith(answer[..12], client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task CONNECT_that_is_not_allowed_reaches_no_phase()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy();
        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read("CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n"));
        Assert.StartsWith("HTTP/1.1 405 ", client.Written, StringComparison.Ordinal);
        Assert.Empty(proxy.Finished);
    }

    /// <summary>Plays behind a 101.</summary>
    private static Task PlayAsync(Stage stage, FilteringProxy proxy, Func<LiveClient, LiveClient, ValueTask> play)
    {
        var peer = new LivePeer(stage.Time);
        proxy.Peers = [peer.Peer];
        return stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Ask);
            await peer[0].SendAsync(Agreed);
            await client.SettleAsync();
            Assert.Equal(Agreed, client.Received);
            await play(client, peer[0]);
        });
    }
}
