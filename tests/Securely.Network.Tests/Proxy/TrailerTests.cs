using Securely.Http;
using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>What stands behind a body, in both directions.</summary>
public sealed class TrailerTests
{
    private const string Post = "POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n";
    private const string Response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";
    private const string ResponseSent = $"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n";

    [Fact]
    public async Task Trailers_of_a_request_follow_its_body_and_those_that_would_change_its_meaning_stay_behind()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Post + "X-Sum: 1\r\nx-other: 2\r\n\r\n").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read(Post + "X-Sum: 1\r\nHost: evil.test\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\nAuthorization: me\r\nX-Forwarded-For: 1.1.1.1\r\nCookie: a=b\r\nx-other: 2\r\n\r\n")
            .Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }

    [Fact]
    public async Task Trailers_of_a_response_follow_its_body_and_are_never_merged_into_its_head()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Response + "X-Sum: 1\r\nSet-Cookie: a=b\r\nContent-Length: 7\r\n\r\n"));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(ResponseSent + "X-Sum: 1\r\n\r\n"));

        client.AssertFinished();
        Assert.Null(Assert.Single(proxy.Finished).Error);
    }

    [Fact]
    public async Task Filters_see_and_change_trailers_in_their_order_and_may_add_a_last_part()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Response + "X-Sum: 1\r\nX-Gone: 2\r\n\r\n"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            UpstreamTrailer = trailers =>
            {
                Assert.True(trailers.Remove("X-Gone"));
                trailers.Set("X-First", "a");
            },
            ResponseTrailer = trailers =>
            {
                Assert.Equal("a", trailers.Get("X-First"));
                trailers.Set("X-Second", "b");
                return "last"u8.ToArray();
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get)
            .Write(ResponseSent[..^3] + "4\r\nlast\r\n0\r\nX-Sum: 1\r\nX-First: a\r\nX-Second: b\r\n\r\n"));

        client.AssertFinished();
    }

    [Fact]
    public async Task A_response_without_trailers_calls_no_filter_of_trailers()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Response + "\r\n"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            UpstreamTrailer = _ => Assert.Fail("There are none"),
            ResponseTrailer = _ => throw new InvalidOperationException("There are none"),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(ResponseSent + "\r\n"));

        client.AssertFinished();
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_the_body_and_no_trailers()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Read(Response + "X-Sum: 1\r\n\r\n"));
        var proxy = new FilteringProxy(peer.Peer) { ResponseTrailer = _ => "last"u8.ToArray() };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read("GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
            .Write($"HTTP/1.1 200 OK\r\n{Stage.Date}Connection: close\r\n\r\noklast"));

        client.AssertFinished();
        Assert.Null(client.AbortReason);
    }

    [Fact]
    public async Task A_filter_that_announces_a_length_leaves_no_room_for_trailers()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection().Write(Script.Get).Read(Response + "X-Sum: 1\r\n\r\n").Write(Script.Get).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { Response = (_, response) => response.Headers.Set(HeaderName.ContentLength, "2") };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(Script.Get).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
    }

    [Fact]
    public async Task Trailers_are_sent_again_with_the_body()
    {
        await using var stage = new Stage();
        var put = Post.Replace("POST", "PUT", StringComparison.Ordinal) + "X-Sum: 1\r\n\r\n";
        var peer = new MemoryPeer(
            () => new ReplayConnection().Write(Script.Get).Read(Script.Ok).Write(put).End(),
            () => new ReplayConnection().Write(put).Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.OkSent).Read(put).Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Equal(2, peer.Connections.Count);
        peer.Connections[1].AssertFinished();
    }

    [Fact]
    public async Task Trailers_of_a_request_that_is_filtered_come_behind_what_the_filter_sends()
    {
        await using var stage = new Stage();
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nother\r\n0\r\nX-Sum: 1\r\n\r\n").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer) { RequestBody = (_, _, end, _) => new(end ? "other"u8.ToArray() : default) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Post).Read("X-Sum: 1\r\n\r\n").Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }
}
