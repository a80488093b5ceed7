using System.Diagnostics;
using Securely.Network.Tests.Http;
using Securely.Network.Tests.Proxy.Logging;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Tracing;

/// <summary>Spans of configured sites, what the access log says of them, and what they cost whoever does not want them.</summary>
[Collection(TracingAlone.Name)]
public sealed class ConfiguredTracingTests
{
    private const int Rounds = 2_000;
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Parent = $"traceparent: 00-{Trace}-00f067aa0ba902b7-00\r\n";

    private static readonly AccessLogOptions Ids = new() { Path = "", Fields = ["path", "trace_id", "span_id"] };

    [Fact]
    public async Task A_span_names_site_route_and_upstream_and_the_log_names_the_span()
    {
        using var spans = new SpanRecorder();
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await LoggedProxy.StartAsync(origin.Address, Ids);
        await proxy.SendAsync("GET /app/x HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var lines = await proxy.EndAsync();

        var (server, clients) = spans.One();
        Assert.Equal("GET /app/*", server.DisplayName);
        Assert.Equal(("/app/*", "sites[0].routes[1]", "app.test"), (server.GetTagItem("http.route"), server.GetTagItem("securely.route"), server.GetTagItem("securely.site")));
        Assert.Equal(("app", origin.Address), (clients[0].GetTagItem("securely.upstream"), $"{clients[0].GetTagItem("network.peer.address")}:{clients[0].GetTagItem("network.peer.port")}"));
        Assert.Equal($"{{\"path\":\"/app/x\",\"trace_id\":\"{server.TraceId}\",\"span_id\":\"{server.SpanId}\"}}", Assert.Single(lines));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_log_names_the_trace_of_a_request_that_is_not_recorded(bool listens)
    {
        using var spans = listens ? new SpanRecorder((ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None) : null;
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var proxy = await LoggedProxy.StartAsync(origin.Address, Ids);
        await proxy.SendAsync($"GET /app/1 HTTP/1.1\r\nHost: app.test\r\n{Parent}\r\n");
        await proxy.SendAsync("GET /app/2 HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var lines = await proxy.EndAsync();

        Assert.Equal($"{{\"path\":\"/app/1\",\"trace_id\":\"{Trace}\",\"span_id\":null}}", lines[0]);
        Assert.Matches(listens ? "^{\"path\":\"/app/2\",\"trace_id\":\"[0-9a-f]{32}\",\"span_id\":null}$" : "^{\"path\":\"/app/2\",\"trace_id\":null,\"span_id\":null}$", lines[1]);
    }

    [Fact]
    public async Task A_request_that_is_not_traced_allocates_nothing_for_it()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("hello"));
        var off = await MeasureAsync(origin, "");
        var passedOn = await MeasureAsync(origin, Parent);
        long unsampled;
        using (new SpanRecorder((ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.None))
            unsampled = await MeasureAsync(origin, "");
        // The measuring itself costs a few bytes; no object is so small that each request could make one.
        Assert.InRange(passedOn - off, -Rounds * 10, Rounds * 10);
        // Of a trace that is not chosen nothing is made; asking a listener costs the framework itself 48 bytes.
        Assert.InRange(unsampled - off, -Rounds * 10, Rounds * (48 + 10));
    }

    private static async Task<long> MeasureAsync(TestOrigin origin, string fields)
    {
        var table = await ConfiguredProxy.BuildTableAsync(
            new ProxyConfiguration
            {
                Upstreams = [new UpstreamOptions { Name = "app", Servers = [new BackendOptions(origin.Address)] }],
                Sites = [new SiteOptions { Hosts = ["*"], Routes = [new RouteOptions { Upstream = "app" }] }],
            },
            TestContext.Current.CancellationToken);
        await using var host = await RunningHttp.StartAsync(new ProxyService<RouteContext>(new ConfiguredProxy(table)));
        await using var client = await host.ConnectAsync();
        await PlayAsync(500);
        var before = await AllocatedAsync();
        await PlayAsync(Rounds);
        return await AllocatedAsync() - before;

        async Task PlayAsync(int requests)
        {
            for (var i = 0; i < requests; i++)
                await client.ExchangeAsync($"GET /app/x HTTP/1.1\r\nHost: app.test\r\nUser-Agent: test\r\n{fields}\r\n");
        }

        Task<long> AllocatedAsync() => host.Worker.RunAsync(() => new ValueTask<long>(GC.GetAllocatedBytesForCurrentThread()));
    }
}
