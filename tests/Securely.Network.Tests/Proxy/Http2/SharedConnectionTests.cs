using Securely.Http;
using Securely.Proxy;
using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>How requests share connections, and how these live and end.</summary>
public sealed class SharedConnectionTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private const string Sent = ":method: GET | :scheme: http | :authority: a.test | :path: /";

    [Fact]
    public async Task Requests_of_several_clients_share_a_connection_and_may_be_answered_in_any_order()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async first =>
        {
            await first.SendAsync(Get);
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync(Get);
                Assert.Equal(1, stage.Connections);
                Assert.Equal(["SETTINGS", $"HEADERS 1 END {Sent}", $"HEADERS 3 END {Sent}"], stage[0].Take());
                await stage[0].SendAsync(Settings(), Headers(3, ":status: 200\ncontent-length: 6"), Headers(1, ":status: 200\ncontent-length: 5"), Data(3, "se"), Data(1, "fi"));
                await stage[0].SendAsync(Data(3, "cond", true));
                await second.SettleAsync();
                Assert.EndsWith("\r\n\r\nsecond", second.Received, StringComparison.Ordinal);
            });
            await stage[0].SendAsync(Data(1, "rst", true));
            await first.SettleAsync();
            Assert.EndsWith("\r\n\r\nfirst", first.Received, StringComparison.Ordinal);
            await first.SendAsync(Get);
            Assert.Equal([$"HEADERS 5 END {Sent}"], stage[0].Take());
        });
        Assert.Equal(1, stage.Connections);
    }

    [Fact]
    public async Task A_full_connection_gets_a_second_one_beside_it_and_the_less_loaded_one_is_chosen()
    {
        await using var stage = new Http2Stage(new PeerOptions { MaxHttp2Streams = 2 });
        await stage.PlayAsync(async first =>
        {
            await first.SendAsync(Get);
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync(Get);
                await stage.BesideAsync(async third =>
                {
                    await third.SendAsync(Get);
                    Assert.Equal(2, stage.Connections);
                    Assert.Equal(["SETTINGS", $"HEADERS 1 END {Sent}"], stage[1].Take());
                    await stage[0].SendAsync(Settings(), Headers(1, ":status: 204", true), Headers(3, ":status: 204", true));
                    await first.SettleAsync();
                    await first.SendAsync(Get);
                    Assert.Equal(["SETTINGS", $"HEADERS 1 END {Sent}", $"HEADERS 3 END {Sent}", $"HEADERS 5 END {Sent}"], stage[0].Take());
                });
            });
        });
        Assert.Equal(2, stage.Connections);
    }

    [Fact]
    public async Task The_upstream_may_allow_fewer_streams()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async first =>
        {
            await first.SendAsync(Get);
            await stage[0].SendAsync(Settings((3, 1)));
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync(Get);
                Assert.Equal(2, stage.Connections);
                Assert.Equal(["SETTINGS", $"HEADERS 1 END {Sent}"], stage[1].Take());
            });
        });
    }

    [Fact]
    public async Task A_client_that_goes_cancels_its_stream_and_nothing_else()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async first =>
        {
            await first.SendAsync(Get);
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello");
                stage[0].Take();
                second.Break();
                await second.SettleAsync();
                Assert.Equal(["RST_STREAM 3 8"], stage[0].Take());
            });
            await stage[0].SendAsync(Settings(), Headers(3, ":status: 200"), Data(3, "late"), Headers(1, ":status: 200"), Data(1, "hello", true));
            await first.SettleAsync();
            Assert.Contains("hello", first.Received, StringComparison.Ordinal);
            Assert.False(stage[0].IsEnded);
        });
    }

    [Fact]
    public async Task A_reset_in_the_middle_of_a_response_breaks_it_at_once_and_the_connection_serves_on()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async first =>
        {
            await stage.BesideAsync(async second =>
            {
                await second.SendAsync(Get);
                await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "part"));
                await second.SettleAsync();
                await stage[0].SendAsync(Reset(1, 2));
                await second.SettleAsync();
                Assert.True(second.IsBroken);
            });
            await first.SendAsync(Get);
            await stage[0].SendAsync(Headers(3, ":status: 204", true));
            await first.SettleAsync();
            Assert.StartsWith("HTTP/1.1 204 ", first.Received, StringComparison.Ordinal);
            Assert.Equal(1, stage.Connections);
        });
    }

    [Fact]
    public async Task An_idle_connection_ends_with_a_word_when_its_time_has_come()
    {
        await using var stage = new Http2Stage(new PeerOptions { IdleTimeout = TimeSpan.FromSeconds(60) });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Frame(4, 1, 0, ""), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            stage[0].Take();
            await client.PassAsync(TimeSpan.FromSeconds(59));
            Assert.Empty(stage[0].Take());
            await client.PassAsync(TimeSpan.FromSeconds(2));
            Assert.Equal(["GOAWAY 0 0"], stage[0].Take());
            Assert.True(stage[0].IsEnded);
            await client.SendAsync(Get);
            Assert.Equal(2, stage.Connections);
        });
    }

    [Fact]
    public async Task A_connection_that_must_not_be_idle_ends_after_its_request()
    {
        await using var stage = new Http2Stage(new PeerOptions { IdleTimeout = TimeSpan.Zero });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            stage[0].Take();
            await stage[0].SendAsync(Settings(), Headers(1, ":status: 204", true));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 204 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(["GOAWAY 0 0"], stage[0].Take());
            await client.SendAsync(Get);
            Assert.Equal(2, stage.Connections);
        });
    }

    [Fact]
    public async Task A_silent_upstream_is_asked_whether_it_lives_and_given_up_without_an_answer()
    {
        await using var stage = new Http2Stage(new PeerOptions { Http2PingInterval = TimeSpan.FromSeconds(10) });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Frame(4, 1, 0, ""));
            stage[0].Take();
            await client.PassAsync(TimeSpan.FromSeconds(11));
            Assert.Equal(["PING False 0000000000000001"], stage[0].Take());
            await stage[0].SendAsync(Pong("\0\0\0\0\0\0\0\x01"));
            await client.PassAsync(TimeSpan.FromSeconds(11));
            Assert.Equal(["PING False 0000000000000001"], stage[0].Take());
            await client.PassAsync(TimeSpan.FromSeconds(16));
            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_in_time_costs_its_stream()
    {
        await using var stage = new Http2Stage(new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(5) });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync(Settings(), Frame(4, 1, 0, ""));
            stage[0].Take();
            await client.PassAsync(TimeSpan.FromSeconds(4));
            Assert.Equal("", client.Received);
            await client.PassAsync(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 504 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(["RST_STREAM 1 8"], stage[0].Take());
            Assert.False(stage[0].IsEnded);
        });
    }

    [Fact]
    public async Task A_slow_upload_is_not_taken_for_a_slow_upstream()
    {
        await using var stage = new Http2Stage(new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(5) });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello");
            await stage[0].SendAsync(Settings(), Frame(4, 1, 0, ""));
            await client.PassAsync(TimeSpan.FromSeconds(8));
            Assert.Equal("", client.Received);
            await client.SendAsync("world");
            await client.PassAsync(TimeSpan.FromSeconds(4));
            Assert.Equal("", client.Received);
            await client.PassAsync(TimeSpan.FromSeconds(2));
            Assert.StartsWith("HTTP/1.1 504 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task What_is_no_HTTP_2_is_an_error_of_the_upstream()
    {
        await using var stage = new Http2Stage(service: Script.Plain with { MaxTries = 1 });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Get);
            await stage[0].SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
            Assert.Equal(ErrorKind.ConnectionClosed, Assert.Single(stage.Proxy.Finished).Error!.Kind);
        });
    }
}
