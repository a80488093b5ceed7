using System.Text;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>The phases before an upstream is asked: they see, change, read and answer the request.</summary>
public sealed class RequestFilterTests
{
    [Fact]
    public async Task What_the_filters_change_is_what_the_upstream_gets()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("PUT /inner?b=2 HTTP/1.1\r\nHost: inner.test\r\nX-Kept: yes\r\nX-Early: 1\r\nX-Request: 2\r\n\r\n").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Early = (session, _) =>
            {
                Assert.Equal("/outer?a=1", session.Request.TargetText);
                session.Request.Headers.Set("X-Early", "1");
                return default;
            },
            Request = (session, _) =>
            {
                Assert.Equal("1", session.Request.Headers.Get("X-Early"));
                session.Request.SetMethod("PUT");
                session.Request.SetTarget("/inner?b=2");
                session.Request.Headers.Set(HeaderName.Host, "inner.test");
                session.Request.Headers.Remove("X-Removed");
                session.Request.Headers.Set("X-Request", "2");
                return new(FilterResult.Continue);
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("GET /outer?a=1 HTTP/1.1\r\nHost: outer.test\r\nX-Removed: 1\r\nX-Kept: yes\r\n\r\n").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task An_answer_of_a_filter_asks_no_upstream_and_the_connection_lives_on()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Request = (session, _) => AnswerAsync(session, "no") };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello")
            .Write($"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\nno")
            .Read("HEAD /2 HTTP/1.1\r\nHost: a.test\r\n\r\n")
            .Write($"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
        Assert.Equal([("/1", 0, 403), ("/2", 0, 403)], proxy.Finished.Select(logged => (logged.Target, logged.Tries, logged.Status ?? 0)));
        Assert.All(proxy.Finished, logged => Assert.Null(logged.Error));
    }

    [Fact]
    public async Task A_request_inside_of_a_large_body_that_was_answered_early_never_runs()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Request = (session, _) => AnswerAsync(session, "no") };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read($"POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 200000\r\n\r\n{new string('x', 99_000)}GET /evil HTTP/1.1\r\nHost: a.test\r\n\r\n{new string('x', 101_000 - 38)}"));

        Assert.Equal($"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n{Stage.Date}Connection: close\r\n\r\nno", client.Written);
        Assert.Equal("/1", Assert.Single(proxy.Finished).Target);
    }

    [Fact]
    public async Task An_error_page_is_not_to_be_cached_and_ends_the_connection()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy
        {
            Request = async (session, _) =>
            {
                await session.RespondErrorAsync(429, "slow down"u8.ToArray(), "text/plain");
                return FilterResult.Responded;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get + Script.Get)
            .Write($"HTTP/1.1 429 Too Many Requests\r\nServer: Securely\r\nCache-Control: private, no-store\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n{Stage.Date}Connection: close\r\n\r\nslow down"));

        Assert.Equal(429, Assert.Single(proxy.Finished).Status);
        Assert.Contains("slow down", client.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_filter_that_answers_and_lets_the_request_go_on_has_answered_all_the_same(int filter)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy
        {
            Early = (session, _) => filter == 0 ? session.RespondAsync(403) : default,
            Request = async (session, _) =>
            {
                if (filter == 1)
                    await session.RespondAsync(403);
                return FilterResult.Continue;
            },
            ProxyUpstream = async session =>
            {
                if (filter == 2)
                    await session.RespondAsync(403);
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get)
            .Write($"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n{Stage.Date}Connection: keep-alive\r\n\r\n"));

        client.AssertFinished();
        Assert.Equal((0, 403), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Status));
        Assert.Null(proxy.Finished[0].Error);
    }

    [Fact]
    public async Task A_filter_that_says_it_has_answered_and_has_not_is_at_fault()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Request = (_, _) => new(FilterResult.Responded) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(500, "Internal Server Error")));

        client.AssertFinished();
        var logged = Assert.Single(proxy.Finished);
        Assert.Equal((0, 500), (logged.Tries, logged.Status));
        Assert.Equal((ErrorKind.InternalError, ErrorSource.Internal), (logged.Error!.Kind, logged.Error.Source));
        Assert.Contains("RequestFilterAsync", logged.Error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_that_is_declined_without_an_answer_is_502()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { ProxyUpstream = _ => new(FilterResult.Responded) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")));

        client.AssertFinished();
        Assert.Equal((0, 502), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Status));
    }

    [Fact]
    public async Task An_error_with_a_status_is_answered_with_it()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Request = (_, _) => throw new ProxyException(ProxyError.Status(401, "who are you?")) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(401, "Unauthorized")));

        client.AssertFinished();
        Assert.Equal((ErrorKind.HttpStatus, "who are you?"), (Assert.Single(proxy.Finished).Error!.Kind, proxy.Finished[0].Error!.Detail));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_while_a_filter_waits_cancels_the_wait_and_asks_no_upstream(bool halfClose)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stage.Time, token);
                return FilterResult.Continue;
            },
        };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy), async client =>
        {
            await client.SendAsync(Script.Get);
            Assert.Empty(proxy.Finished);
            if (halfClose)
                client.End();
            else
                client.Break();
            await client.SettleAsync();
            var logged = Assert.Single(proxy.Finished);
            Assert.Equal((ErrorKind.ConnectionClosed, ErrorSource.Downstream), (logged.Error!.Kind, logged.Error.Source));
            Assert.Null(logged.Status);
            Assert.Equal("", client.Received);
        });

        Assert.Equal(0, peer.Count);
    }

    [Fact]
    public async Task A_half_closed_client_is_served_where_the_session_says_so()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = (session, _) =>
            {
                session.AbortOnClose = false;
                return new(FilterResult.Continue);
            },
        };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            client.End();
            await client.SettleAsync();
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            Assert.Equal(Script.OkSent, client.Received);
        });

        Assert.Null(Assert.Single(proxy.Finished).Error);
    }

    [Fact]
    public async Task A_filter_that_throws_ends_its_request_alone()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var service = new MemoryProxy<PlainContext>(
            new FilteringProxy(peer.Peer)
            {
                Request = (session, _) => session.Request.PathText == "/bad" ? throw new InvalidOperationException("broken") : new(FilterResult.Continue),
            },
            Script.Plain);

        await stage.PlayAsync(service, async good =>
        {
            await good.SendAsync(Script.Get);
            await stage.PlayBesideAsync(service, async bad =>
            {
                await bad.SendAsync("GET /bad HTTP/1.1\r\nHost: a.test\r\n\r\n");
                Assert.Equal(Script.ErrorPage(500, "Internal Server Error"), bad.Received);
                Assert.True(bad.IsEnded);
            });
            await peer[0].SendAsync(Script.Ok);
            await good.SettleAsync();
            Assert.Equal(Script.OkSent, good.Received);
        });
    }

    private static async ValueTask<FilterResult> AnswerAsync(Session session, string body)
    {
        await session.RespondAsync(403, Encoding.Latin1.GetBytes(body));
        return FilterResult.Responded;
    }
}
