using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>
/// Bodies that are longer or shorter than their responses say, and responses that nobody asked for (row A21): what is whole is passed on, what
/// is not never looks so, and the upstream's connection is used no more.
/// </summary>
public sealed class UpstreamBodyTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

    [Theory]
    [Trait("Case", "46")]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokstray", "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n", "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\0", "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + Evil, "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + Evil, "GET", 200, "")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nstray", "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n\r\n", "GET", 200, "ok")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n" + Evil, "GET", 200, "ok")]
    [Wire("HTTP/1.1 204 No Content\r\n\r\nstray", "GET", 204, "")]
    [Wire("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nstray", "GET", 204, "")]
    [Wire("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstray\r\n0\r\n\r\n", "GET", 204, "")]
    [Wire("HTTP/1.1 204 No Content\r\nContent-Length: 44\r\n\r\n" + Evil, "GET", 204, "")]
    [Wire("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nstray", "GET", 304, "")]
    [Wire("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstray\r\n0\r\n\r\n", "GET", 304, "")]
    [Wire("HTTP/1.1 304 Not Modified\r\n\r\n" + Evil, "GET", 304, "")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", "HEAD", 200, "")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nstray\r\n0\r\n\r\n", "HEAD", 200, "")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 44\r\n\r\n" + Evil, "HEAD", 200, "")]
    [Wire("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nok" + Evil, "POST", 404, "ok")]
    public async Task What_follows_a_response_reaches_nobody(Transport transport, Delivery delivery, string wire, string method, int status, string body)
    {
        var (target, ended) = Plan(wire, delivery);
        await using var client = await stage.ConnectAsync(transport);

        var response = await client.ExchangeAsync($"{method} {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal((status, body, "keep-alive"), (response.Status, response.BodyText, response.Header("Connection")));
        Assert.NotEqual(await ended, await stage.IsServedAsync());
        Assert.Equal("GET /after ", (await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Theory]
    [Trait("Case", "52")]
    [Trait("Row", "A21")]
    [Wire(Evil)]
    [Wire("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 103 Early Hints\r\n\r\n")]
    [Wire("\r\n")]
    [Wire("\0")]
    public async Task What_comes_while_nobody_asks_is_no_answer_to_the_next_request(Transport transport, Delivery delivery, string wire)
    {
        var phases = new PhaseBarrier();
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            await connection.SendOkAsync("ok");
            await phases.WaitAsync("answered");
            await stage.SendAsync(connection, wire, delivery);
            await connection.ReadToEndAsync();
            ended.TrySetResult(connection.Index);
        });
        await using var client = await stage.ConnectAsync(transport);

        Assert.Equal("ok", (await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
        phases.Signal("answered");
        var attacked = await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.NotEqual(attacked, await stage.IsServedAsync());
        Assert.Equal("GET /after ", (await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Theory]
    [Trait("Case", "47")]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 200 OK\r\n\r\nhello")]
    [Wire("HTTP/1.0 200 OK\r\n\r\nhello")]
    [Wire("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello")]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello")]
    [Wire("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nKeep-Alive: timeout=60\r\n\r\nhello")]
    public async Task A_body_that_ends_with_its_connection_gets_an_end_of_its_own(Transport transport, Delivery delivery, string wire)
    {
        var (target, ended) = Plan(wire, delivery, connection => connection.HalfClose());
        await using var client = await stage.ConnectAsync(transport);

        var response = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal((200, "hello", true), (response.Status, response.BodyText, response.WasChunked));
        Assert.NotEqual(await ended, await stage.IsServedAsync());
        Assert.Equal("GET /after ", (await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Theory]
    [Trait("Case", "20")]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", false)]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", true)]
    [Wire("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", false)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello", false)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", false)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false)]
    [Wire("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n", false)]
    [Wire("HTTP/1.1 200 OK\r\n\r\nhello", true)]
    public async Task A_body_that_breaks_off_never_ends_in_order(Transport transport, Delivery delivery, string wire, bool isReset)
    {
        var (target, ended) = Plan(wire, delivery, connection =>
        {
            if (isReset)
                connection.Reset();
            else
                connection.HalfClose();
        });
        await IsCutAsync(transport, target);
        Assert.NotEqual(await ended, await stage.IsServedAsync());
    }

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A21")]
    [Wire("zz\r\nhello\r\n0\r\n\r\n")]
    [Wire("0x5\r\nhello\r\n0\r\n\r\n")]
    [Wire("-5\r\nhello\r\n0\r\n\r\n")]
    [Wire("5 \r\nhello\r\n0\r\n\r\n")]
    [Wire("5\nhello\r\n0\r\n\r\n")]
    [Wire("5\r\nhelloX\r\n0\r\n\r\n")]
    [Wire("5\r\nhello0\r\n\r\n")]
    [Wire("5\r\nhello\n0\n\n")]
    [Wire("5;x\nhello\r\n0\r\n\r\n")]
    [Wire("5;x\r\nhello\r\n0 \r\n\r\n")]
    [Wire("5\r\nhello\r\n-1\r\n\r\n")]
    [Wire("5\r\nhello\r\nfffffffffffffffff\r\n")]
    [Wire("5\r\nhello\r\nffffffffffffffff\r\n")]
    [Wire("5\r\nhello\r\n0\r\nX : y\r\n\r\n")]
    [Wire("5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n")]
    [Wire("5\r\nhello\r\n0\r\n\n")]
    [Wire("5\r\nhello\r\n0\r\n" + Evil)]
    public async Task A_body_with_a_broken_chunk_never_ends_in_order(Transport transport, Delivery delivery, string chunks)
    {
        var (target, ended) = Plan("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, delivery);
        await IsCutAsync(transport, target);
        Assert.NotEqual(await ended, await stage.IsServedAsync());
    }

    [Theory]
    [Trait("Case", "48")]
    [Trait("Row", "A21")]
    [Wire("5;", 9_000, "\r\nhello\r\n0\r\n\r\n", OnlyWhole = true)]
    [Wire("5;", 1_000_000, "", OnlyWhole = true)]
    [Wire("5\r\nhello\r\n0\r\nX: ", 66_000, "\r\n\r\n", OnlyWhole = true)]
    [Wire("5\r\nhello\r\n0\r\nX: ", 1_000_000, "", OnlyWhole = true)]
    public async Task An_extension_or_a_trailer_that_does_not_end_never_ends_the_body_in_order(Transport transport, Delivery delivery, string before, int count, string after)
    {
        var (target, ended) = Plan($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{before}{new string('x', count)}{after}", delivery);
        await IsCutAsync(transport, target);
        Assert.NotEqual(await ended, await stage.IsServedAsync());
    }

    /// <summary>An origin that sends the bytes and waits for the end of its connection; the task gives its number then.</summary>
    private (string Target, Task<int> Ended) Plan(string wire, Delivery delivery, Action<TestOriginConnection>? end = null)
    {
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            await stage.SendAsync(connection, wire, delivery);
            try
            {
                end?.Invoke(connection);
                await connection.ReadToEndAsync();
            }
            catch (IOException)
            {
                // This side has reset the connection.
            }

            ended.TrySetResult(connection.Index);
        });
        return (target, ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    /// <summary>Whatever the client has got by then, it gets no end that it could take for the body's.</summary>
    private async Task IsCutAsync(Transport transport, string target)
    {
        await using var client = await stage.ConnectAsync(transport);
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        var rest = await client.ReadToEndAsync();

        // A reset may take the bytes before it along, and a failure before the head was sent can still be answered.
        if (rest.Text.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", StringComparison.Ordinal))
            return;
        Assert.Equal(ConnectionEnd.Reset, rest.End);
        Assert.False(rest.Text.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal), "A body that is broken has got a last chunk");
        Assert.DoesNotContain("evil", rest.Text, StringComparison.Ordinal);
    }
}
