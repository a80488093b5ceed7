using Securely.Network.Tests.Http;
using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>What becomes of a message between HTTP/1.1 and HTTP/2 (H2C-01, H2C-04, H2C-06, RFC 9113 8).</summary>
public sealed class TranslationTests
{
    private const string Date = Stage.Date + "Connection: keep-alive\r\n";
    private const string Get = "GET /path?q=1 HTTP/1.1\r\nHost: a.test\r\nUser-Agent: x\r\n\r\n";
    private const string GetSent = "HEADERS 1 END :method: GET | :scheme: http | :authority: a.test | :path: /path?q=1 | user-agent: x";

    [Fact]
    public async Task A_request_without_a_body_ends_with_its_head()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            Assert.Equal(["SETTINGS", GetSent], stage[0].Take());
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200\ncontent-type: text/plain\ncontent-length: 5\nx-a: b"), Data(1, "hello", true));
            await client.SettleAsync();
            Assert.Equal($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nx-a: b\r\n{Date}\r\nhello", client.Received);
        });
    }

    [Fact]
    public async Task A_response_without_a_length_is_sent_in_chunks()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "hello"));
            await client.SettleAsync();
            await stage[0].SendAsync(Data(1, " world"), Data(1, "", true));
            await client.SettleAsync();
            Assert.Equal($"HTTP/1.1 200 OK\r\n{Date}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", client.Received);
        });
    }

    [Fact]
    public async Task Bodies_and_trailers_go_both_ways()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\nConnection: te\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
            Assert.Equal(
                ["SETTINGS", "HEADERS 1 :method: POST | :scheme: http | :authority: a.test | :path: / | te: trailers", "DATA 1 hello", "HEADERS 1 END x-sum: 1"],
                stage[0].Take());
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200\ngrpc-encoding: identity"), Data(1, "answer"), Headers(1, "grpc-status: 0\ncontent-length: 3\nx-done: yes", true));
            await client.SettleAsync();
            Assert.Equal(
                $"HTTP/1.1 200 OK\r\ngrpc-encoding: identity\r\n{Date}Transfer-Encoding: chunked\r\n\r\n6\r\nanswer\r\n0\r\ngrpc-status: 0\r\nx-done: yes\r\n\r\n",
                client.Received);
        });
    }

    [Fact]
    public async Task What_belongs_to_a_connection_of_HTTP_1_is_left_out()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(
                "GET http://b.test HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, x-drop\r\nX-Drop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nTE: gzip\r\n"
                + "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nCookie: a=b; c=d\r\nX-Kept: 1\r\n\r\n");
            Assert.Equal(
                ["SETTINGS", "HEADERS 1 END :method: GET | :scheme: http | :authority: b.test | :path: / | cookie: a=b; c=d ! | x-kept: 1"], stage[0].Take());
        });
    }

    [Fact]
    public async Task A_request_of_HTTP_1_0_without_a_host_gets_the_address()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("GET / HTTP/1.0\r\n\r\n");
            Assert.Equal(["SETTINGS", "HEADERS 1 END :method: GET | :scheme: http | :authority: localhost | :path: /"], stage[0].Take());
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "hello", true));
            await client.SettleAsync();
            Assert.EndsWith("\r\n\r\nhello", client.Received, StringComparison.Ordinal);
            Assert.True(client.IsEnded);
        });
    }

    [Fact]
    public async Task Informational_responses_come_through_although_all_heads_come_at_once()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(
                Settings(), Headers(1, ":status: 103\nlink: </a>"), Headers(1, ":status: 103\nlink: </b>"), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            Assert.Equal(
                $"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </b>\r\n\r\nHTTP/1.1 204 No Content\r\n{Date}\r\n", client.Received);
        });
    }

    [Fact]
    public async Task Too_many_informational_responses_are_refused()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync([Settings(), .. Enumerable.Repeat(Headers(1, ":status: 103"), 33)]);
            await client.SettleAsync();
            Assert.Contains("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Contains("RST_STREAM 1 11", stage[0].Take());
        });
    }

    [Theory]
    [InlineData("HEAD", ":status: 200\ncontent-length: 5", "200 OK", "Content-Length: 5")]
    [InlineData("GET", ":status: 304\ncontent-length: 5", "304 Not Modified", "Content-Length: 5")]
    [InlineData("GET", ":status: 204", "204 No Content", "")]
    [InlineData("GET", ":status: 200\ncontent-length: 0", "200 OK", "Content-Length: 0")]
    public async Task A_response_that_has_no_body_may_announce_one(string method, string head, string status, string length)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync($"{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await stage[0].SendAsync(Settings(), Headers(1, head, true));
            await client.SettleAsync();
            Assert.Equal($"HTTP/1.1 {status}\r\n{(length.Length > 0 ? length + "\r\n" : "")}{Date}\r\n", client.Received);
        });
    }

    [Theory]
    [InlineData("x: y")]
    [InlineData(":status: 2xx")]
    [InlineData(":status: 20")]
    [InlineData(":status: 099")]
    [InlineData(":status: 101")]
    [InlineData(":status: 200\n:status: 200")]
    [InlineData("x: y\n:status: 200")]
    [InlineData(":status: 200\n:path: /")]
    [InlineData(":status: 200\nX-Upper: y")]
    [InlineData(":status: 200\nx y: z")]
    [InlineData(":status: 200\nx: a\rb")]
    [InlineData(":status: 200\nx: \0")]
    [InlineData(":status: 200\nx:  a")]
    [InlineData(":status: 200\nx: a ")]
    [InlineData(":status: 200\nconnection: close")]
    [InlineData(":status: 200\ntransfer-encoding: chunked")]
    [InlineData(":status: 200\nkeep-alive: 5")]
    [InlineData(":status: 200\nproxy-connection: close")]
    [InlineData(":status: 200\nupgrade: h3")]
    [InlineData(":status: 200\ncontent-length: 1\ncontent-length: 1")]
    [InlineData(":status: 200\ncontent-length: -1")]
    [InlineData(":status: 200\ncontent-length: 5")]
    public async Task Rfc_9113_8_1_1_a_malformed_response_is_not_passed_on(string head)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Headers(1, head, true));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", client.Received, StringComparison.Ordinal);
            Assert.Contains("RST_STREAM 1 1", stage[0].Take());
            Assert.False(stage[0].IsEnded);
        });
    }

    [Theory]
    [InlineData("hel", true)]
    [InlineData("hello!", false)]
    public async Task Rfc_9113_8_1_1_a_body_of_another_length_breaks_the_response(string body, bool isEnd)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200\ncontent-length: 5"), Data(1, "he"));
            await client.SettleAsync();
            await stage[0].SendAsync(Data(1, body[2..], isEnd));
            await client.SettleAsync();
            Assert.True(client.IsBroken);
            Assert.Contains("RST_STREAM 1 1", stage[0].Take());
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_body_before_its_head_and_a_second_head_break_the_response(int which)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), which == 0 ? Data(1, "x") : Headers(1, ":status: 200") + Headers(1, "x: y"));
            await client.SettleAsync();
            Assert.True(client.IsBroken || client.Received.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal));
            Assert.Contains("RST_STREAM 1 1", stage[0].Take());
        });
    }

    [Fact]
    public async Task What_exceeds_an_announced_length_is_not_sent()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0005\r\n\r\nhel");
            Assert.Equal(["SETTINGS", "HEADERS 1 :method: POST | :scheme: http | :authority: a.test | :path: / | content-length: 5", "DATA 1 hel"], stage[0].Take());
            await client.SendAsync("lo");
            Assert.Equal(["DATA 1 END lo"], stage[0].Take());
        });
    }

    [Fact]
    public async Task An_empty_body_ends_with_its_head()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n");
            Assert.Equal(["SETTINGS", "HEADERS 1 END :method: POST | :scheme: http | :authority: a.test | :path: / | content-length: 0"], stage[0].Take());
        });
    }
}
