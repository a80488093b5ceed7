using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Heads of responses that two readers could take differently (row A21): 502, and the upstream's connection is used no more.</summary>
public sealed class UpstreamHeadTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string Second = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

    [Theory]
    [Trait("Case", "44")]
    [Trait("Row", "A21")]
    [Wire(Ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5\r\nX: y\r\ncontent-length: 0\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5, 6\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5, 5\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5,\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: +5\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: -1\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 0x5\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5 5\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5.0\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: five\r\n\r\nhello")]
    [Wire(Ok + "Content-Length:\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 5\r\n 6\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 18446744073709551621\r\n\r\nhello")]
    [Wire(Ok + "Content-Length: 99999999999999999999\r\n\r\nhello")]
    [Wire("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n")]
    public Task A_length_that_is_no_number_is_502(Transport transport, Delivery delivery, string wire) => IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Case", "45")]
    [Trait("Row", "A21")]
    [Wire(Ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" + Second)]
    [Wire(Ok + "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello")]
    [Wire(Ok + "Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n" + Second)]
    [Wire(Ok + "X: y\r\n Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello")]
    [Wire("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n")]
    [Wire("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello")]
    public Task A_length_beside_a_coding_is_502(Transport transport, Delivery delivery, string wire) => IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A21")]
    [Wire(Ok + "Transfer-Encoding: gzip\r\n\r\nhello")]
    [Wire(Ok + "Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked;q=1\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: \"chunked\"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked,\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding: chunked\u000b\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [Wire(Ok + "Transfer-Encoding:\r\n\r\nhello")]
    public Task A_coding_that_is_not_just_chunked_is_502(Transport transport, Delivery delivery, string wire) => IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 20x OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 -20 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1\t200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 200\tOK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 200 OK\rContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n")]
    [Wire(" HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("ICY 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [Wire("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [Wire("<html>HTTP/1.1 200 OK</html>\r\n\r\n")]
    [Wire("\u0015\u0003\u0001\0\u0002\u0002\u0050")]
    public Task A_status_line_that_is_none_is_502(Transport transport, Delivery delivery, string wire) => IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A21")]
    [Wire(Ok + "X: a\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "Content-Length: 0\n\r\n")]
    [Wire(Ok + "Content-Length: 0\r\n\n")]
    [Wire(Ok + "Content-Length: 0\n\n")]
    [Wire(Ok + "X: a\rb\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X: a\r\rContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X: a\0b\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X: a\u0001\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X: a\u007f\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + ": a\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + " X: a\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "no colon\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X y: a\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X\u00e9: a\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "(X): a\r\nContent-Length: 0\r\n\r\n")]
    [Wire(Ok + "X: a\r\n b\0\r\nContent-Length: 0\r\n\r\n")]
    public Task A_header_line_that_is_malformed_is_502(Transport transport, Delivery delivery, string wire) => IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A21")]
    [Wire(257, 1, OnlyWhole = true)]
    [Wire(100_000, 1, OnlyWhole = true)]
    [Wire(100, 3000, OnlyWhole = true)]
    [Wire(1, 300_000, OnlyWhole = true)]
    public Task A_head_that_does_not_end_is_502(Transport transport, Delivery delivery, int count, int length) =>
        IsBadGatewayAsync(transport, delivery, Ok + string.Concat(Enumerable.Repeat($"X: {new string('x', length)}\r\n", count)));

    [Theory]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "")]
    [Wire("HTTP/1.1 101 Switching Protocols\r\n\r\n" + Second, "")]
    [Wire("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "Upgrade: websocket\r\n")]
    [Wire("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "Connection: Upgrade\r\nUpgrade: h2c\r\n")]
    [Wire("HTTP/1.0 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n")]
    [Wire("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", "")]
    public Task A_switch_that_nobody_asked_for_is_502(Transport transport, Delivery delivery, string wire, string fields) =>
        IsBadGatewayAsync(transport, delivery, wire, fields);

    [Theory]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 103 Early Hints\r\n\r\n", 33)]
    [Wire("HTTP/1.1 100 Continue\r\n\r\n", 33)]
    [Wire("HTTP/1.1 199 Odd\r\n\r\n", 33)]
    [Wire("HTTP/1.1 103 Early Hints\r\n\r\n", 100_000, OnlyWhole = true)]
    public Task A_flood_of_informational_responses_is_502(Transport transport, Delivery delivery, string wire, int count) =>
        IsBadGatewayAsync(transport, delivery, string.Concat(Enumerable.Repeat(wire, count)));

    [Theory]
    [Trait("Row", "A21")]
    [Wire("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nhello" + Second)]
    [Wire("HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Second)]
    [Wire("HTTP/1.1 103 Early Hints\r\nX : \0\r\n\r\n" + Second)]
    public Task Bytes_behind_an_informational_response_are_502(Transport transport, Delivery delivery, string wire) =>
        IsBadGatewayAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A9")]
    [Trait("Row", "A21")]
    [Wire(Ok + "X: a\r\n  b\r\nContent-Length: 2\r\n\r\nok", "a b", true)]
    [Wire(Ok + "X: a\r\n\tb \r\n\t c\r\nContent-Length: 2\r\n\r\nok", "a b c", true)]
    [Wire(Ok + "X:\r\n b\r\nContent-Length: 2\r\n\r\nok", "b", true)]
    [Wire(Ok + "X : b\r\nContent-Length \t: 2\r\n\r\nok", "b", true)]
    [Wire(Ok + "X: b\r\nContent-Length: 0000000000000000002\r\n\r\nok", "b", true)]
    [Wire("HTTP/1.1 200\r\nX: b\r\nContent-Length: 2\r\n\r\nok", "b", true)]
    [Wire("HTTP/1.0 200 OK\r\nX: b\r\nContent-Length: 2\r\n\r\nok", "b", false)]
    [Wire("HTTP/1.0 200 OK\r\nX: b\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n2\r\nok\r\n0\r\n\r\n", "b", false)]
    [Wire(Ok + "X: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "b", false)]
    public async Task What_is_lenient_is_made_plain_before_it_is_passed_on(Transport transport, Delivery delivery, string wire, string value, bool isReused)
    {
        var plays = -1;
        var target = stage.Plan((connection, _) =>
        {
            plays = connection.Index;
            return stage.SendAsync(connection, wire, delivery);
        });
        await using var client = await stage.ConnectAsync(transport);

        var response = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal((200, "ok", value), (response.Status, response.BodyText, response.Header("X")));
        Assert.Contains($"\r\nX: {value}\r\n", System.Text.Encoding.Latin1.GetString(response.Raw), StringComparison.Ordinal);
        if (!response.WasChunked)
            Assert.Equal("2", response.Header("Content-Length"));
        Assert.Equal(isReused, plays == await stage.IsServedAsync());
    }

    private async Task IsBadGatewayAsync(Transport transport, Delivery delivery, string wire, string fields = "")
    {
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var target = stage.Plan(async (connection, _) =>
        {
            await stage.SendAsync(connection, wire, delivery);
            await connection.ReadToEndAsync();
            ended.TrySetResult(connection.Index);
        });
        await using var client = await stage.ConnectAsync(transport);
        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\n{fields}\r\n");
        RawResponse response;
        do
        {
            response = await client.ReadResponseAsync();
        }
        while (response.Status < 200);

        Assert.Equal((502, "close", ""), (response.Status, response.Header("Connection"), response.BodyText));
        await client.WaitForCloseAsync();
        var attacked = await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.NotEqual(attacked, await stage.IsServedAsync());
    }
}
