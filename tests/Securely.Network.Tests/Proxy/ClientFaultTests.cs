using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

/// <summary>Failures that are the fault of the client.</summary>
public sealed class ClientFaultTests
{
    private const string Chunked = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData(Chunked + "zz\r\n", 400, ErrorKind.InvalidChunk)]
    [InlineData(Chunked + "5\r\nhelloX", 400, ErrorKind.InvalidChunk)]
    [InlineData(Chunked + "9\r\ntoo large\r\n", 413, ErrorKind.BodyTooLarge)]
    public async Task A_body_of_the_client_that_is_none_is_its_own_fault(string request, int status, ErrorKind error)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain with { Limits = new HttpLimits { Body = 8 } }), async client =>
        {
            await client.SendAsync(request);
            Assert.StartsWith($"HTTP/1.1 {status} ", client.Received, StringComparison.Ordinal);
            Assert.True(peer.Count == 0 || peer[0].IsBroken);
        });

        proxy.AssertLogged(status, error, ErrorSource.Downstream);
    }

    [Fact]
    public async Task A_client_that_does_not_go_on_with_its_body_is_408()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhe");
            await client.PassAsync(TimeSpan.FromSeconds(60));
            Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", client.Received, StringComparison.Ordinal);
            Assert.True(peer[0].IsBroken);
        });

        proxy.AssertLogged(408, ErrorKind.ReadTimedOut, ErrorSource.Downstream);
    }

    [Fact]
    public async Task A_client_that_does_not_take_its_response_is_cut_off_after_the_write_timeout()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            client.IsReading = false;
            await client.SendAsync(Script.Get);
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
            var sending = peer[0].BeginSend(new byte[1_000_000]);
            await client.SettleAsync();
            await client.PassAsync(TimeSpan.FromSeconds(60));
            Assert.True(peer[0].IsBroken);
            Assert.True(sending.IsFaulted);
            client.IsReading = true;
            Assert.True(client.IsBroken);
        });

        proxy.AssertLogged(200, ErrorKind.WriteTimedOut, ErrorSource.Downstream);
    }

    [Fact]
    public async Task A_client_that_ends_in_the_middle_of_its_body_gets_no_answer()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhe");
            client.End();
            await client.SettleAsync();
            Assert.Equal("", client.Received);
            Assert.True(peer[0].IsBroken);
        });

        proxy.AssertLogged(null, ErrorKind.ConnectionClosed, ErrorSource.Downstream);
    }
}
