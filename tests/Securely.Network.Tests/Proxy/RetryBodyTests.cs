using Securely.Network.Tests.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

/// <summary>Bodies that are sent again (PRX-03, H1S-21).</summary>
public sealed class RetryBodyTests
{
    [Theory]
    [InlineData(RetryBuffer.Size, false, true)]
    [InlineData(RetryBuffer.Size + 1, false, false)]
    [InlineData(RetryBuffer.Size, true, true)]
    [InlineData(RetryBuffer.Size + 1, true, false)]
    public async Task A_body_is_sent_again_whole_as_long_as_it_was_kept(int length, bool chunked, bool again)
    {
        await using var stage = new Stage();
        var body = new string('x', length - 1) + "!";
        var request = chunked
            ? $"PUT / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
            : $"PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{body}";
        var peer = new LivePeer(stage.Time, bufferSize: 1 << 20);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            await client.SendAsync(request);
            await peer[0].SettleAsync();
            Assert.Equal(length, Body(peer[0].Received[Script.Get.Length..]).Length);
            peer[0].End();
            await client.SettleAsync();
            Assert.Equal(again ? 2 : 1, peer.Count);
            if (again)
            {
                await peer[1].SettleAsync();
                Assert.Equal(body, Body(peer[1].Received));
                await peer[1].SendAsync(Script.Ok);
                await client.SettleAsync();
            }

            Assert.Equal(Script.OkSent + (again ? Script.OkSent : Script.ErrorPage(502, "Bad Gateway")), client.Received);
        });

        Assert.Equal(again ? null : ErrorKind.ConnectionClosed, proxy.Finished[1].Error?.Kind);
    }

    [Fact]
    public async Task A_body_of_which_the_client_has_sent_a_part_goes_on_to_the_next_upstream()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            await client.SendAsync("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello");
            Assert.EndsWith("\r\n\r\nhello", peer[0].Received, StringComparison.Ordinal);
            peer[0].End();
            await client.SettleAsync();
            Assert.Equal("PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello", peer[1].Received);
            await client.SendAsync("world");
            Assert.EndsWith("\r\n\r\nhelloworld", peer[1].Received, StringComparison.Ordinal);
            await peer[1].SendAsync(Script.Ok);
            await client.SettleAsync();
            Assert.Equal(Script.OkSent + Script.OkSent, client.Received);
        });

        Assert.Equal((2, null), (proxy.Finished[1].Tries, proxy.Finished[1].Error));
    }

    /// <summary>The body of a request, out of its chunks if need be.</summary>
    private static string Body(string request)
    {
        var body = request[(request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        if (!request.Contains("Transfer-Encoding: chunked\r\n", StringComparison.Ordinal))
            return body;
        var whole = new System.Text.StringBuilder();
        while (body.Length > 0)
        {
            var end = body.IndexOf("\r\n", StringComparison.Ordinal);
            var size = int.Parse(body[..end], System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
            whole.Append(body, end + 2, size);
            body = body[(end + 2 + size + 2)..];
        }

        return whole.ToString();
    }
}
