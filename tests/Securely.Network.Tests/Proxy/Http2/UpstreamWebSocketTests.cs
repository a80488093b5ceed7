using Securely.Http;
using Securely.Network.Tests.Http.V2;
using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>WebSockets to upstreams of HTTP/2 (RFC 8441): by extended CONNECT where their settings allow it, else over HTTP/1.1.</summary>
public sealed class UpstreamWebSocketTests
{
    private const string Ask =
        "GET /chat HTTP/1.1\r\nHost: a.b\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private const string Sent =
        ":method: CONNECT | :scheme: http | :authority: a.b | :path: /chat | :protocol: websocket | sec-websocket-version: 13";

    private const string Agreed = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: p\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nConnection: upgrade\r\n\r\n";

    // Extended CONNECT (RFC 8441) of a client of HTTP/2.
    private static readonly string _connect = FrameClient.Frame(
        1, 4, 1, "0207" + FrameClient.Hex("CONNECT") + "86 0405" + FrameClient.Hex("/chat") + "4103612e62 0009" + FrameClient.Hex(":protocol") + "09" + FrameClient.Hex("websocket")
        + "0015" + FrameClient.Hex("sec-websocket-version") + "02" + FrameClient.Hex("13"));

    private static string Allowed => Settings((8, 1));

    [Fact]
    public async Task Rfc_8441_4_is_opened_by_an_extended_CONNECT_when_the_settings_have_come_and_allow_it()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Ask);
            Assert.Equal(["SETTINGS"], stage[0].Take());
            await stage[0].SendAsync(Allowed);
            Assert.Equal([$"HEADERS 1 {Sent}"], stage[0].Take());

            await stage[0].SendAsync(Headers(1, ":status: 200\nsec-websocket-protocol: p"), Data(1, "hello"));
            await client.SettleAsync();
            Assert.Equal(Agreed + "hello", client.Received);

            await client.SendAsync("to you");
            Assert.Equal(["DATA 1 to you"], stage[0].Take());
            await stage[0].SendAsync(Data(1, "bye", true));
            await client.SettleAsync();
            Assert.EndsWith("hellobye", client.Received, StringComparison.Ordinal);
            Assert.True(client.IsEnded);
        });
        Assert.Equal(1, stage.Connections);
        Assert.Equal((101, null), (Assert.Single(stage.Proxy.Finished).Status, stage.Proxy.Finished[0].Error));
    }

    [Fact]
    public async Task Rfc_8441_5_goes_from_one_connection_of_HTTP_2_to_another()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async live =>
        {
            var client = new FrameClient(live);
            await client.BeginAsync();
            await client.SendAsync(_connect);
            await stage[0].SendAsync(Allowed);
            Assert.Equal(["SETTINGS", $"HEADERS 1 {Sent}"], stage[0].Take());

            await stage[0].SendAsync(Headers(1, ":status: 200"), Data(1, "hello"));
            await live.SettleAsync();
            Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [hello]"], client.Take());
            await client.SendAsync(FrameClient.Frame(0, 1, 1, FrameClient.Hex("bye")));
            await live.SettleAsync();
            Assert.Equal(["DATA 1 bye", "DATA 1 END "], stage[0].Take());
            await stage[0].SendAsync(Data(1, "", true));
            await live.SettleAsync();
            Assert.Equal(["DATA 1 END []"], client.Take());
        });
    }

    [Fact]
    public async Task A_refusal_is_an_ordinary_answer_and_the_connection_serves_on()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Ask);
            await stage[0].SendAsync(Allowed);
            await stage[0].SendAsync(Headers(1, ":status: 403\ncontent-length: 2"), Data(1, "no", true));
            await client.SettleAsync();
            Assert.StartsWith("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n", client.Received, StringComparison.Ordinal);
            Assert.EndsWith("\r\n\r\nno", client.Received, StringComparison.Ordinal);
            Assert.Equal("RST_STREAM 1 8", stage[0].Take()[^1]);
            await stage.BesideAsync(async other =>
            {
                await other.SendAsync(Ask);
                Assert.Equal([$"HEADERS 3 {Sent}"], stage[0].Take());
            });
        });
        Assert.Equal(1, stage.Connections);
    }

    [Fact]
    public async Task An_upstream_whose_settings_do_not_allow_it_is_asked_over_HTTP_1_and_requests_stay_where_they_are()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Ask);
            await stage[0].SendAsync(Settings());
            Assert.Equal(2, stage.Connections);
            Assert.StartsWith("GET /chat HTTP/1.1\r\nHost: a.b\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ", stage[1].End.Received, StringComparison.Ordinal);
            await stage[1].SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello");
            await client.SettleAsync();
            Assert.EndsWith("\r\n\r\nhello", client.Received, StringComparison.Ordinal);
            await stage.BesideAsync(async other =>
            {
                await other.SendAsync(Script.Get);
                Assert.StartsWith("HEADERS 1 END :method: GET", stage[0].Take()[^1], StringComparison.Ordinal);
            });

            // What the upstream has said once is not asked for again.
            await stage.BesideAsync(async other =>
            {
                await other.SendAsync(Ask);
                Assert.Equal(3, stage.Connections);
                Assert.StartsWith("GET /chat HTTP/1.1\r\n", stage[2].End.Received, StringComparison.Ordinal);
            });
        });
    }

    [Theory]
    [InlineData("Upgrade: chat\r\n")]
    [InlineData("Upgrade: websocket, chat\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")]
    [InlineData("Upgrade: websocket\r\n")]
    [InlineData("Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 2\r\n")]
    public async Task What_an_extended_CONNECT_cannot_say_goes_over_HTTP_1(string fields)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync($"GET / HTTP/1.1\r\nHost: a.b\r\nConnection: upgrade\r\n{fields}\r\n");

            Assert.StartsWith("GET / HTTP/1.1\r\nHost: a.b\r\nUpgrade: ", stage[0].End.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_upstream_that_ends_before_its_settings_have_come_is_an_error_of_it()
    {
        await using var stage = new Http2Stage(service: Script.Plain with { MaxTries = 1 });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Ask);
            stage[0].End.Close();
            await client.SettleAsync();

            Assert.StartsWith("HTTP/1.1 502 ", client.Received, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_in_time_is_a_504()
    {
        await using var stage = new Http2Stage(new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(5) }, Script.Plain with { MaxTries = 1 });
        await stage.PlayAsync(async client =>
        {
            await client.SendAsync(Ask);
            await stage[0].SendAsync(Allowed);
            await client.PassAsync(TimeSpan.FromSeconds(6));

            Assert.StartsWith("HTTP/1.1 504 ", client.Received, StringComparison.Ordinal);
            Assert.Equal("RST_STREAM 1 8", stage[0].Take()[^1]);
        });
    }

    [Fact]
    public async Task Rfc_7541_6_2_3_what_must_not_be_indexed_is_passed_on_so_in_both_directions()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async live =>
        {
            var client = new FrameClient(live);
            await client.BeginAsync();

            // x: y as never indexed, z: y as indexed, then a body and the trailer t: y as never indexed.
            await client.SendAsync(FrameClient.Frame(1, 4, 1, "83 86 84 4103612e62 10 0178 0179 40 017a 0179"), FrameClient.Frame(0, 0, 1, "61"), FrameClient.Frame(1, 5, 1, "10 0174 0179"));
            Assert.Equal(
                ["SETTINGS", "HEADERS 1 :method: POST | :scheme: http | :authority: a.b | :path: / | x: y ! | z: y", "DATA 1 a", "HEADERS 1 END t: y !"],
                stage[0].Take());

            await stage[0].SendAsync(Settings(), Frame(1, 4, 1, "\u0088\u0010\u0001x\u0001y@\u0001z\u0001y"), Frame(1, 5, 1, "\u0010\u0001t\u0001y"));
            await live.SettleAsync();
            Assert.Equal(["HEADERS 1 :status: 200, x: y !, z: y", "HEADERS 1 END t: y !"], client.Take());
        });
    }

    [Fact]
    public async Task Rfc_7541_6_2_3_a_cookie_of_which_a_piece_must_not_be_indexed_is_not_indexed()
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async live =>
        {
            var client = new FrameClient(live);
            await client.BeginAsync();

            await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 84 4103612e62 1f11 0f 613d62626262626262626262626262 6003633d64"));

            Assert.EndsWith(" | cookie: a=bbbbbbbbbbbbb; c=d !", stage[0].Take()[1], StringComparison.Ordinal);
        });
    }
}
