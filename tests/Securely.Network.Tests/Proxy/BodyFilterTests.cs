using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>The phases that see the bodies, part by part, and what they may do with them.</summary>
public sealed class BodyFilterTests
{
    [Fact]
    public async Task A_filter_changes_the_request_and_whoever_changes_its_length_takes_the_length_away()
    {
        await using var stage = new Stage();
        List<string> parts = [];
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nHELLO!\r\n6\r\nWORLD!\r\n0\r\n\r\n").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            UpstreamRequest = (_, request) => request.Headers.Remove(HeaderName.ContentLength),
            RequestBody = (_, body, end, _) =>
            {
                var text = Encoding.Latin1.GetString(body.Span);
                parts.Add(text + (end ? "." : ""));
                return new(Encoding.Latin1.GetBytes(text.ToUpperInvariant() + "!"));
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n").Read("hello").Read("world").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
        Assert.Equal(["hello", "world."], parts);
    }

    [Theory]
    [InlineData("", "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")]
    [InlineData("given", "GET / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngiven\r\n0\r\n\r\n")]
    public async Task A_request_without_a_body_is_filtered_once_and_may_be_given_one(string given, string sent)
    {
        await using var stage = new Stage();
        var calls = 0;
        var peer = new MemoryPeer(() => new ReplayConnection().Write(sent).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            RequestBody = (_, body, end, _) =>
            {
                calls++;
                Assert.True(body.IsEmpty && end);
                return new(Encoding.Latin1.GetBytes(given));
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Both_filters_of_a_response_see_each_part_one_after_the_other()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab").Read("cd"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Response = (_, response) => response.Headers.Remove(HeaderName.ContentLength),
            UpstreamResponseBody = (body, end) => new BodyResult(Encoding.Latin1.GetBytes($"[{Encoding.Latin1.GetString(body.Span)}]")),
            ResponseBody = (body, end) => new BodyResult(Encoding.Latin1.GetBytes($"<{Encoding.Latin1.GetString(body.Span)}{(end ? "." : "")}>")),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get)
            .Write($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<[ab]>\r\n7\r\n<[cd].>\r\n0\r\n\r\n"));

        client.AssertFinished();
        Assert.Null(Assert.Single(proxy.Finished).Error);
    }

    [Fact]
    public async Task What_filters_hold_back_ends_nothing_and_comes_with_the_end()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nall\r\n0\r\n\r\n")
            .Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n").Read("1\r\nb\r\n").Read("0\r\n\r\n"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            RequestBody = (_, _, end, _) => new(end ? "all"u8.ToArray() : default),
            ResponseBody = (_, end) => new BodyResult(end ? "whole"u8.ToArray() : default),
        };

        var client = await stage.ProxyAsync(
            proxy,
            () => new ReplayConnection().Read("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n").Read("1\r\ny\r\n0\r\n\r\n")
                .Write($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n"),
            Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n")]
    public async Task A_response_that_must_not_have_a_body_gets_none_from_a_filter(string method, string response)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(response));
        var proxy = new FilteringProxy(peer.Peer) { ResponseBody = (_, _) => new BodyResult("smuggled"u8.ToArray()) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read($"{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n")
            .Write(response[..^2] + $"{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
        Assert.Null(client.AbortReason);
    }

    [Theory]
    [InlineData("too long", true)]
    [InlineData("x", false)]
    public async Task A_response_that_a_filter_makes_longer_than_announced_is_cut_and_a_shorter_one_is_broken_off(string body, bool isWhole)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { ResponseBody = (_, _) => new BodyResult(Encoding.Latin1.GetBytes(body)) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get + Script.Get), Script.Plain);

        if (isWhole)
        {
            Assert.Equal(Script.OkSent[..^2] + "to" + Script.OkSent[..^2] + "to", client.Written);
        }
        else
        {
            Assert.NotNull(client.AbortReason);
            Assert.Equal(ErrorKind.InternalError, Assert.Single(proxy.Finished).Error!.Kind);
        }
    }

    [Fact]
    public async Task A_request_that_a_filter_makes_shorter_than_announced_is_500_and_never_taken_for_whole()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer) { RequestBody = (_, body, _, _) => new(body[..1]) };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello");
            Assert.Equal(Script.ErrorPage(500, "Internal Server Error"), client.Received);
            Assert.True(peer[0].IsBroken);
        });

        Assert.Equal((500, ErrorSource.Internal), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error!.Source));
    }

    [Fact]
    public async Task A_delay_holds_back_its_part_and_nothing_before_it()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer)
        {
            UpstreamResponseBody = (body, _) => new BodyResult(body, TimeSpan.FromSeconds(2)),
            ResponseBody = (body, end) => new BodyResult(body, TimeSpan.FromSeconds(end ? 0 : 3)),
        };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            await client.SettleAsync();
            Assert.Equal(Script.OkSent[..^2].Replace("Content-Length: 2", "Content-Length: 4", StringComparison.Ordinal), client.Received);
            await client.PassAsync(TimeSpan.FromSeconds(4.9));
            Assert.EndsWith("\r\n\r\n", client.Received, StringComparison.Ordinal);
            await client.PassAsync(TimeSpan.FromSeconds(0.1));
            Assert.EndsWith("\r\n\r\nab", client.Received, StringComparison.Ordinal);
            await peer[0].SendAsync("cd");
            await client.PassAsync(TimeSpan.FromSeconds(2));
            Assert.EndsWith("\r\n\r\nabcd", client.Received, StringComparison.Ordinal);
        });

        Assert.Null(Assert.Single(proxy.Finished).Error);
    }

    [Fact]
    public async Task A_client_that_goes_ends_a_delay_and_the_upstream_at_once()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer) { ResponseBody = (body, _) => new BodyResult(body, TimeSpan.FromHours(1)) };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            client.Break();
            await client.SettleAsync();
            Assert.True(peer[0].IsBroken);
        });

        Assert.Equal((ErrorKind.ConnectionClosed, ErrorSource.Downstream), (Assert.Single(proxy.Finished).Error!.Kind, proxy.Finished[0].Error!.Source));
    }
}
