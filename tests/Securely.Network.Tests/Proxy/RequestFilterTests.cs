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
            .Read($"POST /1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 200000\r\n\r\n{new string('x', 99_000)}GET /evil HTTP/1.1\r\nHost: a.test\r\n\r\n{new string('x', 101_000 - 38)}")
            .Write($"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n{Stage.Date}Connection: close\r\n\r\nno"));

        client.AssertFinished();
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
    [InlineData("Content-Length: 10\r\n", "helloworld")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n")]
    public async Task A_body_that_a_filter_has_read_still_reaches_the_upstream(string framing, string body)
    {
        await using var stage = new Stage();
        var sent = framing.StartsWith('C') ? body : "a\r\nhelloworld\r\n0\r\n\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\n{framing}\r\n{sent}").Read(Script.Ok));
        var read = new StringBuilder();
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                BodyChunk chunk;
                do
                {
                    chunk = await session.ReadBodyAsync();
                    read.Append(Encoding.Latin1.GetString(chunk.Data.Span));
                }
                while (!chunk.IsEnd);
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read($"POST / HTTP/1.1\r\nHost: a.test\r\n{framing}\r\n{body}").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal("helloworld", read.ToString());
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task A_filter_may_read_the_beginning_of_a_body_and_the_rest_follows_as_it_comes()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhelloworld").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                Assert.Equal("hello"u8.ToArray(), (await session.ReadBodyAsync()).Data.ToArray());
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n").Read("hello").Read("world").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Theory]
    [InlineData(RetryBuffer.Size, 200)]
    [InlineData(RetryBuffer.Size + 1, 413)]
    public async Task A_filter_may_read_as_much_of_a_body_as_is_kept(int length, int status)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                while (!(await session.ReadBodyAsync()).IsEnd)
                {
                    // Until all of it is here.
                }

                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}"), Script.Plain);

        Assert.StartsWith($"HTTP/1.1 {status} ", client.Written, StringComparison.Ordinal);
        Assert.Equal(status, Assert.Single(proxy.Finished).Status);
        Assert.Equal(status == 200 ? 1 : 0, peer.Connections.Count);
        Assert.Equal(status == 200 ? null : ErrorKind.HttpStatus, proxy.Finished[0].Error?.Kind);
    }

    [Fact]
    public async Task A_filter_that_reads_the_body_asks_a_waiting_client_for_it_and_the_upstreams_100_is_not_sent_again()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi").Read("HTTP/1.1 100 Continue\r\n\r\n" + Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                Assert.True((await session.ReadBodyAsync()).IsEnd);
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n").Write("HTTP/1.1 100 Continue\r\n\r\n").Read("hi").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task Hop_by_hop_fields_are_gone_before_the_filters_and_what_filters_add_cannot_be_nominated_away()
    {
        await using var stage = new Stage();
        string? seen = null;
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("GET / HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\nX-User: me\r\nConnection: TE\r\n\r\n")
            .Read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Inner, X-Response\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n\r\nok"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Early = (session, _) =>
            {
                seen = session.Request.Headers.ToString();
                session.Request.Headers.Set("X-User", "me");
                return default;
            },
            UpstreamResponse = (_, response) =>
            {
                Assert.Null(response.Headers.Get("X-Inner"));
                response.Headers.Set("X-Response", "mine");
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-User, X-Hop, TE\r\nX-Hop: 1\r\nX-User: root\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy-Authorization: x\r\nTE: gzip, trailers\r\nTrailer: X\r\nUpgrade: x\r\n\r\n")
            .Write($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Response: mine\r\n{Stage.Date}Connection: close\r\n\r\nok"), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
        Assert.Equal("Host: a.test\r\nTE: trailers\r\n", seen);
    }

    [Fact]
    public async Task Fields_that_decide_where_a_request_goes_cannot_be_nominated()
    {
        await using var stage = new Stage();
        const string Fields = "Authorization: me\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Port: 81\r\nX-Forwarded-Of-Ours: 1\r\nContent-Length: 2\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\n{Fields}\r\nhi").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nConnection: Host, Content-Length, AUTHORIZATION, Forwarded, X-Forwarded-For, x-forwarded-port, X-Forwarded-Of-Ours\r\n{Fields}\r\nhi")
            .Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
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
