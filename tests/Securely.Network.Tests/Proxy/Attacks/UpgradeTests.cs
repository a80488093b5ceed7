using System.Net;
using Securely.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>
/// What follows a request that asks for another protocol is HTTP until the upstream has switched (row A6). A filter refuses /admin: it sees what is a
/// request, and nothing gets around it.
/// </summary>
public sealed class UpgradeTests(GuardedStage stage) : IClassFixture<GuardedStage>
{
    private const string Upgrade = " HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    private const string Admin = "GET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Theory]
    [Trait("Case", "36")]
    [Trait("Row", "A6")]
    [Wire("GET", "\r\n" + Admin, 200)]
    [Wire("GET", "\r\n" + Admin, 400)]
    [Wire("GET", "\r\n" + Admin, 404)]
    [Wire("GET", "\r\n" + Admin, 426)]
    [Wire("GET", "\r\n" + Admin, 500)]
    [Wire("GET", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" + Admin, 200)]
    [Wire("HEAD", "\r\n" + Admin, 200)]
    [Wire("POST", "\r\n" + Admin, 200)]
    [Wire("POST", "Content-Length: 5\r\n\r\nhello" + Admin, 200)]
    [Wire("POST", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" + Admin, 200)]
    public async Task What_follows_an_upgrade_that_is_refused_is_a_request_for_the_filters(Transport transport, Delivery delivery, string method, string rest, int status)
    {
        var target = stage.Plan(async (connection, head) =>
        {
            await connection.ReadBodyAsync(head);
            await connection.SendAsync($"HTTP/1.1 {status} Answer\r\nContent-Length: 0\r\n\r\n");
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"{method} {target}{Upgrade}{rest}", delivery);

        var first = await client.ReadResponseAsync(method);
        var second = await client.ReadResponseAsync();

        Assert.Equal((status, 403), (first.Status, second.Status));
        Assert.Equal(["websocket"], stage.Request($"{method} {target} ").Values("Upgrade"));
        await IsUnseenAsync();
    }

    [Theory]
    [Trait("Row", "A6")]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade:\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket, H2C\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n\r\n" + Admin)]
    [Wire("GET /plain HTTP/1.0\r\nHost: app.test\r\nConnection: Upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n" + Admin)]
    public async Task What_is_no_proper_upgrade_is_not_passed_on(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        Assert.Equal("GET /plain ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal(403, (await client.ReadResponseAsync()).Status);
        var request = stage.Request("GET /plain ");
        Assert.All(["Upgrade", "Connection", "HTTP2-Settings"], name => Assert.Empty(request.Values(name)));
        await IsUnseenAsync();
    }

    [Theory]
    [Trait("Case", "36")]
    [Trait("Row", "A6")]
    [Wire("\u0081\u0085\u0001\u0002\u0003\u0004xxxxx")]
    [Wire("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [Wire("\0\0\0\u0004\0\0\0\0\0")]
    public async Task Frames_behind_an_upgrade_that_is_refused_are_no_requests_and_reach_nobody(Transport transport, Delivery delivery, string frames)
    {
        var target = stage.Plan((connection, _) => connection.SendOkAsync("no"));
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"GET {target}{Upgrade}\r\n{frames}\r\n\r\n", delivery);

        Assert.Equal("no", (await client.ReadResponseAsync()).BodyText);
        Assert.Contains((await client.ReadResponseAsync()).Status, new[] { 400, 505 });
        await client.WaitForCloseAsync();
        Assert.EndsWith("\r\n\r\n", stage.Received(stage.Request($"GET {target} ")), StringComparison.Ordinal);
        await IsUnseenAsync();
    }

    [Theory]
    [Trait("Row", "A6")]
    [Wire]
    public async Task What_comes_early_waits_until_the_upstream_has_switched(Transport transport, Delivery delivery)
    {
        var phases = new PhaseBarrier();
        var target = stage.Plan(async (connection, _) =>
        {
            phases.Signal("asked");
            await phases.WaitAsync("go on");
            phases.Signal(connection.ReceivedText.Contains("early", StringComparison.Ordinal) ? "tunnelled" : "held");
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            await connection.ReadUntilAsync("early");
            await connection.SendAsync("bye");
            connection.Close();
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"GET {target}{Upgrade}\r\n", delivery);
        await phases.WaitAsync("asked");
        await stage.SendAsync(client, "early", delivery);
        await stage.SettleAsync();
        phases.Signal("go on");

        Assert.Equal(101, (await client.ReadResponseAsync()).Status);
        Assert.Equal("bye", (await client.ReadToEndAsync()).Text);
        Assert.Equal((1, 0), (phases.Count("held"), phases.Count("tunnelled")));
    }

    private async Task IsUnseenAsync()
    {
        var requests = stage.Origin.Requests.Count;
        await stage.IsServedAsync();
        Assert.Equal(requests + 1, stage.Origin.Requests.Count);
        Assert.All(stage.Origin.Requests, request => Assert.NotEqual("GET /admin HTTP/1.1", request.Line));
    }
}

/// <summary>A stage whose proxy answers some targets itself.</summary>
public sealed class GuardedStage : AttackStage
{
    internal override AttackedProxy CreateProxy(EndPoint origin) => new GuardedProxy(origin);
}

/// <summary>Answers /admin with 403, /moved with 302, and /empty with 204, whatever comes behind their heads.</summary>
internal sealed class GuardedProxy(EndPoint origin) : AttackedProxy(origin)
{
    public override async ValueTask<FilterResult> RequestFilterAsync(Session session, PlainContext context, CancellationToken cancellationToken)
    {
        switch (session.Request.PathText)
        {
            case "/admin":
                await session.RespondAsync(403, "denied"u8.ToArray());
                return FilterResult.Responded;
            case "/moved":
                var moved = new ResponseHeader(302);
                moved.Headers.Set(HeaderName.Location, "/elsewhere");
                await session.RespondAsync(moved, default);
                return FilterResult.Responded;
            case "/empty":
                await session.RespondAsync(204);
                return FilterResult.Responded;
            default:
                return FilterResult.Continue;
        }
    }
}
