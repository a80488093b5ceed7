using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>Windows in both directions, and responses that come before their requests have ended.</summary>
public sealed class StreamFlowTests
{
    [Fact]
    public async Task An_upload_waits_for_the_window_of_its_stream()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n");
            await stage[0].SendAsync(Settings((4, 3)));
            stage[0].Take();
            await client.SendAsync("8\r\nabcdefgh\r\n");
            Assert.Equal(["DATA 1 abc"], stage[0].Take());
            await stage[0].SendAsync(WindowUpdate(1, 2));
            Assert.Equal(["DATA 1 de"], stage[0].Take());
            await stage[0].SendAsync(Settings((4, 0)), WindowUpdate(1, 3));
            Assert.Empty(stage[0].Take());
            await stage[0].SendAsync(WindowUpdate(1, 10));
            Assert.Equal(["DATA 1 fgh"], stage[0].Take());
            await client.SendAsync("0\r\n\r\n");
            Assert.Equal(["DATA 1 END "], stage[0].Take());
        });
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_the_upstream_and_a_window_is_opened_when_it_reads()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            client.IsReading = false;
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"));
            stage[0].Take();
            // Twice what the client's end of the connection in memory and the window of 128 KiB take together.
            for (var sent = 0; sent < 128 * 1024; sent += 16 * 1024)
                await stage[0].SendAsync(Data(1, new string('x', 16 * 1024)));
            var before = stage[0].Take().Count(line => line.StartsWith("WINDOW_UPDATE 1", StringComparison.Ordinal));
            client.IsReading = true;
            await client.SettleAsync();
            await client.SettleAsync();
            var after = stage[0].Take().Count(line => line.StartsWith("WINDOW_UPDATE 1", StringComparison.Ordinal));
            Assert.True(after > 0, $"{before} and then {after} updates");
            await stage[0].SendAsync(Data(1, "", true));
            await client.SettleAsync();
            Assert.EndsWith("\r\n0\r\n\r\n", client.Received, StringComparison.Ordinal);
            Assert.Equal(128 * 1024, client.Received.Count(letter => letter == 'x'));
        });
    }

    [Fact]
    public async Task An_upstream_that_ignores_the_window_loses_its_stream()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            client.IsReading = false;
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"));
            for (var sent = 0; sent < 512 * 1024; sent += 16 * 1024)
                await stage[0].SendAsync(Data(1, new string('x', 16 * 1024)));
            Assert.Contains("RST_STREAM 1 3", stage[0].Take());
            Assert.False(stage[0].IsEnded);
        });
    }

    [Fact]
    public async Task Rfc_9113_8_1_an_early_response_is_kept_when_the_rest_of_its_request_is_not_wanted()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhello");
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 413\ncontent-length: 5"), Data(1, "large", true), Reset(1, 0));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 413 ", client.Received, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nlarge", client.Received, StringComparison.Ordinal);
        });
        Assert.Null(Assert.Single(stage.Proxy.Finished).Error);
    }

    [Fact]
    public async Task An_early_response_without_a_word_cancels_the_rest_of_its_request()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhello");
            stage[0].Take();
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 403\ncontent-length: 0", true));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 403 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(["RST_STREAM 1 8"], stage[0].Take());
            Assert.False(stage[0].IsEnded);
        });
    }

    [Fact]
    public async Task A_response_whose_length_is_complete_is_whole_although_its_end_does_not_come()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 200\ncontent-length: 5"), Data(1, "hello"), Reset(1, 0));
            await client.SettleAsync();
            Assert.EndsWith("\r\n\r\nhello", client.Received, StringComparison.Ordinal);
            Assert.Null(Assert.Single(stage.Proxy.Finished).Error);
        });
    }

    [Fact]
    public async Task A_client_that_waits_for_100_gets_that_of_the_upstream()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            Assert.Equal("", client.Received);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 100"));
            await client.SettleAsync();
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", client.Received);
            stage[0].Take();
            await client.SendAsync("hello");
            Assert.Equal(["DATA 1 END hello"], stage[0].Take());
        });
    }
}
