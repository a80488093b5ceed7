using Securely.Proxy;
using static Securely.Network.Tests.Proxy.Routing.RoutingRig;

namespace Securely.Network.Tests.Proxy.Routing;

public sealed class RouteTableTests
{
    [Theory]
    [InlineData("app.test", "sites[0]")]
    [InlineData("APP.Test", "sites[0]")]
    [InlineData("app.test:8080", "sites[0]")]
    [InlineData("app.test.", "sites[0]")]
    [InlineData("app.test.:8080", "sites[0]")]
    [InlineData("a.app.test", "sites[1]")]
    [InlineData("A.B.app.TEST:1", "sites[1]")]
    [InlineData("x.deep.app.test", "sites[2]")]
    [InlineData("deep.app.test", "sites[1]")]
    [InlineData("exact.deep.app.test", "sites[3]")]
    [InlineData("y.exact.deep.app.test", "sites[2]")]
    [InlineData("[::1]", "sites[3]")]
    [InlineData("[::1]:8080", "sites[3]")]
    [InlineData("10.0.0.1:80", "sites[3]")]
    [InlineData("xn--bcher-kva.test", "sites[3]")]
    [InlineData(".app.test", "sites[4]")]
    [InlineData("myapp.test", "sites[4]")]
    [InlineData("test", "sites[4]")]
    [InlineData("", "sites[4]")]
    [InlineData("[::2]", "sites[4]")]
    public async Task Exact_wins_over_the_longest_wildcard_which_wins_over_the_rest(string host, string site)
    {
        var table = await BuildAsync(
            new SiteOptions { Hosts = ["app.test"], Routes = [ToApp()] },
            new SiteOptions { Hosts = ["*.app.test"], Routes = [ToApp()] },
            new SiteOptions { Hosts = ["*.deep.app.test"], Routes = [ToApp()] },
            new SiteOptions { Hosts = ["Exact.deep.app.test.", "[0:0::1]", "10.0.0.1", "bücher.test"], Routes = [ToApp()] },
            new SiteOptions { Hosts = ["*"], Routes = [ToApp()] });

        Assert.StartsWith(site, table.Find(Request("/", host)).Route!.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_no_site_names_is_not_found()
    {
        var table = await BuildAsync(new SiteOptions { Hosts = ["app.test", "*.app.test"], Routes = [ToApp()] });

        Assert.Equal(RouteMatchKind.NotFound, table.Find(Request("/", "other.test")).Kind);
        Assert.Equal(RouteMatchKind.NotFound, table.Find(Request("/", "")).Kind);
        Assert.Equal(RouteMatchKind.NotFound, table.Find(Request("/", new string('a', 300) + ".app.test")).Kind);
        Assert.Equal(RouteMatchKind.NotFound, table.Find(Request("/%20", "other.test")).Kind);
        Assert.Equal(RouteMatchKind.NotFound, default(RouteMatch).Kind);
        Assert.Equal(RouteMatchKind.NotFound, (await RouteTable.BuildAsync(new ProxyConfiguration(), null, TestContext.Current.CancellationToken)).Find(Request("/")).Kind);
    }

    [Fact]
    public async Task A_bracket_that_does_not_close_is_a_bad_request() =>
        Assert.Equal(RouteMatchKind.BadRequest, (await BuildAsync(Everywhere(ToApp()))).Find(Request("/", "[::1")).Kind);

    [Fact]
    public async Task The_host_of_an_absolute_target_decides()
    {
        var table = await BuildAsync(new SiteOptions { Hosts = ["app.test"], Routes = [ToApp("/"), ToApp("/a")] });

        var request = new Securely.Http.RequestHeader("GET", "http://app.test:80/a?b");
        Assert.Equal(1, Number(table.Find(request)));
        request.SetTarget("http://app.test");
        Assert.Equal(0, Number(table.Find(request)));
    }

    [Theory]
    [InlineData("/health", 0)]
    [InlineData("/health?x", 0)]
    [InlineData("/health/", 3)]
    [InlineData("/Health", 3)]
    [InlineData("/api", 1)]
    [InlineData("/api/", 1)]
    [InlineData("/api/x/y", 1)]
    [InlineData("/apix", 3)]
    [InlineData("/ap", 3)]
    [InlineData("/a b*c/", 2)]
    [InlineData("/a%20b%2Ac/d", 2)]
    [InlineData("/", 3)]
    public async Task The_first_route_whose_path_matches_wins(string target, int expected)
    {
        var table = await BuildAsync(Everywhere(ToApp("/health"), ToApp("/api/*"), ToApp("/a b%2ac/*"), ToApp("/*")));

        Assert.Equal(expected, Number(table.Find(Request(target.Replace(" ", "%20", StringComparison.Ordinal)))));
    }

    [Theory]
    [InlineData("/%61pi/x", 0)]
    [InlineData("/%61%70%69/x", 0)]
    [InlineData("//api/x", 0)]
    [InlineData("///api//x", 0)]
    [InlineData("/x/../api/y", 0)]
    [InlineData("/x/%2e%2E/api/y", 0)]
    [InlineData("/x/.%2e/api", 0)]
    [InlineData("/./api/./", 0)]
    [InlineData("/x/..%2fapi/", 0)]
    [InlineData("/api%2Fx", 0)]
    [InlineData("/y/x//../../api/.", 0)]
    [InlineData("/api/..", 1)]
    [InlineData("/api/../", 1)]
    [InlineData("/%2561pi/x", 1)]
    [InlineData("/..api/x", 1)]
    [InlineData("/.../api/x", 1)]
    [InlineData("/.api/x", 1)]
    [InlineData("/..", 400)]
    [InlineData("/../api/x", 400)]
    [InlineData("/%2e%2e/api", 400)]
    [InlineData("/a/../../api", 400)]
    [InlineData("/a//../..", 400)]
    [InlineData("/api/%00", 400)]
    [InlineData("/api/%", 400)]
    [InlineData("/api/%4", 400)]
    [InlineData("/api/%4g", 400)]
    public async Task No_spelling_of_a_path_slips_past_its_route(string target, int expected)
    {
        var table = await BuildAsync(Everywhere(ToApp("/api/*"), ToApp()));
        var request = Request(target);

        Assert.Equal(expected, Number(table.Find(request)));
        Assert.Equal(target, request.TargetText);
    }

    [Theory]
    [InlineData("/x;a/..;b", 400)]
    [InlineData("/x/..;/api/", 400)]
    [InlineData("/x/.;a/api/", 400)]
    [InlineData("/x/%2e%2e%3b/api/", 400)]
    [InlineData("/x\\..\\api/", 400)]
    [InlineData("/x/..%5Capi/", 400)]
    [InlineData("/x/a\\..;c", 400)]
    [InlineData("/x\\..", 400)]
    [InlineData("/x;a/..b;c/.~\\..d", 1)]
    public Task What_is_a_dot_segment_to_some_servers_only_is_refused(string target, int expected) => No_spelling_of_a_path_slips_past_its_route(target, expected);

    [Fact]
    public async Task A_very_long_path_is_normalised_like_a_short_one()
    {
        var table = await BuildAsync(Everywhere(ToApp("/api/*")));

        Assert.Equal(0, Number(table.Find(Request("/" + string.Concat(Enumerable.Repeat("a/../", 5000)) + "api"))));
    }

    [Theory]
    [InlineData("GET", 0)]
    [InlineData("HEAD", 0)]
    [InlineData("PURGE", 0)]
    [InlineData("POST", 1)]
    [InlineData("get", -1)]
    [InlineData("PUT", -1)]
    public async Task Methods_decide_and_who_takes_GET_takes_HEAD(string method, int expected)
    {
        var table = await BuildAsync(Everywhere(
            ToApp() with { Methods = ["GET", "PURGE"] },
            ToApp() with { Methods = ["POST"] }));

        Assert.Equal(expected, Number(table.Find(Request("/", method: method))));
    }

    [Fact]
    public async Task The_star_of_OPTIONS_reaches_only_routes_without_a_path()
    {
        var table = await BuildAsync(Everywhere(ToApp("/*"), ToApp()));

        Assert.Equal(1, Number(table.Find(Request("*", method: "OPTIONS"))));
    }

    [Fact]
    public async Task CONNECT_has_no_path_and_is_a_bad_request() =>
        Assert.Equal(400, Number((await BuildAsync(Everywhere(ToApp()))).Find(Request("app.test:443", method: "CONNECT"))));

    [Fact]
    public async Task Header_values_decide_exactly_and_names_in_any_case()
    {
        var table = await BuildAsync(Everywhere(
            ToApp() with { Headers = new Dictionary<string, string> { ["X-Beta"] = "1", ["accept"] = "text/html" } },
            ToApp() with { Headers = new Dictionary<string, string> { ["x-beta"] = " 2 " } }));

        Assert.Equal(0, Number(table.Find(Request("/", headers: [("x-beta", "1"), ("Accept", "text/html")]))));
        Assert.Equal(-1, Number(table.Find(Request("/", headers: [("x-beta", "1"), ("Accept", "TEXT/HTML")]))));
        Assert.Equal(-1, Number(table.Find(Request("/", headers: [("x-beta", "1")]))));
        Assert.Equal(1, Number(table.Find(Request("/", headers: [("X-BETA", "2")]))));
        Assert.Equal(1, Number(table.Find(Request("/", headers: [("X-BETA", "3"), ("x-Beta", "2")]))));
        Assert.Equal(-1, Number(table.Find(Request("/", headers: [("x-beta", "2, 2")]))));
    }

    [Fact]
    public async Task Routes_of_one_upstream_share_it()
    {
        var table = await BuildAsync(Everywhere(ToApp("/a"), ToApp("/b")));

        var upstream = Assert.Single(table.Upstreams);
        Assert.Same(upstream, table.Find(Request("/a")).Route!.Upstream);
        Assert.Same(upstream, table.Find(Request("/b")).Route!.Upstream);
        Assert.Equal("app", upstream.Name);
        Assert.Equal("app", upstream.Balancer.Name);
        Assert.Equal("127.0.0.1:3000", upstream.Balancer.Select(default)!.ToString());
    }

    [Fact]
    public async Task Host_names_of_servers_are_resolved_and_extended_at_build()
    {
        var configuration = new ProxyConfiguration
        {
            Upstreams = [new UpstreamOptions { Name = "app", Servers = [new BackendOptions("app.internal:80", 2)] }],
        };

        var table = await RouteTable.BuildAsync(
            configuration, Options with { Extend = (upstream, backend) => $"{upstream.Name} {backend}" }, TestContext.Current.CancellationToken);

        var backend = Assert.Single(table.Upstreams[0].Balancer.Backends);
        Assert.Equal("app 10.0.0.1:80", backend.Extension);
        Assert.Equal(2, backend.Weight);
        Assert.Same(configuration, table.Configuration);
    }

    [Fact]
    public async Task Finding_allocates_nothing()
    {
        var table = await BuildAsync(
            new SiteOptions { Hosts = ["app.test", "*.app.test"], Routes = [ToApp("/health"), ToApp("/api/*") with { Methods = ["GET"], Headers = new Dictionary<string, string> { ["x-beta"] = "1" } }] },
            Everywhere(ToApp()));
        var requests = new[]
        {
            Request("/api/x", "App.test:80", "GET", ("x-beta", "0"), ("x-beta", "1")),
            Request("/x/../%61pi//y", "a.b.app.test", "GET", ("x-beta", "1")),
            Request("/" + string.Concat(Enumerable.Repeat("a/../", 500)) + "api", "a.b.app.test", "GET", ("x-beta", "1")),
            Request("/nothing", "other.test"),
        };
        foreach (var request in requests)
        {
            Assert.Equal(RouteMatchKind.Route, table.Find(request).Kind);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            foreach (var request in requests)
            {
                table.Find(request);
            }
        }

        // The longest path rents its memory, and a collection may empty the shared pool in between: once, not for each of six thousand calls.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8192);
    }
}
