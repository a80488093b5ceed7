using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>HTTP/1.0 requests that do not say how long they are: what follows them could be a body, or a request (row A4).</summary>
public sealed class OldVersionBodyTests(AttackStage stage) : IClassFixture<AttackStage>
{
    [Theory]
    [Trait("Case", "42")]
    [Trait("Row", "A4")]
    [Wire("POST /old HTTP/1.0\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nConnection: close\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("PUT /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("PATCH /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("PURGE /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("GET /old HTTP/1.0\r\nHost: app.test\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nContent-Type: text/plain\r\n\r\nhello")]
    public async Task A_request_without_a_length_has_no_body_and_is_the_last(Transport transport, Delivery delivery, string wire)
    {
        await stage.IsServedAsync();
        var before = stage.Seen;
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        var response = await client.ReadResponseAsync();
        await client.WaitForCloseAsync();

        Assert.Equal((200, "close", wire[..wire.IndexOf("HTTP", StringComparison.Ordinal)]), (response.Status, response.Header("Connection"), response.BodyText));
        Assert.Equal((before.Asked + 1, before.Connections, before.Requests + 1), stage.Seen);
        var request = stage.Request(wire[..wire.IndexOf("HTTP", StringComparison.Ordinal)]);
        Assert.Empty(request.Values("Transfer-Encoding"));
        Assert.Empty(request.Values("Content-Length"));
        await stage.IsServedAsync();
        Assert.Equal(before.Connections, stage.Origin.ConnectionCount);
    }

    [Theory]
    [Trait("Row", "A4")]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello" + AttackStage.Next, "POST /old hello", 1)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello" + AttackStage.Next, "POST /old hello", 2)]
    [Wire("POST /old HTTP/1.0\r\nHost: app.test\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Next, "POST /old ", 2)]
    [Wire("GET /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Next, "GET /old ", 2)]
    [Wire("HEAD /old HTTP/1.0\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n" + AttackStage.Next, "", 2)]
    public async Task A_request_whose_length_is_known_ends_there(Transport transport, Delivery delivery, string wire, string body, int served)
    {
        var before = stage.Seen;
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        Assert.Equal(body, (await client.ReadResponseAsync(wire.Split(' ')[0])).BodyText);
        if (served == 2)
            Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        else
            await client.WaitForCloseAsync();
        Assert.Equal(before.Requests + served, stage.Seen.Requests);
        await stage.IsServedAsync();
    }
}
