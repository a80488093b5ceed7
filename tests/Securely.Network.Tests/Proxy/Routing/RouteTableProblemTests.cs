using Securely.Proxy;
using static Securely.Network.Tests.Proxy.Routing.RoutingRig;

namespace Securely.Network.Tests.Proxy.Routing;

public sealed class RouteTableProblemTests
{
    [Theory]
    [InlineData("api", "Path [api] does not begin with a slash; write [/api]")]
    [InlineData("*", "Path [*] does not begin with a slash; write [/*]")]
    [InlineData("", "Path [] does not begin with a slash; write [/]")]
    [InlineData("/api*", "Path [/api*] has a star that is not the whole last segment; write [/api/*], or [%2A] for the character")]
    [InlineData("/a/*/b", "Path [/a/*/b] has a star that is not the whole last segment; write [/a/*], or [%2A] for the character")]
    [InlineData("/a?b", "Path [/a?b] holds a query or a fragment; only the path is compared")]
    [InlineData("/a#b", "Path [/a#b] holds a query or a fragment; only the path is compared")]
    [InlineData("//a/*", "Path [//a/*] can never match, because paths are compared without dot segments and repeated slashes; write [/a/*]")]
    [InlineData("/a/../b", "Path [/a/../b] can never match, because paths are compared without dot segments and repeated slashes; write [/b]")]
    [InlineData("/a/%2e/b", "Path [/a/%2e/b] can never match, because paths are compared without dot segments and repeated slashes; write [/a/b]")]
    [InlineData("/../b", "Path [/../b] can never match, because such paths are refused; a percent sign is written [%25]")]
    [InlineData("/100%", "Path [/100%] can never match, because such paths are refused; a percent sign is written [%25]")]
    [InlineData("/a\n", "Path holds a control character")]
    public void Names_a_bad_path(string path, string message) =>
        Assert.Equal([$"sites[0].routes[0].match.path: {message}"], Problems(Everywhere(ToApp(path))));

    [Theory]
    [InlineData("/.well-known/*")]
    [InlineData("/a/..b")]
    [InlineData("/100%25")]
    [InlineData("/größe")]
    public void Takes_an_unusual_path(string path) => Assert.Empty(Problems(Everywhere(ToApp(path))));

    [Theory]
    [InlineData("https://app.test/", "Host [https://app.test/] is a URL; write [app.test]")]
    [InlineData("app.test:80", "Host [app.test:80] has a port, which takes no part; write [app.test]")]
    [InlineData("::1", "Host [::1] is an IPv6 address without brackets; write [[::1]]")]
    [InlineData("[::1]:80", "Host [[::1]:80] is not an IPv6 address in brackets without a port; write [[::1]]")]
    [InlineData("[app]", "Host [[app]] is not an IPv6 address in brackets without a port; write [[::1]]")]
    [InlineData("a.*.test", "Host [a.*.test] has a star that is not the whole first label; write [*.app.test], or [*] for every host")]
    [InlineData("*app.test", "Host [*app.test] has a star that is not the whole first label; write [*.app.test], or [*] for every host")]
    [InlineData("*.", "Host [*.] is not a host name; names are letters, digits, hyphens and dots, with [*.] before them for a wildcard")]
    [InlineData("", "Host [] is not a host name; names are letters, digits, hyphens and dots, with [*.] before them for a wildcard")]
    [InlineData("a..test", "Host [a..test] is not a host name; names are letters, digits, hyphens and dots, with [*.] before them for a wildcard")]
    [InlineData("a.test..", "Host [a.test..] is not a host name; names are letters, digits, hyphens and dots, with [*.] before them for a wildcard")]
    [InlineData("a/b", "Host [a/b] is not a host name; names are letters, digits, hyphens and dots, with [*.] before them for a wildcard")]
    public void Names_a_bad_host(string host, string message) =>
        Assert.Equal([$"sites[0].hosts[0]: {message}"], Problems(new SiteOptions { Hosts = [host], Routes = [ToApp()] }));

