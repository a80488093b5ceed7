using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Routing;

/// <summary>Upstreams resolve dot segments in different ways: the route that was matched must be the one for what they are asked.</summary>
public sealed class DotSegmentTests
{
    [Theory]
    [InlineData("/admin/../public/x", "/public/x")]
    [InlineData("/admin//../secret", "/secret")]
    [InlineData("/admin/x%2f..%2f..%2fpub", "/pub")]
    [InlineData("/admin/x/%2E%2e/.%2e/public?q=/../a", "/public?q=/../a")]
    [InlineData("/a%2Fb//%41/./c%2f", "/a%2Fb/%41/c%2f")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("http://app.test/admin/../x?y", "/x?y")]
    public async Task An_upstream_is_asked_for_the_path_that_was_matched(string target, string forwarded)
    {
        await using var upstream = TestOrigin.Start(OriginScripts.EchoHead());
        await using var host = await StartAsync(upstream.Address);
        await using var client = await host.ConnectAsync();

        var answer = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"GET {forwarded} HTTP/1.1\r\n", answer.BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/a//b%2fc;d/..e\\f?../x")]
    [InlineData("/%2eadmin/...")]
    public async Task A_path_without_dot_segments_goes_on_as_it_came(string target)
    {
        await using var upstream = TestOrigin.Start(OriginScripts.EchoHead());
        await using var host = await StartAsync(upstream.Address);
        await using var client = await host.ConnectAsync();

        var answer = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.StartsWith($"GET {target} HTTP/1.1\r\n", answer.BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x/../admin/y", 403)]
    [InlineData("/x//..//admin/y", 403)]
    [InlineData("/public/..%2fadmin/y", 403)]
    [InlineData("/public/..;/admin/y", 400)]
    [InlineData("/public\\..\\admin", 400)]
    [InlineData("/public%5c..%5cadmin", 400)]
    public async Task No_spelling_of_a_denied_path_reaches_the_upstream(string target, int status)
    {
        await using var upstream = TestOrigin.Start(OriginScripts.EchoHead());
        await using var host = await StartAsync(upstream.Address);
        await using var client = await host.ConnectAsync();

        Assert.Equal(status, (await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        Assert.Empty(upstream.Requests);
    }

    private static async Task<RunningHttp> StartAsync(string upstream) =>
        await RunningHttp.StartAsync(new ConfiguredProxy(await ConfiguredProxy.BuildTableAsync(
            new ProxyConfiguration
            {
                Upstreams = [new UpstreamOptions { Name = "app", Servers = [new BackendOptions(upstream)] }],
                Sites =
                [
                    new SiteOptions
                    {
                        Hosts = ["*"],
                        Routes = [new RouteOptions { Path = "/admin/*", Respond = new RespondOptions(403, "no") }, new RouteOptions { Upstream = "app" }],
                    },
                ],
            },
            TestContext.Current.CancellationToken)));
}
