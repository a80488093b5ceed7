using Securely.Http;
using Securely.Network.Tests.Http;

namespace Securely.Network.Tests.Proxy;

/// <summary>
/// An upstream that sends a body where there is none (A21, POOL-01) sends it after the head: the connection rests before anybody else gets it, so
/// that the body is not read as the answer to another request.
/// </summary>
public sealed class BodilessAnswerTests
{
    private static readonly TimeSpan _rest = TimeSpan.FromMilliseconds(2);

    [Theory]
    [InlineData("HEAD", "200 OK\r\nContent-Length: 5")]
    [InlineData("GET", "204 No Content")]
    [InlineData("GET", "304 Not Modified")]
    public async Task A_connection_rests_after_an_answer_without_a_body(string method, string answer)
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            await AskAsync(connector, peer, method, answer);
            Assert.Equal(1, connector.IdleCount);
            Assert.Null(connector.TryTake(peer.Peer, probe: false));
            await peer[0].PassAsync(_rest);
            Assert.Equal((true, 0), (connector.TryTake(peer.Peer, probe: false) is { IsReused: true }, connector.IdleCount));
        });
    }

    [Fact]
    public async Task What_follows_it_ends_the_connection()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            await AskAsync(connector, peer, "HEAD", "200 OK\r\nContent-Length: 5");
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nEVIL!");
            await peer[0].PassAsync(_rest);
            Assert.Equal((null, 0, true), (connector.TryTake(peer.Peer, probe: false), connector.IdleCount, peer[0].IsEnded));
        });
    }

    [Fact]
    public async Task One_that_has_rested_is_taken_while_the_newest_rests()
    {
        await using var stage = new Stage();
        await stage.RunAsync(async () =>
        {
            var connector = new HttpConnector(stage.Workers);
            var peer = new LivePeer(stage.Time);
            await AskAsync(connector, peer, "GET", "304 Not Modified");
            await AskAsync(connector, peer, "GET", "304 Not Modified");
            await peer[0].PassAsync(_rest);
            await AskAsync(connector, peer, "GET", "200 OK\r\nContent-Length: 0");
            await AskAsync(connector, peer, "GET", "304 Not Modified");
            Assert.Equal((4, 4), (peer.Count, connector.IdleCount));

            var taken = connector.TryTake(peer.Peer, probe: false)!;
            taken.WriteHeader(new RequestHeader("GET", "/oldest"), hasBody: false);
            await taken.FlushAsync();
            Assert.Contains("GET /oldest ", peer[0].Received, StringComparison.Ordinal);
        });
    }

    private static async ValueTask AskAsync(HttpConnector connector, LivePeer peer, string method, string answer)
    {
        var session = await connector.ConnectAsync(peer.Peer, onlyNew: true);
        session.WriteHeader(new RequestHeader(method, "/"), hasBody: false);
        await session.FlushAsync();
        await peer[peer.Count - 1].SendAsync($"HTTP/1.1 {answer}\r\n\r\n");
        await session.ReadHeaderAsync();
        connector.Release(session, peer.Peer);
    }
}
