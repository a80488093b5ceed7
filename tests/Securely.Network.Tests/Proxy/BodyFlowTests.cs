using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

/// <summary>How bodies run: both at once, no faster than they are taken, and no longer than somebody wants them (PRX-04, PRX-06).</summary>
public sealed class BodyFlowTests
{
    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData(Script.Get)]
    public async Task A_client_that_goes_cancels_the_upstream_at_once_whatever_it_has_sent(string request)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(request);
            Assert.Equal(request, peer[0].Received);
            client.Break();
            await client.SettleAsync();
            Assert.True(peer[0].IsBroken);
            Assert.Single(proxy.Finished);
        });

        Assert.Equal((null, ErrorSource.Downstream), (proxy.Finished[0].Status, proxy.Finished[0].Error!.Source));
    }

    [Fact]
    public async Task A_client_that_goes_in_the_middle_of_the_response_cancels_the_upstream_at_once()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            await client.SettleAsync();
            client.Break();
            await client.SettleAsync();
            Assert.True(peer[0].IsBroken);
        });

        Assert.Equal((200, ErrorSource.Downstream, 2L), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error!.Source, proxy.Finished[0].UpstreamBytes));
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_the_upstream()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var service = new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            client.IsReading = false;
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n");
            var sending = peer[0].BeginSend(new byte[10_000_000]);
            await client.SettleAsync();
            var taken = 10_000_000 - peer[0].Unsent;
            // The two rings between the ends, and a buffer or two of the proxy.
            Assert.InRange(taken, 100_000, 400_000);
            await client.SettleAsync();
            Assert.Equal(taken, 10_000_000 - peer[0].Unsent);
            client.IsReading = true;
            while (!sending.IsCompleted)
                await client.SettleAsync();
            await client.SettleAsync();
            Assert.Equal(10_000_000, client.Received.Length - client.Received.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
        });
    }

    [Fact]
    public async Task An_upstream_that_does_not_read_stops_the_client()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var service = new MemoryProxy<PlainContext>(new FilteringProxy(peer.Peer), Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10000000\r\n\r\n");
            peer[0].IsReading = false;
            var sending = client.BeginSend(new byte[10_000_000]);
            await client.SettleAsync();
            var taken = 10_000_000 - client.Unsent;
            Assert.InRange(taken, 100_000, 400_000);
            await client.SettleAsync();
            Assert.Equal(taken, 10_000_000 - client.Unsent);
            peer[0].IsReading = true;
            while (!sending.IsCompleted)
                await peer[0].SettleAsync();
            await peer[0].SettleAsync();
            Assert.Equal(10_000_000, peer[0].Received.Length - peer[0].Received.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4);
            await peer[0].SendAsync(Script.Ok);
            await client.SettleAsync();
            Assert.Equal(Script.OkSent, client.Received);
        });
    }

    [Fact]
    public async Task Both_bodies_run_at_once()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);
        var service = new MemoryProxy<PlainContext>(proxy, Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\na");
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nA");
            var received = Script.OkLast.Replace("Content-Length: 2", "Content-Length: 4", StringComparison.Ordinal)[..^2];
            foreach (var letter in "bcd")
            {
                await client.SendAsync(letter.ToString());
                Assert.EndsWith(letter.ToString(), peer[0].Received, StringComparison.Ordinal);
                await peer[0].SendAsync(char.ToUpperInvariant(letter).ToString());
            }

            await client.SettleAsync();
            Assert.Equal(received + "ABCD", client.Received);
            Assert.Equal(1, service.Connector!.IdleCount);
            // Its head went out before the request had ended (H1S-09).
            Assert.True(client.IsEnded);
        });

        Assert.Null(Assert.Single(proxy.Finished).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_comes_before_the_request_has_ended_gets_through_and_ends_the_connection(bool closes)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time, bufferSize: 1000);
        var proxy = new FilteringProxy(peer.Peer);
        var service = new MemoryProxy<PlainContext>(proxy, Script.Plain);

        await stage.PlayAsync(service, async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10000000\r\n\r\n");
            peer[0].IsReading = false;
            var sending = client.BeginSend(new byte[10_000_000]);
            await client.SettleAsync();
            await peer[0].SendAsync("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
            if (closes)
                peer[0].Close();
            await client.SettleAsync();
            Assert.Equal($"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n{Stage.Date}Connection: close\r\n\r\nbig", client.Received);
            Assert.True(client.IsEnded);
            Assert.False(client.IsBroken);
            client.Break();
            await client.SettleAsync();
            Assert.True(sending.IsFaulted);
        });

        Assert.Equal(0, service.Connector!.IdleCount);
        Assert.Equal((413, null), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error));
    }

    [Fact]
    public async Task A_filter_of_the_request_that_throws_after_the_response_has_begun_breaks_it_off()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var calls = 0;
        var proxy = new FilteringProxy(peer.Peer) { RequestBody = (_, body, _, _) => ++calls == 2 ? throw new InvalidOperationException("broken") : new(body) };

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\na");
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n");
            await client.SendAsync("b");
            Assert.True(client.IsBroken);
            Assert.True(peer[0].IsBroken);
        });

        Assert.Equal((200, ErrorKind.InternalError), (Assert.Single(proxy.Finished).Status, proxy.Finished[0].Error!.Kind));
    }
}
