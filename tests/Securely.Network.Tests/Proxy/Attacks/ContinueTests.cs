using System.Text;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Informational responses, and bodies that wait for one (row A25).</summary>
public sealed class ContinueTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Fields = " HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\n";

    private readonly PhaseBarrier _go = new();

    [Theory]
    [Trait("Case", "31")]
    [Trait("Row", "A25")]
    [Wire("Content-Length: 5\r\n\r\n", "hello")]
    [Wire("Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n")]
    public async Task A_body_waits_until_the_upstream_lets_it_come(Transport transport, Delivery delivery, string fields, string body)
    {
        var phases = new PhaseBarrier();
        var before = "";
        var target = stage.Plan(async (connection, head) =>
        {
            await phases.WaitAsync("settled");
            before = connection.ReceivedText[connection.ReceivedText.LastIndexOf("POST ", StringComparison.Ordinal)..];
            await stage.SendAsync(connection, "HTTP/1.1 100 Continue\r\n\r\n", delivery);
            await connection.SendOkAsync(Encoding.Latin1.GetString(await connection.ReadBodyAsync(head)));
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target}{Fields}{fields}", delivery);
        await stage.SettleAsync();
        phases.Signal("settled");

        Assert.Equal(100, (await client.ReadResponseAsync()).Status);
        Assert.EndsWith("\r\n\r\n", before, StringComparison.Ordinal);
        await stage.SendAsync(client, body + AttackStage.Next, delivery);
        Assert.Equal("hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
    }

    [Theory]
    [Trait("Row", "A25")]
    [Wire("Content-Length: 42\r\n\r\n", AttackStage.Smuggled, 417)]
    [Wire("Content-Length: 42\r\n\r\n", AttackStage.Smuggled, 413)]
    [Wire("Content-Length: 42\r\n\r\n", AttackStage.Smuggled, 401)]
    [Wire("Content-Length: 42\r\n\r\n", AttackStage.Smuggled, 200)]
    [Wire("Content-Length: 84\r\n\r\n", AttackStage.Smuggled + AttackStage.Smuggled, 417)]
    [Wire("Transfer-Encoding: chunked\r\n\r\n", "2a\r\n" + AttackStage.Smuggled + "\r\n0\r\n\r\n" + AttackStage.Smuggled, 417)]
    public async Task A_body_that_the_upstream_refuses_is_not_sent_and_is_no_request(Transport transport, Delivery delivery, string fields, string body, int status)
    {
        var (target, ended) = Refusing(status, delivery);
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target}{Fields}{fields}", delivery);

        var response = await client.ReadResponseAsync();
        Assert.Equal((status, "close"), (response.Status, response.Header("Connection")));
        await stage.SendAsync(client, body, delivery);
        Assert.Equal("", (await client.ReadToEndAsync()).Text);

        Assert.EndsWith("\r\n\r\n", await ended, StringComparison.Ordinal);
        Assert.NotEqual(stage.Request($"POST {target} ").Connection, await stage.IsServedAsync());
    }

    [Theory]
    [Trait("Row", "A25")]
    [Wire("Content-Length: 42\r\n\r\n" + AttackStage.Smuggled)]
    [Wire("Content-Length: 42\r\n\r\n" + AttackStage.Smuggled + "GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [Wire("Transfer-Encoding: chunked\r\n\r\n2a\r\n" + AttackStage.Smuggled + "\r\n0\r\n\r\n")]
    public async Task A_body_that_is_sent_without_waiting_and_refused_leaves_no_upstream_connection_behind(Transport transport, Delivery delivery, string rest)
    {
        var (target, ended) = Refusing(417, delivery, waits: true);
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target}{Fields}{rest}", delivery);
        await stage.SettleAsync();
        _go.Signal(target);

        Assert.Equal(417, (await client.ReadResponseAsync()).Status);
        await ended;
        Assert.NotEqual(stage.Request($"POST {target} ").Connection, await stage.IsServedAsync());
    }

    [Theory]
    [Trait("Row", "A25")]
    [Wire("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 103, 200 })]
    [Wire("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 100, 103, 200 })]
    [Wire("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 100, 200 })]
    [Wire("HTTP/1.1 199 Odd\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", new[] { 199, 200 })]
    [Wire("HTTP/1.1 103 Early Hints\r\nContent-Length: 44\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 103, 200 })]
    [Wire("HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 103, 200 })]
    [Wire("HTTP/1.1 103 Early Hints\r\nConnection: close\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", new[] { 103, 200 })]
    public async Task Informational_responses_never_change_where_the_final_one_ends(Transport transport, Delivery delivery, string wire, int[] statuses)
    {
        var target = stage.Plan((connection, _) => stage.SendAsync(connection, wire, delivery));
        await using var client = await stage.ConnectAsync(transport);
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        foreach (var status in statuses[..^1])
        {
            var informational = await client.ReadResponseAsync();
            Assert.Equal(status, informational.Status);
            Assert.All(["Content-Length", "Transfer-Encoding", "Connection"], name => Assert.Empty(informational.Values(name)));
        }

        var final = await client.ReadResponseAsync();
        Assert.Equal((statuses[^1], "ok"), (final.Status, final.BodyText));
        Assert.Equal("GET /after ", (await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Theory]
    [Trait("Row", "A25")]
    [Wire("")]
    [Wire("Expect: 100-continue\r\n")]
    public async Task A_client_of_HTTP_1_0_gets_the_final_response_only(Transport transport, Delivery delivery, string fields)
    {
        var target = stage.Plan(async (connection, head) =>
        {
            await stage.SendAsync(connection, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n", delivery);
            await connection.SendOkAsync(Encoding.Latin1.GetString(await connection.ReadBodyAsync(head)));
        });
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST {target} HTTP/1.0\r\nHost: app.test\r\n{fields}Content-Length: 5\r\n\r\nhello{AttackStage.Smuggled}", delivery);

        var rest = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", rest.Text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nhello", rest.Text, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Row", "A25")]
    [Wire("Expect: 100-continue, x\r\n")]
    [Wire("Expect: x 100-continue\r\n")]
    [Wire("Expect: 100-Continue\r\n")]
    [Wire("Expect: 101-continue\r\n")]
    [Wire("Expect:\r\n")]
    [Wire("Expect: x\r\nExpect: 100-continue\r\n")]
    public async Task An_odd_expectation_leaves_the_framing_intact(Transport transport, Delivery delivery, string fields)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST /odd HTTP/1.1\r\nHost: app.test\r\n{fields}Content-Length: 5\r\n\r\nhello{AttackStage.Next}", delivery);

        Assert.Equal("POST /odd hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
    }

    /// <summary>An upstream that refuses the request without reading its body. The task gives what it got until its connection ended.</summary>
    private (string Target, Task<string> Ended) Refusing(int status, Delivery delivery, bool waits = false)
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = "";
        target = stage.Plan(async (connection, _) =>
        {
            if (waits)
                await _go.WaitAsync(target);
            await stage.SendAsync(connection, $"HTTP/1.1 {status} Answer\r\nContent-Length: 0\r\n\r\n", delivery);
            await connection.ReadToEndAsync();
            ended.SetResult(connection.ReceivedText[connection.ReceivedText.LastIndexOf("POST ", StringComparison.Ordinal)..]);
        });
        return (target, ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }
}