    [Fact]
    public void Names_a_host_that_is_named_twice() =>
        Assert.Equal(
            [
                "sites[1].hosts[1]: Host [APP.test.] is named twice; a host belongs to one site",
                "sites[1].hosts[2]: Host [*.app.test] is named twice; a host belongs to one site",
                "sites[2].hosts[0]: Host [*] is named twice; a host belongs to one site",
            ],
            Problems(
                new SiteOptions { Hosts = ["app.test", "*.app.test"], Routes = [ToApp()] },
                new SiteOptions { Hosts = ["*", "APP.test.", "*.app.test"], Routes = [ToApp()] },
                new SiteOptions { Hosts = ["*"], Routes = [ToApp()] }));

    [Fact]
    public void Names_sites_without_hosts_or_routes() =>
        Assert.Equal(
            [
                "sites[0].hosts: Site [] has no hosts; write hosts: [app.test], or [\"*\"] for every host",
                "sites[1].routes: Site [a.test, b.test] has no routes; write at least - upstream: NAME",
            ],
            Problems(new SiteOptions { Hosts = [], Routes = [ToApp()] }, new SiteOptions { Hosts = ["a.test", "b.test"], Routes = [] }));

    [Fact]
    public void Names_routes_with_no_answer_or_two() =>
        Assert.Equal(
            [
                "sites[0].routes[0]: Route [/a] has none of [upstream], [respond] and [redirect]; give it one of them",
                "sites[0].routes[1]: Route [*] has [upstream] and [respond] and [redirect]; leave one of them",
                "sites[0].routes[2].request_headers: Route [*] has [request_headers] but no [upstream] that would get them; remove them",
            ],
            Problems(Everywhere(
                new RouteOptions { Path = "/a" },
                ToApp() with { Respond = new RespondOptions(), Redirect = new RedirectOptions("/") },
                new RouteOptions { Respond = new RespondOptions(), RequestHeaders = new HeaderEdits { Remove = ["x-a"] } })));

    [Fact]
    public void Names_an_unknown_upstream_and_the_nearest_name() =>
        Assert.Equal(
            [
                "sites[0].routes[0].upstream: Upstream [ap] is not defined; did you mean [app]?",
                "sites[0].routes[1].upstream: Upstream [website] is not defined",
            ],
            Problems(Everywhere(new RouteOptions { Upstream = "ap" }, new RouteOptions { Upstream = "website" })));

    [Fact]
    public void Names_bad_methods() =>
        Assert.Equal(
            [
                "sites[0].routes[0].match.methods[0]: Method [get] would never match, since methods are upper case; write [GET]",
                "sites[0].routes[0].match.methods[1]: Method [A B] is not a method; methods are written as [GET]",
                "sites[0].routes[0].match.methods[2]: Method [] is not a method; methods are written as [GET]",
                "sites[0].routes[0].match.methods[3]: Method [CONNECT] has no path and reaches no route; remove it",
            ],
            Problems(Everywhere(ToApp() with { Methods = ["get", "A B", "", "CONNECT", "PURGE"] })));

    [Fact]
    public void Names_bad_statuses() =>
        Assert.Equal(
            [
                "sites[0].routes[0].respond.status: Status [99] is out of range; it is 200 to 599",
                "sites[0].routes[1].respond.status: Status [100] is out of range; it is 200 to 599",
                "sites[0].routes[2].respond.body: Status [204] cannot have a body; remove the body or change the status",
                "sites[0].routes[3].redirect.status: Status [200] does not redirect; write 301, 302, 303, 307 or 308",
            ],
            Problems(Everywhere(
                new RouteOptions { Respond = new RespondOptions(99) },
                new RouteOptions { Respond = new RespondOptions(100) },
                new RouteOptions { Respond = new RespondOptions(204, "ok") },
                new RouteOptions { Redirect = new RedirectOptions("/", 200) })));

