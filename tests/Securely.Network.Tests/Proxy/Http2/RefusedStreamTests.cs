using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>What may be sent again, because the upstream says that it has not looked at it (H2C-05, RFC 9113 6.8, 8.7), and what may not.</summary>
public sealed class RefusedStreamTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello";
    private const string Sent = ":method: POST | :scheme: http | :authority: a.test | :path: / | content-length: 5";

    [Fact]
    public async Task A_refused_stream_is_sent_again_on_the_same_connection_whatever_its_method()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Post);
            await stage[0].SendAsync(Settings(), Reset(1, 7));
            await client.SettleAsync();
            Assert.Equal(["SETTINGS", $"HEADERS 1 {Sent}", "DATA 1 END hello", $"HEADERS 3 {Sent}", "DATA 3 END hello"], stage[0].Take());
            await stage[0].SendAsync(Headers(3, ":status: 204", true));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 204 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(1, stage.Connections);
            Assert.Equal(2, Assert.Single(stage.Proxy.Finished).Tries);
        });
    }

    [Fact]
    public async Task Who_is_refused_twice_asks_on_a_connection_of_its_own_and_is_given_up_in_the_end()
    {
        await using var stage = new Http2Stage(service: Script.Plain with { MaxTries = 3 });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Post);
            await stage[0].SendAsync(Settings(), Reset(1, 7));
            await stage[0].SendAsync(Reset(3, 7));
            await client.SettleAsync();
            Assert.Equal(2, stage.Connections);
            Assert.Equal(["SETTINGS", $"HEADERS 1 {Sent}", "DATA 1 END hello"], stage[1].Take());
            await stage[1].SendAsync(Settings(), Reset(1, 7));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(3, Assert.Single(stage.Proxy.Finished).Tries);
        });
    }

    [Fact]
    public async Task Goaway_sends_what_was_not_looked_at_to_another_connection_and_lets_the_rest_finish()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async first =>
        {
            await first.SendAsync(Post);
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync(Post);
                await stage[0].SendAsync(Settings(), GoAway(1, 0));
                await second.SettleAsync();
                Assert.Equal(2, stage.Connections);
                Assert.Equal(["SETTINGS", $"HEADERS 1 {Sent}", "DATA 1 END hello"], stage[1].Take());
                await stage[1].SendAsync(Settings(), Headers(1, ":status: 201", true));
                await second.SettleAsync();
                Assert.StartsWith("HTTP/1.1 201 ", second.Received, StringComparison.Ordinal);
            });
            await stage[0].SendAsync(Headers(1, ":status: 200\ncontent-length: 2"), Data(1, "ok", true));
            await first.SettleAsync();
            Assert.EndsWith("\r\n\r\nok", first.Received, StringComparison.Ordinal);
            Assert.True(stage[0].IsEnded);
            await first.SendAsync(Post);
            Assert.Equal([$"HEADERS 3 {Sent}", "DATA 3 END hello"], stage[1].Take());
        });
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(11)]
    public async Task Another_reset_is_not_sent_again(int code)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Post);
            await stage[0].SendAsync(Settings(), Reset(1, code));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(1, Assert.Single(stage.Proxy.Finished).Tries);
        });
    }

    [Fact]
    public async Task A_refusal_after_the_head_of_a_response_is_no_refusal()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Post);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 103"), Reset(1, 7));
            await client.SettleAsync();
            Assert.Contains("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(1, Assert.Single(stage.Proxy.Finished).Tries);
        });
    }

    [Fact]
    public async Task A_body_that_could_not_be_kept_is_never_sent_again_in_part()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n");
            var sending = client.BeginSend(new byte[70_000]);
            await client.SettleAsync();
            await stage[0].SendAsync(Settings((4, 100_000)), WindowUpdate(0, 100_000));
            await client.SettleAsync();
            await client.SettleAsync();
            await sending;
            await client.SettleAsync();
            await stage[0].SendAsync(Reset(1, 7));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(1, Assert.Single(stage.Proxy.Finished).Tries);
            Assert.Equal(1, stage.Connections);
        });
    }

    [Fact]
    public async Task A_lost_connection_that_has_served_before_is_replaced_for_what_may_be_sent_twice()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Script.Get);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            await client.SendAsync(Script.Get);
            stage[0].End.Break();
            await client.SettleAsync();
            Assert.Equal(2, stage.Connections);
            await stage[1].SendAsync(Settings(), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            Assert.Equal([1, 2], stage.Proxy.Finished.Select(logged => logged.Tries));
        });
    }

    [Fact]
    public async Task A_request_that_may_not_be_sent_twice_fails_with_its_connection()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Script.Get);
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            await client.SendAsync(Post);
            stage[0].End.Break();
            await client.SettleAsync();
            Assert.Contains("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(1, stage.Connections);
        });
    }
}
