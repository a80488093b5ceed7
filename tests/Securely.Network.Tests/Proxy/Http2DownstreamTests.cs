using System.Text;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Network.Tests.Http.V2;

namespace Securely.Network.Tests.Proxy;

/// <summary>Clients of HTTP/2 in front of upstreams of HTTP/1: the same phases, the same rules (H2C-02, H2S-03, cases 2, 6, 7, 20 to 22, 29).</summary>
public sealed class Http2DownstreamTests
{
    private const string Get = FrameClient.Get;

    // POST / of http://a.b, open.
    private const string Post = "000008 01 04 00000001 83 86 84 4103612e62";

    // Extended CONNECT (RFC 8441): method, scheme http, path /chat, authority a.b, :protocol websocket, sec-websocket-version: 13.
    private static readonly string _connect = FrameClient.Frame(
        1, 4, 1, "0207" + FrameClient.Hex("CONNECT") + "86 0405" + FrameClient.Hex("/chat") + "4103612e62 0009" + FrameClient.Hex(":protocol") + "09" + FrameClient.Hex("websocket")
        + "0015" + FrameClient.Hex("sec-websocket-version") + "02" + FrameClient.Hex("13"));

    [Fact]
    public Task A_request_reaches_the_upstream_as_HTTP_1() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "82 86 04042f613f62 4103612e62 0001780179"));
        Assert.Equal("GET /a?b HTTP/1.1\r\nhost: a.b\r\nx: y\r\n\r\n", peer[0].Received);
        await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nX-End: 2\r\n\r\nok");
        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2, x-end: 2", "DATA 1 END [ok]"], client.Take());
        Assert.Equal((200, null), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error));
    });

    [Fact]
    public Task Streams_of_one_connection_run_side_by_side() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Get, FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"));
        Assert.Equal(2, peer.Count);
        await peer[1].SendAsync(Script.Ok);
        await peer[0].SendAsync(Script.Ok);
        Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]", "HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
        await client.SendAsync(FrameClient.Frame(1, 5, 5, "82 86 84 4103612e62"));
        Assert.Equal(2, peer.Count);
    });

    [Fact]
    public Task A_body_without_a_length_is_sent_in_chunks_and_trailers_follow_it() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Post, FrameClient.Frame(0, 0, 1, FrameClient.Hex("hello")));
        Assert.Equal("POST / HTTP/1.1\r\nhost: a.b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", peer[0].Received);
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "0001780179"));
        Assert.EndsWith("\r\nhello\r\n0\r\nx: y\r\n\r\n", peer[0].Received, StringComparison.Ordinal);
        await peer[0].SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 7\r\n\r\n");
        Assert.Equal(["HEADERS 1 :status: 200", "DATA 1 [ok]", "HEADERS 1 END x-sum: 7"], client.Take());
    });

    [Fact]
    public Task Informational_heads_come_through_and_a_HEAD_has_no_body() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(FrameClient.Frame(1, 5, 1, "0204 48454144 86 84 4103612e62"));
        await peer[0].SendAsync("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n");
        Assert.Equal(["HEADERS 1 :status: 103, link: </a>", "HEADERS 1 END :status: 200, content-length: 42"], client.Take());
    });

    [Fact]
    public Task A_response_that_is_cut_never_looks_whole() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Get);
        await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nAAAAA");
        peer[0].Break();
        await client.Live.SettleAsync();
        Assert.Equal(["HEADERS 1 :status: 200, content-length: 10", "DATA 1 [AAAAA]", "RST_STREAM 1 InternalError"], client.Take());
    });

    [Fact]
    public Task A_body_that_is_wrong_when_it_comes_with_its_head_is_a_502() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Get);
        await peer[0].SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nok\r\n0\r\n\r\n");
        Assert.Equal(["HEADERS 1 END :status: 502, server: Securely, cache-control: private, no-store, content-length: 0"], client.Take());
    });

    [Fact]
    public Task An_upstream_that_dies_before_its_head_is_a_502_and_other_streams_go_on() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Get, FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"));
        peer[0].Close();
        await client.Live.SettleAsync();
        Assert.StartsWith("HEADERS 1 END :status: 502", client.Take()[^1], StringComparison.Ordinal);
        await peer[1].SendAsync(Script.Ok);
        Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]"], client.Take());
    });

    [Fact]
    public Task A_reset_cancels_the_upstream_at_once_and_nothing_else() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Post, FrameClient.Frame(1, 5, 3, "82 86 84 4103612e62"));
        await client.SendAsync(FrameClient.Frame(3, 0, 1, "00000008"));
        Assert.True(peer[0].IsBroken);
        Assert.False(peer[1].IsEnded);
        Assert.Equal(ErrorSource.Downstream, Assert.Single(proxy.Finished).Error!.Source);
        await peer[1].SendAsync(Script.Ok);
        Assert.Equal(["HEADERS 3 :status: 200, content-length: 2", "DATA 3 END [ok]"], client.Take());
    });

    [Fact]
    public Task A16_a_body_that_is_not_as_long_as_announced_costs_the_upstream_its_connection() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync("00000c 01 04 00000001 83 86 84 4103612e62 0f0d0135");
        Assert.Equal("POST / HTTP/1.1\r\nhost: a.b\r\ncontent-length: 5\r\n\r\n", peer[0].Received);
        await client.SendAsync(FrameClient.Frame(0, 1, 1, "6161"));
        Assert.Equal(["RST_STREAM 1 ProtocolError"], client.Take());
        Assert.True(peer[0].IsBroken);
    });

    [Fact]
    public Task An_upstream_that_reads_nothing_stops_the_client() => PlayAsync(async (client, peer, proxy) =>
    {
        peer[0].IsReading = false;
        for (var frame = 0; frame < 8; frame++)
            await client.SendAsync(FrameClient.Frame(0, 0, 1, new string('6', 2 * 16_384)));
        var early = client.Take();
        Assert.True(early.Length <= 1);

        peer[0].IsReading = true;
        await peer[0].SettleAsync();
        await client.SendAsync(FrameClient.Frame(0, 1, 1, "61"));
        await peer[0].SettleAsync();
        Assert.EndsWith("\r\n1\r\na\r\n0\r\n\r\n", peer[0].Received, StringComparison.Ordinal);
    }, Post);

    [Fact]
    public Task An_answer_before_the_body_has_come_is_whole() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Post, FrameClient.Frame(0, 0, 1, "6161"));
        await peer[0].SendAsync(Script.Ok);
        Assert.Equal(["HEADERS 1 :status: 200, content-length: 2", "DATA 1 END [ok]"], client.Take());
        await client.Live.PassAsync(TimeSpan.FromMilliseconds(1_100));
        Assert.Equal(["RST_STREAM 1 NoError"], client.Take());
        Assert.Equal(200, Assert.Single(proxy.Finished).Status);
    });

    [Fact]
    public Task A_websocket_is_opened_by_an_extended_CONNECT() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(_connect);
        var head = peer[0].Received;
        Assert.StartsWith("GET /chat HTTP/1.1\r\nhost: a.b\r\nsec-websocket-version: 13\r\nupgrade: websocket\r\nsec-websocket-key: ", head, StringComparison.Ordinal);
        Assert.EndsWith("==\r\nConnection: upgrade\r\n\r\n", head, StringComparison.Ordinal);
        await client.SendAsync(FrameClient.Frame(0, 0, 1, FrameClient.Hex("early")));
        Assert.Equal(head, peer[0].Received);

        await peer[0].SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: p\r\n\r\nhello");
        Assert.Equal(["HEADERS 1 :status: 200, sec-websocket-protocol: p", "DATA 1 [hello]"], client.Take());
        Assert.Equal(head + "early", peer[0].Received);
        await client.SendAsync(FrameClient.Frame(0, 0, 1, "81"));
        Assert.Equal(head + "early\u0081", peer[0].Received);

        await peer[0].SendAsync("bye");
        peer[0].End();
        await client.Live.SettleAsync();
        Assert.Equal(["DATA 1 [bye]", "DATA 1 END []"], client.Take()[..2]);
    });

    [Fact]
    public Task A_websocket_that_ends_with_bytes_loses_none_of_them() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(_connect);
        await peer[0].SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n");
        await client.SendAsync(FrameClient.Frame(0, 1, 1, FrameClient.Hex("bye")));

        Assert.EndsWith("\r\n\r\nbye", peer[0].Received, StringComparison.Ordinal);
        Assert.True(peer[0].IsEnded);
    });

    [Fact]
    public Task A_websocket_that_is_refused_is_an_ordinary_answer() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(_connect);
        await peer[0].SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        Assert.Equal(["HEADERS 1 :status: 403, content-length: 2", "DATA 1 END [no]", "RST_STREAM 1 NoError"], client.Take());
    });

    [Fact]
    public Task A_large_response_follows_the_clients_windows_and_stops_the_upstream() => PlayAsync(async (client, peer, proxy) =>
    {
        await client.SendAsync(Get);
        await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        var sending = peer[0].BeginSend(Encoding.Latin1.GetBytes(new string('x', 1_000_000)));
        await client.Live.SettleAsync();
        Assert.Equal(65_535, Sum(client.Take()));
        Assert.True(peer[0].Unsent > 600_000);

        var received = 65_535;
        while (received < 1_000_000)
        {
            await client.SendAsync("000004 08 00 00000000 00010000 000004 08 00 00000001 00010000");
            await client.Live.SettleAsync();
            var more = Sum(client.Take());
            Assert.True(more > 0);
            received += more;
        }

        await sending;
        Assert.Equal(1_000_000, received);
        Assert.Equal(200, Assert.Single(proxy.Finished).Status);
    });

    private static int Sum(string[] frames) => frames.Where(frame => frame.StartsWith("DATA", StringComparison.Ordinal))
        .Sum(frame => frame.EndsWith(" bytes]", StringComparison.Ordinal) ? int.Parse(frame.Split('[')[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) : frame.Split('[')[1].Length - 1);

    private static async Task PlayAsync(Func<FrameClient, LivePeer, FilteringProxy, ValueTask> play, string first = "")
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);
        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async live =>
        {
            var client = new FrameClient(live);
            await client.BeginAsync();
            await client.SendAsync(first);
            await play(client, peer, proxy);
        });
    }
}
