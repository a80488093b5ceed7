using Securely.Http;
using Securely.Net;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy.Routing;

public sealed class UpstreamTlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("app.internal", "API.example.:443", "app.internal")]
    [InlineData("", "API.example.:443", "api.example")]
    [InlineData("", "api.example:443 api.example:444", "api.example")]
    [InlineData("", "10.0.0.1:443 [fd00::1]:443", "")]
    [InlineData("app.internal", "10.0.0.1:443 unix:/run/app.sock api.example:443", "app.internal")]
    public async Task The_name_of_the_servers_is_asked_for_where_none_is_given(string name, string servers, string expected)
    {
        var upstream = Over(servers) with { Tls = new ClientTls { ServerName = name, VerifyHostName = true } };
        var table = await RouteTable.BuildAsync(new ProxyConfiguration { Upstreams = [upstream] }, RoutingRig.Options, Token);

        Assert.Equal(new ClientTls { ServerName = expected }, Assert.Single(table.Upstreams).Options.Tls);
    }

    [Theory]
    [InlineData("one.example:443 two.example:443", "the servers have different names")]
    [InlineData("one.example:443 10.0.0.1:443", "the servers have different names")]
    [InlineData("10.0.0.1:443 unix:/run/app.sock", "a Unix socket has no name")]
    public void A_name_that_nobody_can_know_is_required(string servers, string why)
    {
        var upstream = Over(servers) with { Tls = new ClientTls() };

        Assert.Equal([$"upstreams[0].tls: Upstream [app] does not say which name its certificates have, and {why}; write [sni: NAME]"], Problems(upstream));
        Assert.Empty(Problems(upstream with { Tls = new ClientTls { VerifyHostName = false } }));
        Assert.Empty(Problems(upstream with { Tls = new ClientTls { VerifyCertificate = false } }));
        Assert.Empty(Problems(upstream with { Tls = new ClientTls { AlternativeName = "app.internal" } }));
        Assert.Empty(Problems(upstream with { Tls = null }));
    }

    [Fact]
    public void Names_are_names()
    {
        Assert.Equal(
            [
                "upstreams[0].tls.sni: Server name [app:443] of upstream [app] is not a host name; write it without scheme and port, as in [app.internal]",
                "upstreams[0].tls.alternative_cn: Name [a b] of upstream [app] is not a host name; write it without scheme and port, as in [app.internal]",
            ],
            Problems(Over("10.0.0.1:443") with { Tls = new ClientTls { ServerName = "app:443", AlternativeName = "a b" } }));
        Assert.Empty(Problems(Over("10.0.0.1:443") with { Tls = new ClientTls { ServerName = "a_b.app.internal", AlternativeName = "10.0.0.1" } }));
    }

    [Fact]
    public async Task Peers_of_an_upstream_speak_its_TLS()
    {
        var tls = new ClientTls { ServerName = "app.internal" };
        var table = await ConfiguredProxy.BuildTableAsync(new ProxyConfiguration { Upstreams = [Over("10.0.0.1:443") with { Tls = tls }, Over("10.0.0.2:80") with { Name = "plain" }] }, cancellationToken: Token);

        Assert.Equal(tls, Assert.IsType<HttpPeer>(table.Upstreams[0].Balancer.Select(default)!.Extension).Tls);
        Assert.Null(Assert.IsType<HttpPeer>(table.Upstreams[1].Balancer.Select(default)!.Extension).Tls);
    }

    private static UpstreamOptions Over(string servers) => new() { Name = "app", Servers = [.. servers.Split(' ').Select(server => new BackendOptions(server))] };

    private static IEnumerable<string> Problems(UpstreamOptions upstream) =>
        RouteTable.Check(new ProxyConfiguration { Upstreams = [upstream] }).Select(problem => $"{problem.Path}: {problem.Message}");
}
