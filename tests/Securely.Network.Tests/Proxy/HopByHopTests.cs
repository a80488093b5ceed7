using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>What belongs to one connection only is gone before the filters, and what a client may not nominate stays.</summary>
public sealed class HopByHopTests
{
    [Fact]
    public async Task Hop_by_hop_fields_are_gone_before_the_filters_and_what_filters_add_cannot_be_nominated_away()
    {
        await using var stage = new Stage();
        string? seen = null;
        var peer = new MemoryPeer(() => new ReplayConnection()
            .Write("GET / HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\nX-User: me\r\nConnection: TE\r\n\r\n")
            .Read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive, X-Inner, X-Response\r\nX-Inner: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n\r\nok"));
        var proxy = new FilteringProxy(peer.Peer)
        {
            Early = (session, _) =>
            {
                seen = session.Request.Headers.ToString();
                session.Request.Headers.Set("X-User", "me");
                return default;
            },
            UpstreamResponse = (_, response) =>
            {
                Assert.Null(response.Headers.Get("X-Inner"));
                response.Headers.Set("X-Response", "mine");
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close, X-User, X-Hop, TE\r\nX-Hop: 1\r\nX-User: root\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\nProxy-Authorization: x\r\nTE: gzip, trailers\r\nTrailer: X\r\nUpgrade: x\r\n\r\n")
            .Write($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Response: mine\r\n{Stage.Date}Connection: close\r\n\r\nok"), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
        Assert.Equal("Host: a.test\r\nTE: trailers\r\n", seen);
    }

    [Fact]
    public async Task Fields_that_decide_where_a_request_goes_cannot_be_nominated()
    {
        await using var stage = new Stage();
        const string Fields = "Authorization: me\r\nForwarded: for=1.1.1.1\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Port: 81\r\nX-Forwarded-Of-Ours: 1\r\nContent-Length: 2\r\n";
        var peer = new MemoryPeer(() => new ReplayConnection().Write($"POST / HTTP/1.1\r\nHost: a.test\r\n{Fields}\r\nhi").Read(Script.Ok));
        var proxy = new FilteringProxy(peer.Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection()
            .Read($"POST / HTTP/1.1\r\nHost: a.test\r\nConnection: Host, Content-Length, AUTHORIZATION, Forwarded, X-Forwarded-For, x-forwarded-port, X-Forwarded-Of-Ours\r\n{Fields}\r\nhi")
            .Write(Script.OkSent), Script.Plain);

        client.AssertFinished();
        Assert.Single(peer.Connections).AssertFinished();
    }
}
