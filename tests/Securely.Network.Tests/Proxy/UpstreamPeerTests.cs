using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>The choice of the upstream, and the dialling.</summary>
public sealed class UpstreamPeerTests
{
    [Fact]
    public async Task Every_try_asks_for_a_peer_and_the_number_of_the_try_is_known()
    {
        await using var stage = new Stage();
        List<int> tries = [];
        var good = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok));
        var proxy = new FilteringProxy
        {
            Peer = (session, _) =>
            {
                tries.Add(session.Tries);
                return new(session.Tries < 3 ? Refusing() : good.Peer);
            },
            ConnectFailed = error => error.Retry = RetryKind.Always,
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal([1, 2, 3], tries);
        Assert.Equal((3, 200), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Status));
        Assert.Null(proxy.Finished[0].Error);
    }

    [Theory]
    [InlineData(ErrorSource.Upstream, null, 502, "Bad Gateway")]
    [InlineData(ErrorSource.Internal, null, 500, "Internal Server Error")]
    [InlineData(ErrorSource.Upstream, 503, 503, "Service Unavailable")]
    public async Task An_error_of_the_choice_is_answered_and_not_tried_again(ErrorSource source, int? says, int status, string reason)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy
        {
            Peer = (_, _) => throw new ProxyException(new ProxyError(ErrorKind.NoUpstream, source, "nobody is there") { StatusCode = says }),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(status, reason)));

        client.AssertFinished();
        var logged = Assert.Single(proxy.Finished);
        Assert.Equal((1, status, ErrorKind.NoUpstream), (logged.Tries, logged.Status, logged.Error!.Kind));
    }

    [Fact]
    public async Task An_error_of_the_choice_that_is_marked_is_tried_again()
    {
        await using var stage = new Stage();
        var good = new MemoryPeer(() => new ReplayConnection().Read(Script.Ok));
        var proxy = new FilteringProxy
        {
            Peer = (session, _) => session.Tries == 1
                ? throw new ProxyException(new ProxyError(ErrorKind.NoUpstream, ErrorSource.Upstream) { Retry = RetryKind.Always })
                : new(good.Peer),
        };

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get));

        Assert.Equal((2, 200), (Assert.Single(proxy.Finished).Tries, proxy.Finished[0].Status));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_choice_that_throws_or_chooses_nothing_is_500(bool nothing)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Peer = (_, _) => nothing ? new((HttpPeer)null!) : throw new InvalidOperationException("broken") };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(500, "Internal Server Error")));

        client.AssertFinished();
        var error = Assert.Single(proxy.Finished).Error!;
        Assert.Equal((ErrorKind.InternalError, ErrorSource.Internal), (error.Kind, error.Source));
        Assert.Contains(nothing ? "UpstreamPeerAsync" : "broken", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_goes_cancels_the_choice_also_where_nothing_else_is_overridden()
    {
        await using var stage = new Stage();
        var proxy = new WaitingProxy(stage.Time);
        Assert.Equal(ProxyPhases.None, OverriddenPhases.Of(proxy));

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy), async client =>
        {
            await client.SendAsync(Script.Get);
            Assert.False(proxy.IsCancelled);
            client.Break();
            await client.SettleAsync();
            Assert.True(proxy.IsCancelled);
        });
    }

    [Fact]
    public async Task A_token_of_the_last_request_does_not_cancel_the_next_one()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        List<CancellationToken> tokens = [];
        var proxy = new FilteringProxy
        {
            Peer = (_, token) =>
            {
                tokens.Add(token);
                return new(peer.Peer);
            },
        };
        var service = new MemoryProxy<PlainContext>(proxy, Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync(Script.Get);
            client.Break();
            await client.SettleAsync();
            Assert.True(tokens[0].IsCancellationRequested);
            await stage.PlayBesideAsync(service, async next =>
            {
                await next.SendAsync(Script.Get);
                Assert.False(tokens[1].IsCancellationRequested);
                await peer[1].SendAsync(Script.Ok);
                await next.SettleAsync();
                Assert.Equal(Script.OkSent, next.Received);
            });
        });

        Assert.Equal([499, 200], proxy.Finished.Select(logged => logged.Status ?? 499));
    }

    [Fact]
    public async Task A_client_that_goes_does_not_wait_for_the_dialling()
    {
        await using var stage = new Stage();
        var dialled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = new LivePeer(stage.Time, dialled: dialled.Task);
        var proxy = new FilteringProxy(peer.Peer);
        var service = new MemoryProxy<PlainContext>(proxy, Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync(Script.Get);
            Assert.Equal(1, peer.Count);
            client.Break();
            await client.SettleAsync();
            var logged = Assert.Single(proxy.Finished);
            Assert.Equal((1, ErrorKind.ConnectionClosed, ErrorSource.Downstream), (logged.Tries, logged.Error!.Kind, logged.Error.Source));
            // What comes too late is for the next request.
            Assert.Equal(0, service.Connector!.IdleCount);
            dialled.SetResult();
            await peer[0].SettleAsync();
            Assert.Equal(1, service.Connector!.IdleCount);
            await stage.PlayBesideAsync(service, async next =>
            {
                await next.SendAsync(Script.Get);
                Assert.Equal(Script.Get, peer[0].Received);
            });
        });
    }

    [Fact]
    public async Task Peers_of_different_groups_share_no_connection()
    {
        await using var stage = new Stage();
        var connections = 0;
        PeerOptions options = new()
        {
            Connect = _ => new(connections++ == 0
                ? new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Read(Script.Ok)
                : new ReplayConnection().Write(Script.Get).Read(Script.Ok)),
        };
        HttpPeer[] peers = [.. new ulong[] { 1, 2, 1 }.Select(group => new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1)) { GroupKey = group, Options = options })];
        var requests = 0;
        var proxy = new FilteringProxy { Peer = (_, _) => new(peers[requests++]) };

        var client = await stage.ProxyAsync(
            proxy,
            () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.OkSent),
            Script.Plain);

        client.AssertFinished();
        Assert.Equal(2, connections);
    }

    [Theory]
    [InlineData("GET / HTTP/1.0\r\nHost: a.test\r\n\r\n", "close")]
    [InlineData("GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n", "keep-alive")]
    public async Task An_HTTP_1_0_client_does_not_lower_the_upstreams_version_nor_end_its_connection(string request, string connection)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Read(Script.Ok));
        var service = new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain);

        var client = await stage.ServeAsync(
            service,
            () => new ReplayConnection().Read(request).Write($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n{Stage.Date}Connection: {connection}\r\n\r\nok"));

        client.AssertFinished();
        Assert.Equal(1, service.Connector!.IdleCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_clients_connection_survives_a_failure_only_before_a_peer_was_chosen(bool chosen)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(Refusing())
        {
            Request = (_, _) => chosen ? new(FilterResult.Continue) : throw new InvalidOperationException("broken"),
            Fail = async (session, _) =>
            {
                await session.RespondAsync(500);
                return new FailToProxy(500, CanReuseDownstream: true);
            },
        };
        var answer = $"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n{Stage.Date}Connection: {(chosen ? "close" : "keep-alive")}\r\n\r\n";

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get + Script.Get));

        Assert.Equal(chosen ? 1 : 2, proxy.Finished.Count);
        Assert.Equal(chosen ? answer : answer + answer, client.Written);
    }

    [Theory]
    [InlineData("ConnectedToUpstream")]
    [InlineData("UpstreamRequestFilter")]
    public async Task A_connection_on_which_nothing_was_sent_stays_in_the_pool(string phase)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(Script.Get).Read(Script.Ok));
        var fail = false;
        var proxy = new FilteringProxy(peer.Peer)
        {
            Connected = (_, _) => fail && phase == "ConnectedToUpstream" ? throw new InvalidOperationException("broken") : default,
            UpstreamRequest = (_, _) =>
            {
                if (fail && phase == "UpstreamRequestFilter")
                    throw new InvalidOperationException("broken");
            },
        };
        var service = new MemoryProxy<PlainContext>(proxy, Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync(Script.Get);
            fail = true;
            await client.SendAsync(Script.Get);
            Assert.Equal(Script.OkSent + Script.ErrorPage(500, "Internal Server Error"), client.Received);
            fail = false;
            await stage.PlayBesideAsync(service, async next =>
            {
                await next.SendAsync(Script.Get);
                Assert.Equal(Script.OkSent, next.Received);
            });
        });

        Assert.Single(peer.Connections).AssertFinished();
    }

    private static HttpPeer Refusing() => new(new IPEndPoint(IPAddress.Loopback, 1))
    {
        Options = new PeerOptions { Connect = _ => throw new NetException(NetErrorKind.ConnectRefused, "Peer [script] refused the connection") },
    };

    private sealed class WaitingProxy(ManualTimeProvider time) : HttpProxy<PlainContext>
    {
        public bool IsCancelled { get; private set; }

        public override PlainContext NewContext() => new();

        public override async ValueTask<HttpPeer> UpstreamPeerAsync(Session session, PlainContext context, CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }
            finally
            {
                IsCancelled = true;
            }

            throw new InvalidOperationException("never here");
        }
    }
}
