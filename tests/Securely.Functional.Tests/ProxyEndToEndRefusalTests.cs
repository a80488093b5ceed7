using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Requests that could be read in two ways: they are refused, the connection is closed, and the upstream sees nothing.</summary>
public sealed class ProxyEndToEndRefusalTests
{
    private const string Fields = "POST / HTTP/1.1\r\nHost: app.test\r\n";
    private const string Smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: app.test\r\n\r\n";

    [Theory]
    [Trait("Case", "38")]
    [Trait("Row", "A1")]
    [InlineData("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\ncontent-length: 0\r\n")]
    public Task CL_and_TE_together_are_400(string fields) => IsRefusedAsync(Fields + fields + "\r\n" + Smuggled, 400);

    [Theory]
    [Trait("Case", "39")]
    [Trait("Row", "A3")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n")]
    public Task TE_on_HTTP_1_0_is_400(string fields) => IsRefusedAsync("POST / HTTP/1.0\r\nHost: app.test\r\n" + fields + "\r\n" + Smuggled, 400);

    [Theory]
    [Trait("Case", "40")]
    [Trait("Row", "A2")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: chunked, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked;q=1\r\n")]
    [InlineData("Transfer-Encoding: \x0b" + "chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\x0b\r\n")]
    [InlineData("Transfer-Encoding: \"chunked\"\r\n")]
    [InlineData("Transfer-Encoding:\r\n")]
    public Task A_transfer_encoding_that_is_not_just_chunked_is_400(string fields) => IsRefusedAsync(Fields + fields + "\r\n" + Smuggled, 400);

    [Theory]
    [Trait("Case", "40")]
    [Trait("Row", "A2")]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding: chunked, x\r\n")]
    public Task A_last_transfer_coding_that_is_not_known_is_501(string fields) => IsRefusedAsync(Fields + fields + "\r\n" + Smuggled, 501);

    [Theory]
    [Trait("Case", "41")]
    [Trait("Row", "A5")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n")]
    [InlineData("Content-Length: 5, 5\r\n")]
    [InlineData("Content-Length: 5,6\r\n")]
    [InlineData("Content-Length: +5\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 0x5\r\n")]
    [InlineData("Content-Length: 5 5\r\n")]
    [InlineData("Content-Length: five\r\n")]
    [InlineData("Content-Length:\r\n")]
    [InlineData("Content-Length: 10000000000000000000\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n")]
    public Task A_content_length_that_is_no_number_is_400(string fields) => IsRefusedAsync(Fields + fields + "\r\nhello", 400);

    [Theory]
    [Trait("Row", "A9")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX-Folded: a\r\n b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n Host: app.test\r\n\r\n")]
    public Task A_folded_header_line_is_400(string wire) => IsRefusedAsync(wire, 400);

    [Theory]
    [Trait("Row", "A10")]
    [InlineData("GET / HTTP/1.1\nHost: app.test\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX: a\rb\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX: a\0b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX : a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\n: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\n:path: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX\x01: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nX: \x7f\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nno colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: app.test\r\nContent-Length : 5\r\n\r\nhello")]
    public Task A_malformed_header_line_is_400(string wire) => IsRefusedAsync(wire, 400);

    [Theory]
    [Trait("Row", "A11")]
    [InlineData("GET app.test:80 HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET /a#b HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET /a b HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET /\xe4 HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET * HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET  / HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1 \r\nHost: app.test\r\n\r\n")]
    [InlineData("GET / http/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("G(T / HTTP/1.1\r\nHost: app.test\r\n\r\n")]
    [InlineData("GET /\r\nHost: app.test\r\n\r\n")]
    public Task A_malformed_request_line_is_400(string wire) => IsRefusedAsync(wire, 400);

    [Theory]
    [Trait("Row", "A12")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: user@a.test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a test\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n")]
    public Task A_host_that_is_none_is_400(string wire) => IsRefusedAsync(wire, 400);

    [Fact]
    [Trait("Case", "49")]
    public async Task More_than_128_headers_are_431() =>
        await IsRefusedAsync("GET / HTTP/1.1\r\nHost: app.test\r\n" + string.Concat(Enumerable.Repeat("X: 1\r\n", 128)) + "\r\n", 431);

    [Fact]
    [Trait("Case", "49")]
    public async Task Headers_of_more_than_64_KiB_are_431() =>
        await IsRefusedAsync($"GET / HTTP/1.1\r\nHost: app.test\r\nX: {new string('x', 64 * 1024)}\r\n\r\n", 431);

    [Fact]
    [Trait("Case", "49")]
    public async Task A_request_line_of_more_than_8_KiB_is_414() =>
        await IsRefusedAsync($"GET /{new string('x', 8 * 1024)} HTTP/1.1\r\nHost: app.test\r\n\r\n", 414);

    [Fact]
    [Trait("Case", "49")]
    public async Task A_head_within_the_limits_is_forwarded()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var many = await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n" + string.Concat(Enumerable.Repeat("X: 1\r\n", 127)) + "\r\n");
        var large = await client.ExchangeAsync($"GET /{new string('p', 8000)} HTTP/1.1\r\nHost: app.test\r\nX: {new string('x', 65_000)}\r\n\r\n");

        Assert.Equal((200, 200), (many.Status, large.Status));
        Assert.Equal(65_000, Assert.Single(origin.Requests[1].Values("X")).Length);
        Assert.Equal(127, origin.Requests[0].Values("X").Count);
    }

    private static async Task IsRefusedAsync(string wire, params int[] statuses)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("must not be asked"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        Delivery[] deliveries = wire.Length < 1000 ? [Delivery.Whole, Delivery.Lines, Delivery.Bytes] : [Delivery.Whole];
        foreach (var delivery in deliveries)
            await IsRefusedAsync(host, wire, delivery, statuses);
        Assert.Equal(0, origin.ConnectionCount);
    }

    private static async Task IsRefusedAsync(ProxyHost host, string wire, Delivery delivery, int[] statuses)
    {
        await using var client = await host.ConnectAsync();
        try
        {
            await client.SendAsync(wire, delivery);
        }
        catch (IOException)
        {
            // The proxy has refused the beginning already.
        }
        var response = await client.ReadResponseAsync();
        Assert.Contains(response.Status, statuses);
        Assert.Equal("close", response.Header("Connection"));
        await client.WaitForCloseAsync();
    }
}
