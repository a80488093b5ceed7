using System.Text;
using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>Filters that read the body of the request, which the upstream gets all the same.</summary>
public sealed class RequestReadingTests
{
    [Theory]
    [InlineData("Content-Length: 10\r\n", "helloworld")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n")]
    public async Task A_body_that_a_filter_has_read_still_reaches_the_upstream(string framing, string body)
    {
        await using var stage = new Stage();
        var sent = framing.StartsWith('C') ? body : "a\r\nhelloworld\r\n0\r\n\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\n{framing}\r\n{sent}").Read(Script.Ok));
        var read = new StringBuilder();
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                BodyChunk chunk;
                do
                {
                    chunk = await session.ReadBodyAsync();
                    read.Append(Encoding.Latin1.GetString(chunk.Data.Span));
                }
                while (!chunk.IsEnd);
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read($"POST / HTTP/1.1\r\nHost: a.test\r\n{framing}\r\n{body}").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal("helloworld", read.ToString());
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task A_filter_may_read_the_beginning_of_a_body_and_the_rest_follows_as_it_comes()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhelloworld").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                Assert.Equal("hello"u8.ToArray(), (await session.ReadBodyAsync()).Data.ToArray());
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\n").Read("hello").Read("world").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Theory]
    [InlineData(RetryBuffer.Size, 200)]
    [InlineData(RetryBuffer.Size + 1, 413)]
    public async Task A_filter_may_read_as_much_of_a_body_as_is_kept(int length, int status)
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                while (!(await session.ReadBodyAsync()).IsEnd)
                {
                    // Until all of it is here.
                }

                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}"), Script.Plain);

        Assert.StartsWith($"HTTP/1.1 {status} ", client.Written, StringComparison.Ordinal);
        Assert.Equal(status, Assert.Single(proxy.Finished).Status);
        Assert.Equal(status == 200 ? 1 : 0, peer.Connections.Count);
        Assert.Equal(status == 200 ? null : ErrorKind.HttpStatus, proxy.Finished[0].Error?.Kind);
    }

    [Fact]
    public async Task A_filter_that_reads_the_body_asks_a_waiting_client_for_it_and_the_upstreams_100_is_not_sent_again()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi").Read("HTTP/1.1 100 Continue\r\n\r\n" + Script.Ok));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Request = async (session, _) =>
            {
                Assert.True((await session.ReadBodyAsync()).IsEnd);
                return FilterResult.Continue;
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n").Write("HTTP/1.1 100 Continue\r\n\r\n").Read("hi").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }
}