    [Theory]
    [InlineData("new", "Redirect [new] is neither a path nor a URL; write [/new] or [https://new]")]
    [InlineData("ftp://new.test/", "Redirect [ftp://new.test/] is neither a path nor a URL; write [/ftp://new.test/] or [https://ftp://new.test/]")]
    [InlineData("https:new.test", "Redirect [https:new.test] is neither a path nor a URL; write [/https:new.test] or [https://https:new.test]")]
    [InlineData("//new.test/", "Redirect [//new.test/] begins with two slashes, which leads to another host; write [https://new.test/] if that is meant")]
    [InlineData("", "Redirect [] is empty or holds a character that a URL cannot hold; encode it, as %20 for a space")]
    [InlineData("/a b", "Redirect [/a b] is empty or holds a character that a URL cannot hold; encode it, as %20 for a space")]
    [InlineData("/\\a", "Redirect [/\\a] is empty or holds a character that a URL cannot hold; encode it, as %20 for a space")]
    [InlineData("/\r\nset-cookie: a", "Redirect [/??set-cookie: a] is empty or holds a character that a URL cannot hold; encode it, as %20 for a space")]
    public void Names_a_bad_destination(string to, string message) =>
        Assert.Equal([$"sites[0].routes[0].redirect.to: {message}"], Problems(Everywhere(new RouteOptions { Redirect = new RedirectOptions(to) })));

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("app.test/")]
    [InlineData("app.test:http")]
    [InlineData("app.test:65536")]
    [InlineData("user@app.test")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[::1]80")]
    public void Names_a_host_that_no_upstream_can_read(string host) => Assert.Equal(
        [$"sites[0].routes[0].request_headers.set: Header [Host] cannot be [{host}]; it is a name or an address, and perhaps a port, as in [app.test:8080]"],
        Problems(Everywhere(ToApp() with { RequestHeaders = new HeaderEdits { Set = [new("Host", host)] } })));

    [Theory]
    [InlineData("app.test")]
    [InlineData(" app.test:8080 ")]
    [InlineData("127.0.0.1:80")]
    [InlineData("[::1]")]
    [InlineData("[2001:db8::1]:8443")]
    [InlineData("my_service")]
    public void Takes_hosts_with_and_without_ports(string host) =>
        Assert.Empty(Problems(Everywhere(ToApp() with { RequestHeaders = new HeaderEdits { Set = [new("Host", host)] } })));

    [Fact]
    public void Names_bad_headers() =>
        Assert.Equal(
            [
                "sites[0].routes[0].response_headers.set: Header [Content-Length] belongs to the proxy, which writes it itself; remove it here",
                "sites[0].routes[0].response_headers.remove[0]: Header [transfer-encoding] belongs to the proxy, which writes it itself; remove it here",
                "sites[0].routes[0].match.headers: Header [x y] is not a header name; names are letters, digits and hyphens",
                "sites[0].routes[0].match.headers: Header [x-a] has a control character in its value; remove it",
                "sites[0].routes[0].request_headers.set: Header [] is not a header name; names are letters, digits and hyphens",
                "sites[0].routes[0].request_headers.set: Header [x-b] has a control character in its value; remove it",
                "sites[0].routes[0].request_headers.set: Header [X-C] is set twice; leave one of them",
                "sites[0].routes[0].request_headers.remove[0]: Header [host] cannot be removed, since every request has one; set it to another value instead",
                "sites[0].routes[0].request_headers.remove[1]: Header [X-c] is both set and removed; setting replaces, so leave out the removal",
                "sites[0].routes[1].response_headers: Header [location] is what the redirect says; change [redirect.to] instead",
                "sites[0].routes[2].respond.content_type: Header [content-type] has a control character in its value; remove it",
            ],
            Problems(Everywhere(
                ToApp() with
                {
                    Headers = new Dictionary<string, string> { ["x y"] = "1", ["x-a"] = "1\r\n" },
                    RequestHeaders = new HeaderEdits { Set = [new("", "1"), new("x-b", "\0"), new("x-c", "1"), new("X-C", "2")], Remove = ["host", "X-c"] },
                    ResponseHeaders = new HeaderEdits { Set = [new("Content-Length", "1")], Remove = ["transfer-encoding"] },
                },
                new RouteOptions { Redirect = new RedirectOptions("/"), ResponseHeaders = new HeaderEdits { Remove = ["Location"] } },
                new RouteOptions { Respond = new RespondOptions(200, "", "a\nb") })));

    [Fact]
    public void Names_what_is_wrong_with_upstreams() =>
        Assert.Equal(
            [
                "upstreams[1].name: Upstream [app] is defined twice",
                "upstreams[2].name: Upstream [] has no name",
                "upstreams[2].servers: Upstream [] has no servers; write servers: [127.0.0.1:3000]",
                "upstreams[3].servers[0]: Server [localhost] has no port; write [localhost:80]",
                "upstreams[3].servers[1].weight: Weight [0] of server [127.0.0.1:1] is out of range; it is 1 to 65535",
                "upstreams[3].timeouts.connect: Timeout [connect] of upstream [api] is out of range; it is more than zero and less than 25 days",
                "upstreams[3].timeouts.idle: Timeout [idle] of upstream [api] is out of range; it is more than zero and less than 25 days",
                "upstreams[3].retries: Retries [-1] of upstream [api] are out of range; they are 0 to 100",
                "upstreams[3].balance: Balance [round_robbin] of upstream [api] is not known; did you mean [round_robin]?",
                "upstreams[4].balance: Balance [random] of upstream [later] is not available yet; write [round_robin]",
            ],
            Texts(RouteTable.Check(new ProxyConfiguration
            {
                Upstreams =
                [
                    App,
                    App,
                    new UpstreamOptions { Name = "", Servers = [] },
                    new UpstreamOptions
                    {
                        Name = "api",
                        Servers = [new BackendOptions("localhost"), new BackendOptions("127.0.0.1:1", 0)],
                        Timeouts = new UpstreamTimeouts { Connect = TimeSpan.Zero, Idle = TimeSpan.FromDays(30) },
                        Retries = -1,
                        Balance = "round_robbin",
                    },
                    new UpstreamOptions { Name = "later", Servers = App.Servers, Balance = "random", Timeouts = new UpstreamTimeouts { Idle = TimeSpan.Zero } },
                ],
                Sites = [Everywhere(new RouteOptions { Upstream = "api" })],
            })));

    [Fact]
    public async Task A_name_that_does_not_resolve_at_load_is_an_error()
    {
        var configuration = new ProxyConfiguration
        {
            Upstreams =
            [
                App,
                new UpstreamOptions { Name = "api", Servers = [new BackendOptions("good.test:80"), new BackendOptions("bad.test:80")] },
            ],
        };
        Assert.Empty(RouteTable.Check(configuration));

        var problem = await Assert.ThrowsAsync<RouteTableException>(
            async () => await RouteTable.BuildAsync(configuration, Options, TestContext.Current.CancellationToken));

        Assert.Equal("upstreams[1].servers[1]: Server [bad.test:80] does not resolve: no such name", problem.Message);
        Assert.Equal("upstreams[1].servers[1]", Assert.Single(problem.Problems).Path);
    }

    [Fact]
    public async Task Building_lists_all_problems()
    {
        var problem = await Assert.ThrowsAsync<RouteTableException>(() => BuildAsync(Everywhere(ToApp("a"), ToApp("b"))));

        Assert.Equal(2, problem.Problems.Count);
        Assert.Equal(
            "sites[0].routes[0].match.path: Path [a] does not begin with a slash; write [/a]\n"
            + "sites[0].routes[1].match.path: Path [b] does not begin with a slash; write [/b]",
            problem.Message);
    }

    private static IEnumerable<string> Problems(params SiteOptions[] sites) =>
        Texts(RouteTable.Check(new ProxyConfiguration { Upstreams = [App], Sites = sites }));

    private static IEnumerable<string> Texts(IEnumerable<RouteTableProblem> problems) => problems.Select(problem => problem.ToString());
}
