using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>The proxy of the configuration file, over sockets: routes, edits, answers of its own, and the configured tries.</summary>
public sealed class ConfiguredProxyTests
{
    private const string Get = "GET /a?b HTTP/1.1\r\nHost: app.test\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 4\r\n\r\nbody";

    [Fact]
    public async Task A_request_goes_to_the_upstream_of_its_route_with_the_edits_of_the_route()
    {
        await using var app = TestOrigin.Start(OriginScripts.EchoHead());
        await using var api = TestOrigin.Start(OriginScripts.Ok("api"));
        await using var host = await StartAsync(
            [Upstream("app", app.Address), Upstream("api", api.Address)],
            new RouteOptions { Path = "/api/*", Upstream = "api" },
            new RouteOptions
            {
                Upstream = "app",
                RequestHeaders = new HeaderEdits { Set = [new("x-from", "securely")], Remove = ["x-secret"] },
                ResponseHeaders = new HeaderEdits { Set = [new("server", "Securely")] },
            });
        await using var client = await host.ConnectAsync();

        var first = await client.ExchangeAsync("GET /a?b HTTP/1.1\r\nHost: app.test\r\nX-Secret: 1\r\nX-Kept: 2\r\n\r\n");
        var second = await client.ExchangeAsync("GET /api/x HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.StartsWith("GET /a?b HTTP/1.1\r\nHost: app.test\r\nX-Kept: 2\r\n", first.BodyText, StringComparison.Ordinal);
        Assert.Contains("\r\nx-from: securely\r\n", first.BodyText, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("Securely", first.Header("Server"));
        Assert.Equal("api", second.BodyText);
        Assert.Null(second.Header("Server"));
    }

    [Fact]
    public async Task Its_own_answers_ask_nobody_and_leave_the_connection_alive()
    {
        await using var host = await StartAsync(
            [Upstream("app", "127.0.0.1:1")],
            new RouteOptions { Path = "/health", Respond = new RespondOptions(200, "ok") },
            new RouteOptions { Path = "/old/*", Redirect = new RedirectOptions("/new/", 308) },
            new RouteOptions { Path = "/app/*", Upstream = "app" });
        await using var client = await host.ConnectAsync();

        var answer = await client.ExchangeAsync("GET /health HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var head = await client.ExchangeAsync("HEAD /health HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var redirection = await client.ExchangeAsync("GET /old/a?b HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var nothing = await client.ExchangeAsync("GET /nothing HTTP/1.1\r\nHost: app.test\r\n\r\n");
        var stranger = await client.ExchangeAsync("GET /health HTTP/1.1\r\nHost: other.test\r\n\r\n");

        Assert.Equal((200, "ok"), (answer.Status, answer.BodyText));
        Assert.Equal((200, "2"), (head.Status, head.Header("Content-Length")));
        Assert.Equal((308, "/new/a?b"), (redirection.Status, redirection.Header("Location")));
        Assert.Equal((404, 404), (nothing.Status, stranger.Status));
    }

    [Theory]
    [InlineData(Get)]
    [InlineData(Post)]
    public async Task A_server_that_refuses_hands_the_request_to_the_next_one(string request)
    {
        using var refusing = DeadEndPoint.Refusing();
        await using var app = TestOrigin.Start(OriginScripts.EchoBody());
        await using var host = await StartAsync([Upstream("app", refusing.EndPoint.ToString()!, app.Address)], ToApp());
        await using var client = await host.ConnectAsync();

        for (var i = 0; i < 4; i++)
            Assert.Equal(200, (await client.ExchangeAsync(request)).Status);

        Assert.Equal(4, app.Requests.Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(4, 5)]
    public async Task There_are_as_many_further_tries_as_configured(int retries, int tries)
    {
        using var first = DeadEndPoint.Refusing();
        using var second = DeadEndPoint.Refusing();
        var proxy = new CountingProxy(await TableAsync([Upstream("app", first.EndPoint.ToString()!, second.EndPoint.ToString()!) with { Retries = retries }], ToApp()));
        await using var host = await RunningHttp.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);

        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(tries, proxy.Peers.Count);
        // Each server once, before one is asked again.
        Assert.Equal(Math.Min(tries, 2), proxy.Peers.Take(2).Distinct().Count());
    }

    [Fact]
    public async Task What_was_tried_in_vain_is_forgotten_with_the_request()
    {
        using var refusing = DeadEndPoint.Refusing();
        await using var app = TestOrigin.Start(OriginScripts.Ok());
        var proxy = new CountingProxy(await TableAsync([Upstream("app", refusing.EndPoint.ToString()!, app.Address)], ToApp()));
        await using var host = await RunningHttp.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        for (var i = 0; i < 4; i++)
            Assert.Equal(200, (await client.ExchangeAsync(Get)).Status);

        Assert.Contains(2, proxy.Tries);
        Assert.All(proxy.Tries.Zip(proxy.Tried), tried => Assert.Equal(tried.First == 1, tried.Second == 0));
    }

    [Theory]
    [InlineData(Get, 200)]
    [InlineData(Post, 502)]
    public async Task A_server_that_ends_a_fresh_connection_is_followed_by_the_next_one_if_that_does_no_harm(string request, int status)
    {
        await using var ending = TestOrigin.Start(async connection => await connection.ReadBodyAsync(await connection.ReadHeadAsync()));
        await using var app = TestOrigin.Start(OriginScripts.Ok());
        await using var host = await StartAsync([Upstream("app", ending.Address, app.Address)], ToApp());
        await using var client = await host.ConnectAsync();

        Assert.Equal(status, (await client.ExchangeAsync(request)).Status);
        Assert.Single(ending.Requests);
        Assert.Equal(status == 200 ? 1 : 0, app.Requests.Count);
    }

    [Fact]
    public async Task A_dead_pooled_connection_does_not_count_as_a_configured_try_and_its_server_is_asked_again()
    {
        await using var app = TestOrigin.Start(
            async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendOkAsync("first");
                await connection.ReadHeadAsync();
            },
            OriginScripts.Ok("second"));
        await using var host = await StartAsync([Upstream("app", app.Address) with { Retries = 0 }], ToApp());
        await using var client = await host.ConnectAsync();

        Assert.Equal("first", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal("second", (await client.ExchangeAsync(Get)).BodyText);
        Assert.Equal(3, app.Requests.Count);
    }

    [Fact]
    public async Task The_configured_timeouts_hold_and_a_timeout_is_504_and_not_tried_again()
    {
        var clock = new ManualTimeProvider();
        await using var app = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WaitForCloseAsync();
        });
        var proxy = new CountingProxy(await TableAsync([Upstream("app", app.Address, app.Address) with { Retries = 3, Timeouts = new UpstreamTimeouts { Read = TimeSpan.FromSeconds(7) } }], ToApp()));
        await using var host = await RunningHttp.StartAsync(proxy, time: clock);
        await using var client = await host.ConnectAsync();

        var answering = client.ExchangeAsync(Get);
        await app.WaitForRequestsAsync(1);
        await host.Worker.RunAsync(() => default);
        while (!answering.IsCompleted)
        {
            // The read has begun when the request has arrived, or a turn later.
            clock.Advance(TimeSpan.FromSeconds(7.1));
            await Task.WhenAny(answering, host.Worker.RunAsync(() => default));
        }

        Assert.Equal(504, (await answering).Status);
        await proxy.Phases.WaitAsync("logged");
        Assert.Single(proxy.Peers);
        Assert.Equal(ErrorKind.ReadTimedOut, proxy.Last!.Kind);
    }

    [Fact]
    public async Task A_path_that_cannot_be_normalised_is_400()
    {
        await using var host = await StartAsync([Upstream("app", "127.0.0.1:1")], new RouteOptions { Path = "/app/*", Upstream = "app" });
        await using var client = await host.ConnectAsync();

        Assert.Equal(400, (await client.ExchangeAsync("GET /app/%00 HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
    }

    [Fact]
    public async Task Informational_heads_are_not_edited_and_the_final_one_is()
    {
        await using var app = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
        await using var host = await StartAsync(
            [Upstream("app", app.Address)],
            new RouteOptions { Upstream = "app", ResponseHeaders = new HeaderEdits { Set = [new("x-edited", "1")] } });
        await using var client = await host.ConnectAsync();

        var hints = await client.ExchangeAsync(Get);
        var final = await client.ReadResponseAsync();

        Assert.Equal((103, null), (hints.Status, hints.Header("X-Edited")));
        Assert.Equal((200, "1"), (final.Status, final.Header("X-Edited")));
    }

    private static RouteOptions ToApp() => new() { Upstream = "app" };

    private static UpstreamOptions Upstream(string name, params string[] servers) => new() { Name = name, Servers = [.. servers.Select(server => new BackendOptions(server))] };

    private static ValueTask<RouteTable> TableAsync(UpstreamOptions[] upstreams, params RouteOptions[] routes) => ConfiguredProxy.BuildTableAsync(
        new ProxyConfiguration { Upstreams = upstreams, Sites = [new SiteOptions { Hosts = ["app.test"], Routes = routes }] }, cancellationToken: TestContext.Current.CancellationToken);

    private static async Task<RunningHttp> StartAsync(UpstreamOptions[] upstreams, params RouteOptions[] routes) =>
        await RunningHttp.StartAsync(new ConfiguredProxy(await TableAsync(upstreams, routes)));

    /// <summary>Keeps which servers were chosen.</summary>
    private sealed class CountingProxy(RouteTable table) : ConfiguredProxy(table)
    {
        public PhaseBarrier Phases { get; } = new();

        public List<string> Peers { get; } = [];

        /// <summary>Of each choice: which try it was for.</summary>
        public List<int> Tries { get; } = [];

        /// <summary>Of each choice: which servers had been tried before.</summary>
        public List<ulong> Tried { get; } = [];

        public ProxyError? Last { get; private set; }

        public override async ValueTask<HttpPeer> UpstreamPeerAsync(Session session, RouteContext context, CancellationToken cancellationToken)
        {
            Tries.Add(session.Tries);
            Tried.Add(context.Tried);
            var peer = await base.UpstreamPeerAsync(session, context, cancellationToken);
            Peers.Add(peer.ToString());
            return peer;
        }

        public override ValueTask LoggingAsync(Session session, ProxyError? error, RouteContext context)
        {
            Last = error;
            Phases.Signal("logged");
            return default;
        }
    }
}
