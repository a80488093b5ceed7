using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Observing;

/// <summary>What is counted of requests is what clients and origins saw.</summary>
public sealed class RequestMetricsTests
{
    private const int Clients = 8;
    private const int Aborts = 10;

    private readonly MetricsRegistry _registry = new();
    private int _rounds;

    private int Each => Clients * _rounds;

    [Fact]
    public Task Counts_of_a_known_mix_add_up_over_two_workers() => PlayMixAsync(rounds: 100);

    [Fact]
    [Trait("Category", "Long")]
    public Task Counts_of_a_hundred_thousand_requests_add_up_over_two_workers() => PlayMixAsync(rounds: 2_500);

    private async Task PlayMixAsync(int rounds)
    {
        _rounds = rounds;
        await using var origin = TestOrigin.Start(OriginScripts.Ok("hello"));
        var phases = new PhaseBarrier();
        await using var slow = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WaitForCloseAsync();
            phases.Signal("given up");
        });
        using var dead = DeadEndPoint.Refusing();
        await using (var host = await StartAsync(
            [Upstream("app", origin.Address), Upstream("flaky", dead.Address, origin.Address), Upstream("dead", dead.Address), Upstream("slow", slow.Address)],
            [("/app", "app"), ("/flaky", "flaky"), ("/dead", "dead"), ("/slow", "slow")]))
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => PlayAsync(host)));
            await AbortAsync(host, slow, phases);
            await using var hostile = await host.ConnectAsync();
            await hostile.SendAsync("GET /\u0001 HTTP/1.1\r\nHost: app.test\r\n\r\n");
            Assert.Equal(400, (await hostile.ReadResponseAsync()).Status);
            await host.ShutDownAsync();
            await host.WhenStoppedAsync();
        }

        CheckRequests();
        CheckUpstreams(origin);
    }

    private void CheckRequests()
    {
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["app.test,GET,2xx"] = Each,
                ["app.test,POST,2xx"] = Each,
                ["app.test,GET,4xx"] = Each,
                ["app.test,GET,5xx"] = Each,
                ["app.test,GET,none"] = Aborts,
                ["none,HEAD,4xx"] = Each,
                ["none,other,4xx"] = 1,
            },
            Counts("securely_requests_total"));
        Assert.Equal(
            new Dictionary<string, long> { ["upstream,connect_refused"] = Each, ["downstream,connection_closed"] = Aborts, ["downstream,invalid_http_header"] = 1 },
            Counts("securely_errors_total"));
        Assert.Equal(new Dictionary<string, long> { ["app.test"] = Each * 4 }, Counts("securely_request_body_bytes_total"));
        Assert.Equal(new Dictionary<string, long> { ["app.test"] = 2 * Each * 5 }, Counts("securely_response_body_bytes_total"));
        Assert.Equal(0, ((Gauge)_registry.Find("securely_requests_in_flight")!.Series[0]).Value);
        Assert.Equal(Clients * (1 + _rounds) + Aborts + 1, ((CounterFamily)_registry.Find("securely_connections_accepted_total")!).Sum());
        Assert.Equal(4 * Each + Aborts, Durations("securely_request_duration_seconds", "app.test"));
    }

    private void CheckUpstreams(TestOrigin origin)
    {
        Assert.Equal(2L * Each, origin.Requests.Count);
        var connectFailures = Counts("securely_upstream_errors_total")["flaky,connect_refused"];
        Assert.InRange(connectFailures, 1, Each);
        Assert.Equal(
            new Dictionary<string, long> { ["app,2xx"] = Each, ["flaky,2xx"] = Each, ["flaky,none"] = connectFailures, ["dead,none"] = 2 * Each, ["slow,none"] = Aborts },
            Counts("securely_upstream_requests_total"));
        Assert.Equal(new Dictionary<string, long> { ["flaky,connect_refused"] = connectFailures, ["dead,connect_refused"] = 2 * Each }, Counts("securely_upstream_errors_total"));
        Assert.Equal(new Dictionary<string, long> { ["flaky"] = connectFailures, ["dead"] = Each }, Counts("securely_upstream_retries_total"));
        var connections = Counts("securely_upstream_connections_total");
        Assert.Equal(2L * Each + Aborts, connections.Values.Sum());
        Assert.Equal(origin.ConnectionCount, connections["app,new"] + connections.GetValueOrDefault("flaky,new"));
        Assert.Equal(Each + connectFailures, Durations("securely_upstream_request_duration_seconds", "flaky"));
    }

    [Fact]
    public async Task A_response_that_is_cut_is_counted_by_its_status_and_as_an_error()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        });
        await using (var host = await StartAsync([Upstream("app", origin.Address)], [("/app", "app")]))
        {
            await using var client = await host.ConnectAsync();
            await client.SendAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n");
            await client.ReadToEndAsync();
            await host.ShutDownAsync();
            await host.WhenStoppedAsync();
        }

        Assert.Equal(new Dictionary<string, long> { ["app.test,GET,2xx"] = 1 }, Counts("securely_requests_total"));
        Assert.Equal(new Dictionary<string, long> { ["app,2xx"] = 1 }, Counts("securely_upstream_requests_total"));
        Assert.Equal(new Dictionary<string, long> { ["upstream,premature_body_end"] = 1 }, Counts("securely_errors_total"));
    }

    [Fact]
    public async Task A_pooled_connection_is_a_hit_and_a_dead_one_a_retry()
    {
        var first = true;
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendOkAsync("one");
            await connection.ReadHeadAsync();
            if (first)
            {
                // Read, so that it was sent, and never answered.
                first = false;
                return;
            }

            await connection.SendOkAsync("two");
            await connection.WaitForCloseAsync();
        });
        await using (var host = await StartAsync([Upstream("app", origin.Address)], [("/app", "app")], threads: 1))
        {
            await using var client = await host.ConnectAsync();
            for (var i = 0; i < 3; i++)
                Assert.Equal(200, (await client.ExchangeAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
            await host.ShutDownAsync();
            await host.WhenStoppedAsync();
        }

        Assert.Equal(new Dictionary<string, long> { ["app,pool"] = 2, ["app,new"] = 2 }, Counts("securely_upstream_connections_total"));
        Assert.Equal(new Dictionary<string, long> { ["app"] = 1 }, Counts("securely_upstream_retries_total"));
        Assert.Equal(new Dictionary<string, long> { ["app,2xx"] = 3, ["app,none"] = 1 }, Counts("securely_upstream_requests_total"));
        Assert.Empty(Counts("securely_errors_total"));
    }

    [Fact]
    public async Task A_proxy_that_names_nothing_is_counted_all_the_same()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using (var host = await RunningHttp.StartAsync(new ProxyService<PlainContext>(new PlainProxy(new Securely.Http.HttpPeer(origin.EndPoint))), metrics: _registry))
        {
            await using var client = await host.ConnectAsync();
            await client.ExchangeAsync("PROPFIND /app HTTP/1.1\r\nHost: app.test\r\n\r\n");
            await host.ShutDownAsync();
            await host.WhenStoppedAsync();
        }

        Assert.Equal(new Dictionary<string, long> { ["none,other,2xx"] = 1 }, Counts("securely_requests_total"));
        Assert.Equal(new Dictionary<string, long> { ["none,2xx"] = 1 }, Counts("securely_upstream_requests_total"));
    }

    private static async Task AbortAsync(RunningHttp host, TestOrigin slow, PhaseBarrier phases)
    {
        for (var i = 0; i < Aborts; i++)
        {
            var client = await host.ConnectAsync();
            await client.SendAsync("GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n");
            await slow.WaitForRequestsAsync(i + 1);
            client.Reset();
            await phases.WaitAsync("given up", i + 1);
        }
    }

    private async Task PlayAsync(RunningHttp host)
    {
        await using var client = await host.ConnectAsync();
        for (var i = 0; i < _rounds; i++)
        {
            Assert.Equal(200, (await client.ExchangeAsync("GET /app HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
            Assert.Equal(200, (await client.ExchangeAsync("POST /flaky HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody")).Status);
            Assert.Equal(404, (await client.ExchangeAsync("GET /nothing HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
            Assert.Equal(404, (await client.ExchangeAsync("HEAD /app HTTP/1.1\r\nHost: other.test\r\n\r\n")).Status);
        }

        for (var i = 0; i < _rounds; i++)
        {
            // A failed upstream ends the client's connection, so these have one each.
            await using var own = await host.ConnectAsync();
            Assert.Equal(502, (await own.ExchangeAsync("GET /dead HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        }
    }

    private static UpstreamOptions Upstream(string name, params string[] servers) => new() { Name = name, Servers = [.. servers.Select(server => new BackendOptions(server))] };

    private async Task<RunningHttp> StartAsync(IReadOnlyList<UpstreamOptions> upstreams, IReadOnlyList<(string Path, string Upstream)> routes, int threads = 2)
    {
        var configuration = new ProxyConfiguration
        {
            Upstreams = upstreams,
            Sites = [new SiteOptions { Hosts = ["app.test", "*.app.test"], Routes = [.. routes.Select(route => new RouteOptions { Path = route.Path, Upstream = route.Upstream })] }],
        };
        var table = await ConfiguredProxy.BuildTableAsync(configuration, _registry, TestContext.Current.CancellationToken);
        return await RunningHttp.StartAsync(new ProxyService<RouteContext>(new ConfiguredProxy(table)), threads, metrics: _registry);
    }

    /// <summary>The counters of a family that have counted, by their label values.</summary>
    private Dictionary<string, long> Counts(string name) => _registry.Find(name)!.Series.Cast<Counter>()
        .Where(counter => counter.Value != 0)
        .ToDictionary(counter => string.Join(',', counter.LabelValues), counter => counter.Value);

    private long Durations(string name, string label) => _registry.Find(name)!.Series.Cast<Histogram>().Single(series => series.LabelValues[0] == label).Count;
}
