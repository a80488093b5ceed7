using Securely.Http;
using Securely.Net;

namespace Securely.Network.Tests.Http.Services;

public sealed class MetricsHandlerTests
{
    private const string OpenType = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private const string TextType = "text/plain; version=0.0.4; charset=utf-8";

    [Theory]
    [InlineData(null, TextType)]
    [InlineData("*/*", TextType)]
    [InlineData("text/plain", TextType)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenType)]
    [InlineData("application/openmetrics-text", OpenType)]
    [InlineData("APPLICATION/OpenMetrics-Text ; Q=0.2 , text/plain; q=0.2", OpenType)]
    [InlineData("application/openmetrics-text;q=0.1, text/plain", TextType)]
    [InlineData("application/openmetrics-text;q=0", TextType)]
    [InlineData("application/openmetrics-text;q=x", TextType)]
    public async Task Answers_in_the_format_that_is_preferred(string? accept, string type)
    {
        var registry = new MetricsRegistry();
        registry.Counter(new MetricDefinition("test_events_total", "Events.")).With().Add(3);
        await using var host = await RunningHttp.StartAsync(new HttpService("metrics", new MetricsHandler(registry)));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync($"GET /metrics HTTP/1.1\r\nHost: a\r\n{(accept is null ? "" : $"Accept: {accept}\r\n")}\r\n");
        Assert.Equal(200, response.Status);
        Assert.Equal(type, response.Header("Content-Type"));
        Assert.Contains("test_events_total 3\n", response.BodyText, StringComparison.Ordinal);
        Assert.Equal(type == OpenType, response.BodyText.EndsWith("# EOF\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tells_health_and_readiness_and_nothing_else()
    {
        var isReady = false;
        await using var host = await RunningHttp.StartAsync(new HttpService("metrics", new MetricsHandler(new MetricsRegistry(), () => isReady)));
        await using var client = await host.ConnectAsync();

        Assert.Equal((200, "ok\n"), await GetAsync("/healthz"));
        Assert.Equal((503, "not ready\n"), await GetAsync("/readyz?verbose"));
        isReady = true;
        Assert.Equal((200, "ready\n"), await GetAsync("/readyz"));
        Assert.Equal((404, "Ask for /metrics, /healthz or /readyz\n"), await GetAsync("/metric"));
        var head = await client.ExchangeAsync("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal((200, TextType), (head.Status, head.Header("Content-Type")));
        var post = await client.ExchangeAsync("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal((405, "GET, HEAD"), (post.Status, post.Header("Allow")));

        async Task<(int Status, string Body)> GetAsync(string path)
        {
            var response = await client.ExchangeAsync($"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            return (response.Status, response.BodyText);
        }
    }

    [Fact]
    public async Task A_reader_that_is_slow_does_not_spoil_what_another_one_gets()
    {
        var registry = new MetricsRegistry();
        var family = registry.Gauge(new MetricDefinition("test_level", "Level.") { Labels = ["of"], MostValues = 100_000 });
        for (var i = 0; i < 50_000; i++)
            family.With($"{i:D100}");
        await using var host = await RunningHttp.StartAsync(new HttpService("metrics", new MetricsHandler(registry)));
        await using var slow = await host.ConnectAsync();
        await using var quick = await host.ConnectAsync();

        // 6 MB do not fit into the kernel's buffers, so the first answer stays half written.
        await slow.SendAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        var head = await slow.ReadHeadAsync();
        family.With(new string('0', 100)).Add(7);
        var second = await quick.ExchangeAsync("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        var first = await slow.ReadExactAsync(int.Parse(head.Header("Content-Length")!, null));
        Assert.Equal(second.Body.Length, first.Length);
        Assert.Single(Enumerable.Range(0, first.Length), i => first[i] != second.Body[i]);
    }
}
