using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>A body with a request in it, whose own request is answered before it is read (row A7).</summary>
public sealed class EarlyAnswerTests(GuardedStage stage) : IClassFixture<GuardedStage>
{
    private const string Fake = AttackStage.Smuggled;

    [Theory]
    [Trait("Row", "A7")]
    [Wire("/admin", 403, OnlyWhole = true)]
    [Wire("/moved", 302, OnlyWhole = true)]
    [Wire("/empty", 204, OnlyWhole = true)]
    public async Task A_large_body_of_requests_that_was_answered_early_never_runs(Transport transport, Delivery delivery, string target, int status)
    {
        var body = string.Concat(Enumerable.Repeat(Fake, 100_000 / Fake.Length + 1))[..100_000];
        await AnsweredAsync(transport, delivery, $"POST {target} HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000\r\n\r\n", body, status);
    }

    [Theory]
    [Trait("Row", "A7")]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\n\r\n", Fake + Fake)]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 85\r\n\r\n", Fake + Fake)]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\nExpect: 100-continue\r\n\r\n", Fake + Fake)]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\nConnection: close\r\n\r\n", Fake + Fake)]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n", "2a\r\n" + Fake + "\r\n2a\r\n" + Fake + "\r\n0\r\n\r\n")]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n", "0x2a\r\n" + Fake + "\r\n0\r\n\r\n")]
    [Wire("GET /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\n\r\n", Fake + Fake)]
    [Wire("HEAD /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\n\r\n", Fake + Fake)]
    [Wire("POST /empty HTTP/1.1\r\nHost: app.test\r\nContent-Length: 84\r\n\r\n", Fake + Fake)]
    public Task A_request_in_a_body_that_follows_its_answer_never_runs(Transport transport, Delivery delivery, string head, string body) =>
        AnsweredAsync(transport, delivery, head, body, head.Contains("/empty", StringComparison.Ordinal) ? 204 : 403);

    [Theory]
    [Trait("Row", "A7")]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nContent-Length: 42\r\n\r\n" + Fake + "GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n", OnlyWhole = true)]
    [Wire("POST /admin HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n2a\r\n" + Fake + "\r\n0\r\n\r\nGET /after HTTP/1.1\r\nHost: app.test\r\n\r\n", OnlyWhole = true)]
    public async Task A_body_that_is_there_is_drained_and_the_next_request_is_served(Transport transport, Delivery delivery, string wire)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, wire, delivery);

        var first = await client.ReadResponseAsync();
        Assert.Equal((403, "keep-alive"), (first.Status, first.Header("Connection")));
        Assert.Equal("GET /after ", (await client.ReadResponseAsync()).BodyText);
        await stage.IsServedAsync();
    }

    [Theory]
    [Trait("Row", "A7")]
    [Wire("Content-Length: 84\r\n\r\n", Fake + Fake)]
    [Wire("Content-Length: 84\r\nExpect: 100-continue\r\n\r\n", Fake + Fake)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n", "2a\r\n" + Fake + "\r\n0\r\n\r\n" + Fake)]
    public async Task A_body_that_the_upstream_has_answered_without_reading_never_runs(Transport transport, Delivery delivery, string fields, string body)
    {
        var target = stage.Plan(async (connection, _) =>
        {
            await connection.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied");
            await connection.ReadToEndAsync();
        });
        await stage.IsServedAsync();
        var connections = stage.Origin.ConnectionCount;
        await AnsweredAsync(transport, delivery, $"POST {target} HTTP/1.1\r\nHost: app.test\r\n{fields}", body, 403);
        Assert.InRange(stage.Origin.ConnectionCount, connections, connections + 1);
    }

    /// <summary>The head is answered before its body is sent: the answer ends the connection, and the body is nothing any more.</summary>
    private async Task AnsweredAsync(Transport transport, Delivery delivery, string head, string body, int status)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, head, delivery);
        var response = await client.ReadResponseAsync(head.Split(' ')[0]);
        Assert.Equal((status, "close"), (response.Status, response.Header("Connection")));
        await stage.SendAsync(client, body, delivery);

        Assert.Equal("", (await client.ReadToEndAsync()).Text);
        await stage.IsServedAsync();
    }
}
