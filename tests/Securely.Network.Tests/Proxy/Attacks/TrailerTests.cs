using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Trailers that a reader could take for headers (row A14): what may not be a trailer is dropped, in both directions, and nothing is merged.</summary>
public sealed class TrailerTests(AttackStage stage) : IClassFixture<AttackStage>
{
    [Theory]
    [Trait("Row", "A14")]
    [Wire("Content-Length: 999\r\n")]
    [Wire("content-length: 999\r\nCONTENT-LENGTH: 998\r\n")]
    [Wire("Host: evil.test\r\n")]
    [Wire("Authorization: Basic bWU=\r\n")]
    [Wire("Transfer-Encoding: gzip\r\n")]
    [Wire("Transfer-Encoding: identity\r\ntransfer-encoding: gzip\r\n")]
    [Wire("Content-Length: 999\r\nHost: evil.test\r\nAuthorization: Basic bWU=\r\n")]
    [Wire("Connection: close, Host\r\n")]
    [Wire("Keep-Alive: timeout=1\r\n")]
    [Wire("Proxy-Connection: close\r\n")]
    [Wire("Proxy-Authorization: Basic bWU=\r\n")]
    [Wire("TE: trailers\r\n")]
    [Wire("Trailer: Host\r\n")]
    [Wire("Upgrade: websocket\r\n")]
    [Wire("Expect: 100-continue\r\n")]
    [Wire("Max-Forwards: 0\r\n")]
    [Wire("Via: 1.1 evil\r\n")]
    [Wire("Forwarded: for=10.0.0.1\r\n")]
    [Wire("X-Forwarded-For: 10.0.0.1\r\n")]
    [Wire("X-Forwarded-Proto: ftp\r\n")]
    [Wire("x-forwarded-anything: 1\r\n")]
    [Wire("X-Real-IP: 10.0.0.1\r\n")]
    [Wire("Cookie: admin=1\r\n")]
    [Wire("Content-Type: text/evil\r\n")]
    [Wire("Content-Encoding: gzip\r\n")]
    [Wire("Content-Range: bytes 0-1/2\r\n")]
    [Wire("Cache-Control: public\r\n")]
    [Wire("If-Match: \"evil\"\r\n")]
    [Wire("Range: bytes=0-1\r\n")]
    public async Task A_forbidden_trailer_of_a_request_is_dropped(Transport transport, Delivery delivery, string trailers)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(
            client,
            $"POST /trailers HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-First: 1\r\n{trailers}X-Last: 2\r\n\r\n{AttackStage.Next}",
            delivery);

        Assert.Equal("POST /trailers hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        var request = stage.Request("POST /trailers ");
        Assert.Equal(["app.test"], request.Values("Host"));
        Assert.All(["X-First", "X-Last", .. Names(trailers)], name => Assert.DoesNotContain(request.Values(name), value => trailers.Contains(": " + value + "\r\n", StringComparison.Ordinal)));
        Assert.Contains("\r\n0\r\nX-First: 1\r\nX-Last: 2\r\n\r\nGET /next HTTP/1.1\r\n", stage.Received(request), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Row", "A14")]
    [Wire("Host: evil.test\r\nContent-Length: 999\r\n")]
    [Wire("Authorization: Basic bWU=\r\n")]
    public async Task Forbidden_trailers_alone_leave_none(Transport transport, Delivery delivery, string trailers)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, $"POST /trailers HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n{trailers}\r\n{AttackStage.Next}", delivery);

        Assert.Equal("POST /trailers hello", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        Assert.Contains("\r\n0\r\n\r\nGET /next HTTP/1.1\r\n", stage.Received(stage.Request("POST /trailers ")), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Row", "A14")]
    [Wire("Content-Length: 999\r\n")]
    [Wire("Transfer-Encoding: gzip\r\n")]
    [Wire("Connection: X-Kept\r\n")]
    [Wire("Keep-Alive: timeout=1\r\n")]
    [Wire("Trailer: X-Kept\r\n")]
    [Wire("Upgrade: websocket\r\n")]
    [Wire("Host: evil.test\r\n")]
    [Wire("Authorization: Basic bWU=\r\n")]
    [Wire("WWW-Authenticate: Basic\r\n")]
    [Wire("Set-Cookie: admin=1\r\n")]
    [Wire("Location: http://evil.test/\r\n")]
    [Wire("Content-Type: text/evil\r\n")]
    [Wire("Content-Encoding: gzip\r\n")]
    [Wire("Content-Range: bytes 0-1/2\r\n")]
    [Wire("Content-Disposition: attachment\r\n")]
    [Wire("Content-Security-Policy: default-src *\r\n")]
    [Wire("Cache-Control: public\r\n")]
    [Wire("Age: 0\r\n")]
    [Wire("Expires: 0\r\n")]
    [Wire("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n")]
    [Wire("Vary: *\r\n")]
    [Wire("Retry-After: 1\r\n")]
    [Wire("Via: 1.1 evil\r\n")]
    public async Task A_forbidden_trailer_of_a_response_is_dropped(Transport transport, Delivery delivery, string trailers)
    {
        var target = stage.Plan((connection, _) => stage.SendAsync(
            connection, $"HTTP/1.1 200 OK\r\nX-Kept: yes\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-First: 1\r\n{trailers}X-Last: 2\r\n\r\n", delivery));
        await using var client = await stage.ConnectAsync(transport);

        var response = await client.ExchangeAsync($"GET {target} HTTP/1.1\r\nHost: app.test\r\nTE: trailers\r\n\r\n");

        Assert.Equal((200, "hello", "yes"), (response.Status, response.BodyText, response.Header("X-Kept")));
        Assert.Equal(["X-First: 1", "X-Last: 2"], response.Trailers.Select(trailer => $"{trailer.Name}: {trailer.Value}"));
        Assert.All(["X-First", "X-Last", .. Names(trailers)], name => Assert.DoesNotContain(response.Values(name), value => trailers.Contains(": " + value + "\r\n", StringComparison.Ordinal)));
        await client.ExchangeAsync("GET /after HTTP/1.1\r\nHost: app.test\r\n\r\n");
    }

    [Theory]
    [Trait("Row", "A14")]
    [Wire]
    public async Task A_client_of_HTTP_1_0_gets_no_trailers(Transport transport, Delivery delivery)
    {
        var target = stage.Plan((connection, _) => stage.SendAsync(
            connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Last: 2\r\nContent-Length: 999\r\n\r\n", delivery));
        await using var client = await stage.ConnectAsync(transport);
        await client.SendAsync($"GET {target} HTTP/1.0\r\nHost: app.test\r\n\r\n");

        var rest = await client.ReadToEndAsync();

        Assert.EndsWith("\r\n\r\nhello", rest.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Last", rest.Text, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(string fields) => fields.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]);
}
