using Securely.Network.Tests.Http.V2;
using static Securely.Network.Tests.Proxy.Http2.Http2Upstream;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>HTTP/2 in front and behind, frame by frame: each stream of one side is a stream of the other.</summary>
public sealed class BothSidesTests
{
    private const string Get = FrameClient.Get;

    // POST / of http://a.b, open.
    private const string Post = "000008 01 04 00000001 83 86 84 4103612e62";

    [Fact]
    public Task Informational_heads_come_through_before_the_final_one() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync(Get);
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 103\nlink: </a.css>; rel=preload"));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 103, link: </a.css>; rel=preload"], client.Take());

        await stage[0].SendAsync(Headers(1, ":status: 200"), Data(1, "ok", true));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 END [ok]"], client.Take());
    });

    [Fact]
    public Task HEAD_gets_the_length_and_no_body() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync("00000d 01 05 00000001 020448454144 86 84 4103612e62");
        Assert.Equal("HEADERS 1 END :method: HEAD | :scheme: http | :authority: a.b | :path: /", stage[0].Take()[^1]);
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 200\ncontent-length: 5", true));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 END :status: 200, content-length: 5"], client.Take());
    });

    [Fact]
    public Task Bodies_and_trailers_go_both_ways() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync(Post, FrameClient.Frame(0, 0, 1, FrameClient.Hex("up")), FrameClient.Frame(1, 5, 1, "00 0178 0179"));
        Assert.Equal(["HEADERS 1 :method: POST | :scheme: http | :authority: a.b | :path: /", "DATA 1 up", "HEADERS 1 END x: y"], stage[0].Take().Skip(1));
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "down"), Headers(1, "grpc-status: 0", true));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [down]", "HEADERS 1 END grpc-status: 0"], client.Take());
    });

    [Fact]
    public Task A_response_may_come_before_its_request_has_ended() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync(Post, FrameClient.Frame(0, 0, 1, FrameClient.Hex("part")));
        Assert.Equal("DATA 1 part", stage[0].Take()[^1]);
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 403\ncontent-length: 2"), Data(1, "no", true), Reset(1, 0));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 403, content-length: 2", "DATA 1 END [no]"], client.Take());
        await client.Live.PassAsync(TimeSpan.FromMilliseconds(1_100));
        Assert.Equal(["RST_STREAM 1 NoError"], client.Take());
    });

    [Fact]
    public Task A_reset_of_the_client_reaches_the_upstream_and_no_other_stream() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync(Get, "000008 01 05 00000003 82 86 84 4103612e62");
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "part"));
        stage[0].Take();

        await client.SendAsync("000004 03 00 00000001 00000008");
        Assert.Equal(["RST_STREAM 1 8"], stage[0].Take());
        await stage[0].SendAsync(Headers(3, ":status: 204", true));
        await client.Live.SettleAsync();
        Assert.Equal("HEADERS 3 END :status: 204", client.Last);
    });

    [Fact]
    public Task A_reset_of_the_upstream_reaches_the_client_and_no_other_stream() => PlayAsync(async (client, stage) =>
    {
        await client.SendAsync(Get, "000008 01 05 00000003 82 86 84 4103612e62");
        await stage[0].SendAsync(Settings(), Headers(1, ":status: 200"), Data(1, "part"), Reset(1, 2));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [part]", "RST_STREAM 1 InternalError"], client.Take());

        await stage[0].SendAsync(Headers(3, ":status: 204", true));
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 3 END :status: 204"], client.Take());
    });

    private static async Task PlayAsync(Func<FrameClient, Http2Stage, ValueTask> play)
    {
        await using var stage = new Http2Stage();
        await stage.PlayAsync(async live =>
        {
            var client = new FrameClient(live);
            await client.BeginAsync();
            await play(client, stage);
        });
    }
}
