using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Observing;

public sealed class ObservedAllocationTests
{
    private const int Rounds = 2_000;

    [Fact]
    public async Task Counting_and_logging_a_forwarded_request_allocates_nothing_on_its_worker()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("hello"));
        using var directory = new TemporaryDirectory();
        using var log = new AccessLog(new AccessLogOptions { Path = directory.File("access.log"), RedactedQuery = ["token"] });
        var plain = await MeasureAsync(origin, null, null);
        var observed = await MeasureAsync(origin, new MetricsRegistry(), log);
        // The measuring itself and waking the writer from its sleep cost a few bytes; no object is so small that each request could make one.
        Assert.InRange(observed - plain, -Rounds * 10, Rounds * 10);
        await log.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Rounds + 500, log.Lines);
    }

    private static async Task<long> MeasureAsync(TestOrigin origin, MetricsRegistry? metrics, AccessLog? log)
    {
        var table = await ConfiguredProxy.BuildTableAsync(
            new ProxyConfiguration
            {
                Upstreams = [new UpstreamOptions { Name = "app", Servers = [new BackendOptions(origin.Address)] }],
                Sites = [new SiteOptions { Hosts = ["*"], Routes = [new RouteOptions { Upstream = "app" }] }],
            },
            metrics,
            TestContext.Current.CancellationToken);
        await using var host = await RunningHttp.StartAsync(new ProxyService<RouteContext>(new ConfiguredProxy(table), new ProxyServiceOptions { AccessLog = log }), metrics: metrics);
        await using var client = await host.ConnectAsync();
        await PlayAsync(500);
        var before = await AllocatedAsync();
        await PlayAsync(Rounds);
        return await AllocatedAsync() - before;

        async Task PlayAsync(int requests)
        {
            for (var i = 0; i < requests; i++)
                await client.ExchangeAsync("GET /app/x?a=b&token=1 HTTP/1.1\r\nHost: app.test\r\nUser-Agent: test\r\n\r\n");
        }

        Task<long> AllocatedAsync() => host.Worker.RunAsync(() => new ValueTask<long>(GC.GetAllocatedBytesForCurrentThread()));
    }
}
