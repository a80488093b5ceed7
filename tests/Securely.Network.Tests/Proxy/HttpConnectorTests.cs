using System.Net;
using System.Net.Sockets;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Where connections to upstreams come from, and which of them live on (CON-06, POOL-01 to POOL-03, H1C-04).</summary>
public sealed class HttpConnectorTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";

    [Theory]
    [InlineData(Ok + "\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true)]
    [InlineData(Ok + "Keep-Alive: timeout=5\r\n\r\n", true)]
    [InlineData(Ok + "Connection: close\r\n\r\n", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false)]
    [InlineData(Ok + "Keep-Alive: timeout=0\r\n\r\n", false)]
    [InlineData(Ok + "\r\nstray", false)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", false)]
    public async Task A_connection_lives_on_only_between_two_whole_messages(string response, bool reusable)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var other = new LivePeer(stage.Time).Peer;
            var end = new MemoryPeer(() => new ReplayConnection().Read(response).Silence());
            var session = await connector.ConnectAsync(end.Peer, onlyNew: false);
            Assert.False(session.IsReused);
            session.WriteHeader(new RequestHeader("GET", "/"), hasBody: false);
            await session.FlushAsync();
            await session.ReadHeaderAsync();
            if (session.HasMoreBody)
                session.TryReadBody(out _);
            connector.Release(session, end.Peer);
            Assert.Equal(reusable ? 1 : 0, connector.IdleCount);
            Assert.Equal(!reusable, end.Connections[0].IsClosed);
            Assert.Null(connector.TryTake(other, probe: false));
            Assert.Equal(reusable, connector.TryTake(end.Peer, probe: false) is { IsReused: true });
            Assert.Equal(0, connector.IdleCount);
        });
    }

    [Fact]
    public async Task A_connection_on_which_nothing_was_sent_is_as_good_as_before()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var end = new MemoryPeer(() => new ReplayConnection().Write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").Read(Ok + "\r\n").Silence());
            var session = await connector.ConnectAsync(end.Peer, onlyNew: false);
            session.WriteHeader(new RequestHeader("POST", "/never-sent"), hasBody: true);
            connector.Release(session, end.Peer);
            session = connector.TryTake(end.Peer, probe: true)!;
            session.WriteHeader(new RequestHeader("GET", "/"), hasBody: false);
            await session.FlushAsync();
            await session.ReadHeaderAsync();
            end.Connections[0].AssertFinished();
        });
    }

    [Fact]
    public async Task An_idle_connection_that_ends_or_speaks_leaves_the_pool()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            foreach (var end in new Func<LiveClient, ValueTask>[] { EndAsync, BreakAsync, live => live.SendAsync("HTTP/1.1 408 Request Timeout\r\n\r\n") })
            {
                await AddIdleAsync(connector, peer);
                Assert.Equal(1, connector.IdleCount);
                var last = peer[peer.Count - 1];
                await end(last);
                Assert.Equal(0, connector.IdleCount);
                Assert.True(last.IsEnded || end == BreakAsync);
                Assert.Null(connector.TryTake(peer.Peer, probe: true));
            }
        });

        static async ValueTask EndAsync(LiveClient live)
        {
            live.End();
            await live.SettleAsync();
        }

        static async ValueTask BreakAsync(LiveClient live)
        {
            live.Break();
            await live.SettleAsync();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_probe_finds_a_dead_connection_that_nobody_was_told_of(bool probe)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            await AddIdleAsync(connector, peer);
            await AddIdleAsync(connector, peer, onlyNew: true);
            Assert.Equal(2, connector.IdleCount);
            // The watcher is told later, in a turn of its own.
            peer[1].End();
            var session = connector.TryTake(peer.Peer, probe);
            Assert.NotNull(session);
            Assert.Equal(probe, session.Connection.IsQuiet(probe: true));
            Assert.Equal(probe ? 0 : 1, connector.IdleCount);
        });
    }

    [Theory]
    [InlineData(null, null, 3600, true)]
    [InlineData(5, null, 4.9, true)]
    [InlineData(5, null, 5.1, false)]
    [InlineData(5, "timeout=60", 5.1, false)]
    [InlineData(60, "timeout=5", 3.9, true)]
    [InlineData(60, "timeout=5", 4.1, false)]
    [InlineData(null, "timeout=5, max=100", 4.1, false)]
    public async Task An_idle_connection_waits_as_long_as_both_sides_allow(int? option, string? promise, double seconds, bool waits)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time, new PeerOptions { IdleTimeout = option is { } limit ? TimeSpan.FromSeconds(limit) : null });
            await AddIdleAsync(connector, peer, promise is null ? "" : $"Keep-Alive: {promise}\r\n");
            await peer[0].PassAsync(TimeSpan.FromSeconds(seconds));
            Assert.Equal(waits ? 1 : 0, connector.IdleCount);
            Assert.Equal(!waits, peer[0].IsEnded);
        });
    }

    [Theory]
    [InlineData(0, 128)]
    [InlineData(null, 0)]
    public async Task Pooling_can_be_switched_off(int? idle, int size)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers, new HttpConnectorOptions { PoolSize = size });
            var peer = new LivePeer(stage.Time, new PeerOptions { IdleTimeout = idle is { } limit ? TimeSpan.FromSeconds(limit) : null });
            await AddIdleAsync(connector, peer);
            Assert.Equal(0, connector.IdleCount);
            Assert.True(peer[0].IsEnded);
        });
    }

    [Fact]
    public async Task Only_new_means_only_new()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            await AddIdleAsync(connector, peer);
            var session = await connector.ConnectAsync(peer.Peer, onlyNew: true);
            Assert.False(session.IsReused);
            Assert.Equal((2, 1), (peer.Count, connector.IdleCount));
        });
    }

    [Fact]
    public async Task A_connection_that_another_worker_has_to_spare_is_taken_before_one_is_dialled()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var workers = new Net.TestWorkers(threads: 2);
        var connector = new HttpConnector(workers.Group);
        var peer = new HttpPeer(origin.EndPoint);
        await workers.RunAsync(() => ExchangeAsync(connector, peer));
        Assert.Equal(1, connector.IdleCount);
        var spare = await workers.RunAsync(
            async () =>
            {
                ClientSession session;
                do
                {
                    // What is too fresh is not to spare: its own worker will want it again.
                    session = await connector.ConnectAsync(peer, onlyNew: false);
                    if (!session.IsReused)
                        session.Connection.Close();
                }
                while (!session.IsReused);
                Assert.Same(workers[1], session.Connection.Worker);
                return session;
            },
            worker: 1);
        Assert.Equal(0, connector.IdleCount);
        await workers.RunAsync(() => ExchangeAsync(connector, peer, spare), worker: 1);
        Assert.Equal(1, connector.IdleCount);
    }

    [Fact]
    public async Task A_refused_dial_says_so()
    {
        using var refusing = DeadEndPoint.Refusing();
        await using var workers = new Net.TestWorkers();
        var connector = new HttpConnector(workers.Group);
        var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connector.ConnectAsync(new HttpPeer(refusing.EndPoint), onlyNew: false)));
        Assert.Equal((NetErrorKind.ConnectRefused, ErrorSource.Upstream), (error.Kind, error.Origin));
        Assert.Contains($"[{refusing.EndPoint}]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, null)]
    [InlineData(null, 5)]
    [InlineData(60, 5)]
    public async Task Making_a_connection_of_ones_own_is_bounded_too_and_a_late_one_is_closed(int? step, int? total)
    {
        await using var stage = new Stage();
        var dialled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = new LivePeer(
            stage.Time,
            new PeerOptions { ConnectionTimeout = Seconds(step), TotalConnectionTimeout = Seconds(total) },
            dialled: dialled.Task);
        await stage.RunAsync(async () =>
        {
            var connecting = new HttpConnector(stage.Workers).ConnectAsync(peer.Peer, onlyNew: false).AsTask();
            await peer[0].PassAsync(TimeSpan.FromSeconds(4.9));
            Assert.False(connecting.IsCompleted);
            stage.Time.Advance(TimeSpan.FromSeconds(0.2));
            var error = await Assert.ThrowsAsync<NetException>(() => connecting);
            Assert.Equal(NetErrorKind.ConnectTimedOut, error.Kind);
            Assert.False(peer[0].IsEnded);
            dialled.SetResult();
            await peer[0].SettleAsync();
            Assert.True(peer[0].IsEnded);
        });

        static TimeSpan? Seconds(int? seconds) => seconds is { } given ? TimeSpan.FromSeconds(given) : null;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_goes_wrong_in_making_a_connection_of_ones_own_is_a_failed_connect(bool socket)
    {
        await using var stage = new Stage();
        var peer = new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))
        {
            Options = new PeerOptions { Connect = _ => throw (socket ? new SocketException(111) : new IOException("no such pipe")) },
        };
        await stage.RunAsync(async () =>
        {
            var error = await Assert.ThrowsAsync<NetException>(async () => await new HttpConnector(stage.Workers).ConnectAsync(peer, onlyNew: false));
            Assert.Equal((NetErrorKind.ConnectError, ErrorSource.Upstream), (error.Kind, error.Origin));
            Assert.Contains("[127.0.0.1:1]", error.Message, StringComparison.Ordinal);
            Assert.NotNull(error.InnerException);
        });
    }

    [Fact]
    public async Task The_pool_belongs_to_its_workers()
    {
        await using var stage = new Stage();
        var connector = new HttpConnector(stage.Workers);
        Assert.Throws<InvalidOperationException>(() => connector.TryTake(new LivePeer(stage.Time).Peer, probe: false));
    }

    private static ValueTask AddIdleAsync(HttpConnector connector, LivePeer peer, bool onlyNew) => AddIdleAsync(connector, peer, "", onlyNew);

    /// <summary>Makes a connection serve a request and returns it.</summary>
    private static async ValueTask AddIdleAsync(HttpConnector connector, LivePeer peer, string fields = "", bool onlyNew = false)
    {
        var session = await connector.ConnectAsync(peer.Peer, onlyNew);
        session.WriteHeader(new RequestHeader("GET", "/"), hasBody: false);
        await session.FlushAsync();
        await peer[peer.Count - 1].SendAsync(Ok + fields + "\r\n");
        await session.ReadHeaderAsync();
        connector.Release(session, peer.Peer);
    }

    private static async ValueTask ExchangeAsync(HttpConnector connector, HttpPeer peer, ClientSession? session = null)
    {
        session ??= await connector.ConnectAsync(peer, onlyNew: false);
        session.WriteHeader(new RequestHeader("GET", "/"), hasBody: false);
        await session.FlushAsync();
        await session.ReadHeaderAsync();
        while (session.HasMoreBody)
            await session.ReadBodyAsync();
        connector.Release(session, peer);
    }
}
