using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Network.Tests.Proxy.Http2;
using Securely.Proxy.LoadBalancing;
using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.LoadBalancing;

/// <summary>What a balancer asks its backends, and what their answers make of them (LB-07 to LB-10).</summary>
public sealed class HealthCheckTests
{
    private const string Call = ":method: POST | :scheme: http | :authority: 127.0.0.1:1 | :path: /grpc.health.v1.Health/Check"
        + " | content-type: application/grpc | te: trailers | user-agent: Securely-health-check";

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true)]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", false)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("nonsense\r\n\r\n", false)]
    public Task LB_09_a_backend_has_to_answer_a_GET_with_200(string answer, bool isHealthy) => PlayAsync(
        peer => new HttpHealthCheck { PeerOf = _ => peer.Peer, Path = "/up?deep=1" },
        PeerProtocol.H1,
        async (check, peer, health) =>
        {
            Assert.Equal("GET /up?deep=1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\nUser-Agent: Securely-health-check\r\n\r\n", peer[0].Received);
            await peer[0].SendAsync(answer);
            await check;
            Assert.Equal(isHealthy, health.IsHealthy);
        });

    [Fact]
    public Task LB_09_a_body_has_to_end() => PlayAsync(
        peer => new HttpHealthCheck { PeerOf = _ => peer.Peer, Host = "app.test" },
        PeerProtocol.H1,
        async (check, peer, health) =>
        {
            Assert.StartsWith("GET / HTTP/1.1\r\nHost: app.test\r\n", peer[0].Received, StringComparison.Ordinal);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
            peer[0].Close();
            await check;
            Assert.False(health.IsHealthy);
        });

    [Fact]
    public Task LB_09_a_backend_that_does_not_answer_in_time_is_not_healthy_and_its_connection_ends() => PlayAsync(
        peer => new HttpHealthCheck { PeerOf = _ => peer.Peer, Timeout = TimeSpan.FromSeconds(2) },
        PeerProtocol.H1,
        async (check, peer, health) =>
        {
            // One byte more in time does not buy more time.
            await peer[0].PassAsync(TimeSpan.FromMilliseconds(1900));
            await peer[0].SendAsync("H");
            Assert.False(check.IsCompleted);
            await peer[0].PassAsync(TimeSpan.FromMilliseconds(200));
            await check;
            await peer[0].SettleAsync();
            Assert.False(health.IsHealthy);
            Assert.True(peer[0].IsEnded);
        });

    [Fact]
    public async Task LB_08_a_backend_has_to_take_a_connection()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var taken = new BackendHealth();
            var peer = new LivePeer(stage.Time);
            await CheckAsync(stage, new TcpHealthCheck { PeerOf = _ => peer.Peer }, taken);
            await peer[0].SettleAsync();
            Assert.True(taken.IsHealthy);
            Assert.Equal(("", true), (peer[0].Received, peer[0].IsEnded));

            var refused = new HttpPeer(peer.Peer.Address)
            {
                Options = new PeerOptions { Connect = _ => throw new NetException(NetErrorKind.ConnectRefused, "nobody listens") },
            };
            await CheckAsync(stage, new TcpHealthCheck { PeerOf = _ => refused }, taken);
            Assert.False(taken.IsHealthy);
        });
        Assert.Contains("nobody listens", Assert.Single(stage.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\0\0\0\u0002\u0008\u0001", true)]
    [InlineData("\0\0\0\0\u0006\u0012\u0002xy\u0008\u0001", true)]
    [InlineData("\0\0\0\0\u0002\u0008\u0002", false)]
    [InlineData("\0\0\0\0\0", false)]
    [InlineData("\0\0\0\0\u0001\u0008", false)]
    [InlineData("\0\0\0\0\u0003\u0012\u0007x", false)]
    [InlineData("\u0001\0\0\0\u0002\u0008\u0001", false)]
    [InlineData("", false)]
    public Task Grpc_health_v1_the_service_has_to_serve(string message, bool isHealthy) => PlayAsync(
        peer => new GrpcHealthCheck { PeerOf = _ => peer.Peer, Service = "calls" },
        PeerProtocol.H2,
        async (check, peer, health) =>
        {
            var upstream = new Http2Upstream(peer[0]);
            Assert.Equal(["SETTINGS", $"HEADERS 1 {Call}", "DATA 1 END \0\0\0\0\u0007\n\u0005calls"], upstream.Take());
            await upstream.SendAsync(Settings(), Headers(1, ":status: 200\ncontent-type: application/grpc"), Data(1, message), Headers(1, "grpc-status: 0", true));
            await check;
            Assert.Equal(isHealthy, health.IsHealthy);
        });

    [Theory]
    [InlineData(":status: 200\ngrpc-status: 5\ngrpc-message: unknown service")]
    [InlineData(":status: 200")]
    [InlineData(":status: 404")]
    public Task Grpc_health_v1_a_call_that_fails_is_a_backend_that_does(string head) => PlayAsync(
        peer => new GrpcHealthCheck { PeerOf = _ => peer.Peer },
        PeerProtocol.H2,
        async (check, peer, health) =>
        {
            var upstream = new Http2Upstream(peer[0]);
            Assert.Equal("DATA 1 END \0\0\0\0\0", upstream.Take()[^1]);
            await upstream.SendAsync(Settings(), Headers(1, head, true));
            await check;
            Assert.False(health.IsHealthy);
        });

    [Fact]
    public void LB_10_so_many_results_in_a_row_make_a_backend_something_else()
    {
        var health = new BackendHealth();
        var changes = "--+---+-++-+++".Select(result => health.Report(result == '+', healthy: 2, unhealthy: 3) ? (health.IsHealthy ? 'H' : 'U') : '.');

        Assert.Equal(".....U...H....", string.Concat(changes));
    }

    [Fact]
    public async Task LB_05_only_healthy_backends_are_chosen_and_their_health_outlives_an_update()
    {
        var discovery = new ChangingDiscovery { Found = [Backend.Parse("10.0.0.1:80"), Backend.Parse("10.0.0.2:80")] };
        var balancer = new LoadBalancer(discovery, new RoundRobin());
        balancer.Backends.HealthOf(0).Report(false, 1, 1);

        Assert.Equal(["10.0.0.2:80"], Enumerable.Range(0, 4).Select(_ => balancer.Select(default)!.ToString()).Distinct());
        var offered = new List<(string, bool)>();
        Assert.Null(balancer.Select(default, 256, (backend, healthy) =>
        {
            offered.Add((backend.ToString(), healthy));
            return false;
        }));
        Assert.Equal([("10.0.0.1:80", false), ("10.0.0.2:80", true)], offered.Order());

        discovery.Found = [Backend.Parse("10.0.0.1:80", weight: 2), Backend.Parse("10.0.0.3:80")];
        await balancer.UpdateAsync(TestContext.Current.CancellationToken);
        Assert.Equal([false, true], [balancer.Backends.IsHealthy(0), balancer.Backends.IsHealthy(1)]);
        balancer.Backends.HealthOf(1).Report(false, 1, 1);
        Assert.Null(balancer.Select(default));
    }

    /// <summary>Plays a backend while it is checked.</summary>
    private static async Task PlayAsync(Func<LivePeer, HealthCheck> make, PeerProtocol protocol, Func<Task, LivePeer, BackendHealth, ValueTask> play)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var peer = new LivePeer(stage.Time, new PeerOptions { Protocol = protocol });
            var health = new BackendHealth();
            var check = CheckAsync(stage, make(peer), health).AsTask();
            await peer[0].SettleAsync();
            await play(check, peer, health);
        });
    }

    private static async ValueTask CheckAsync(Stage stage, HealthCheck check, BackendHealth health)
    {
        using var sockets = new ListenSockets();
        var context = new ServiceContext(stage.Workers, sockets, stage.Log, stage.Time, TimeSpan.Zero, () => { });
        await new HealthMonitor("app", check, context).CheckAsync(Backend.Parse("127.0.0.1:1"), health, TestContext.Current.CancellationToken);
    }

    private sealed class ChangingDiscovery : IServiceDiscovery
    {
        public IReadOnlyList<Backend> Found { get; set; } = [];

        public IReadOnlyList<Backend> Known => Found;

        public TimeSpan? Interval => null;

        public ValueTask<IReadOnlyList<Backend>> DiscoverAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Found);
    }
}
