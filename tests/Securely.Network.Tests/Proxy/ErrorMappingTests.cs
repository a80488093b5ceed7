using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy;

/// <summary>What each failure is called, whose fault it is, what the client is told, and that it is logged once.</summary>
public sealed class ErrorMappingTests
{
    [Theory]
    [InlineData(NetErrorKind.ConnectTimedOut, ErrorSource.Upstream, ErrorKind.ConnectTimedOut, ErrorSource.Upstream, 504)]
    [InlineData(NetErrorKind.ConnectRefused, ErrorSource.Upstream, ErrorKind.ConnectRefused, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.ConnectNoRoute, ErrorSource.Upstream, ErrorKind.ConnectNoRoute, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.ConnectError, ErrorSource.Upstream, ErrorKind.ConnectError, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.TlsHandshakeFailed, ErrorSource.Upstream, ErrorKind.TlsHandshakeFailed, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.TlsHandshakeTimedOut, ErrorSource.Upstream, ErrorKind.TlsHandshakeTimedOut, ErrorSource.Upstream, 504)]
    [InlineData(NetErrorKind.InvalidCertificate, ErrorSource.Upstream, ErrorKind.InvalidCertificate, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.BindError, ErrorSource.Internal, ErrorKind.BindError, ErrorSource.Internal, 500)]
    [InlineData(NetErrorKind.Internal, ErrorSource.Internal, ErrorKind.InternalError, ErrorSource.Internal, 500)]
    [InlineData(NetErrorKind.SocketError, ErrorSource.Unset, ErrorKind.SocketError, ErrorSource.Upstream, 502)]
    [InlineData(NetErrorKind.ConnectionClosed, ErrorSource.Downstream, ErrorKind.ConnectionClosed, ErrorSource.Upstream, 502)]
    public async Task A_failed_connect(NetErrorKind kind, ErrorSource origin, ErrorKind error, ErrorSource source, int status)
    {
        await using var stage = new Stage();
        List<ErrorKind> failed = [];
        var proxy = new FilteringProxy(new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1)) { Options = new PeerOptions { Connect = _ => throw new NetException(kind, "No", origin) } })
        {
            ConnectFailed = e => failed.Add(e.Kind),
            WhileProxy = (_, _) => Assert.Fail("There was no connection"),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get));

        Assert.StartsWith($"HTTP/1.1 {status} ", client.Written, StringComparison.Ordinal);
        proxy.AssertLogged(status, error, source);
        Assert.Equal([error], failed);
        Assert.Contains("[127.0.0.1:1]", proxy.Finished[0].Error!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NetErrorKind.ReadError, ErrorKind.ReadError, 502)]
    [InlineData(NetErrorKind.ReadTimedOut, ErrorKind.ReadTimedOut, 504)]
    [InlineData(NetErrorKind.ConnectionClosed, ErrorKind.ConnectionClosed, 502)]
    public async Task A_failed_read_of_the_response(NetErrorKind kind, ErrorKind error, int status)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Write(Script.Get).FailRead(kind)).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);

        Assert.StartsWith($"HTTP/1.1 {status} ", client.Written, StringComparison.Ordinal);
        proxy.AssertLogged(status, error, ErrorSource.Upstream);
    }

    [Fact]
    public async Task An_upstream_that_is_silent_for_longer_than_the_read_timeout_is_504_and_cut_off()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time, new PeerOptions { ReadTimeout = TimeSpan.FromSeconds(5) });
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync(Script.Get);
            await client.PassAsync(TimeSpan.FromSeconds(4));
            await peer[0].SendAsync("HTTP/1.1 200 OK\r\n");
            // Each read has the whole time.
            await client.PassAsync(TimeSpan.FromSeconds(4));
            Assert.Equal("", client.Received);
            await client.PassAsync(TimeSpan.FromSeconds(1));
            Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", client.Received, StringComparison.Ordinal);
            Assert.True(peer[0].IsBroken);
        });

        proxy.AssertLogged(504, ErrorKind.ReadTimedOut, ErrorSource.Upstream);
    }

    [Fact]
    public async Task An_upstream_that_takes_nothing_for_longer_than_the_write_timeout_is_504()
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time, new PeerOptions { WriteTimeout = TimeSpan.FromSeconds(5) }, bufferSize: 1000);
        var proxy = new FilteringProxy(peer.Peer);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(proxy, Script.Plain), async client =>
        {
            await client.SendAsync("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5000\r\n\r\n");
            peer[0].IsReading = false;
            await client.SendAsync(new string('x', 5000));
            await client.PassAsync(TimeSpan.FromSeconds(5));
            Assert.StartsWith("HTTP/1.1 504 Gateway Timeout\r\n", client.Received, StringComparison.Ordinal);
        });

        proxy.AssertLogged(504, ErrorKind.WriteTimedOut, ErrorSource.Upstream);
    }

    [Theory]
    [InlineData("garbage\r\n\r\n", ErrorKind.InvalidHttpHeader)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", ErrorKind.InvalidHttpHeader)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ErrorKind.InvalidHttpHeader)]
    [InlineData("HTTP/1.1 200", ErrorKind.ConnectionClosed)]
    public async Task A_head_that_cannot_be_read_is_502(string head, ErrorKind error)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Read(head).End()).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")));

        client.AssertFinished();
        proxy.AssertLogged(502, error, ErrorSource.Upstream);
    }

    [Fact]
    public async Task Informational_heads_without_end_are_502()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Read(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100)))).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get));

        Assert.EndsWith(Script.ErrorPage(502, "Bad Gateway"), client.Written, StringComparison.Ordinal);
        proxy.AssertLogged(502, ErrorKind.InvalidHttpHeader, ErrorSource.Upstream);
    }

    [Theory]
    [InlineData("0x2\r\nok\r\n0\r\n\r\n")]
    [InlineData("zz\r\n")]
    [InlineData("\r\n")]
    [InlineData("2\r\nok\r\nzz\r\n")]
    public async Task A_body_that_is_wrong_when_it_comes_with_its_head_is_502(string body)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(502, "Bad Gateway")));

        client.AssertFinished();
        proxy.AssertLogged(502, ErrorKind.InvalidChunk, ErrorSource.Upstream);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhe", ErrorKind.PrematureBodyEnd)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhe", ErrorKind.PrematureBodyEnd)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", ErrorKind.PrematureBodyEnd)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n|zz\r\n", ErrorKind.InvalidChunk)]
    public async Task A_body_that_is_cut_breaks_the_response_off(string response, ErrorKind error)
    {
        await using var stage = new Stage();
        // The parts come one after another.
        var upstream = response.Split('|').Aggregate(new ReplayConnection().Read("HTTP/1.1 200 OK\r\n"), (script, part) => script.Read(part)).End();
        var proxy = new FilteringProxy(new MemoryPeer(() => upstream).Peer)
        {
            Fail = (_, _) => throw new InvalidOperationException("The response has begun"),
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get));

        Assert.DoesNotContain("\r\n0\r\n", client.Written, StringComparison.Ordinal);
        Assert.NotNull(client.AbortReason);
        proxy.AssertLogged(200, error, ErrorSource.Upstream);
    }

    [Fact]
    public async Task A_response_that_its_end_delimits_and_a_reset_ends_is_broken_off()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Read("HTTP/1.1 200 OK\r\n\r\nhe").FailRead()).Peer);

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get));

        Assert.DoesNotContain("\r\n0\r\n", client.Written, StringComparison.Ordinal);
        Assert.NotNull(client.AbortReason);
        proxy.AssertLogged(200, ErrorKind.ReadError, ErrorSource.Upstream);
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(TimeoutException))]
    public async Task Whatever_a_filter_throws_is_a_fault_of_ours(Type type)
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy { Request = (_, _) => throw (Exception)Activator.CreateInstance(type)! };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(500, "Internal Server Error")));

        client.AssertFinished();
        proxy.AssertLogged(500, ErrorKind.InternalError, ErrorSource.Internal);
        Assert.IsType(type, proxy.Finished[0].Error!.Cause);
    }

    [Fact]
    public async Task An_error_of_a_connection_of_the_filters_own_is_no_fault_of_the_client_nor_of_the_upstream()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Read(Script.Ok)).Peer)
        {
            Connected = async (_, _) =>
            {
                var (own, other) = Connection.CreatePair();
                other.Abort(new NetException(NetErrorKind.Internal, "Gone"));
                await own.ReadAsync(new byte[1]);
            },
        };

        await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get).Write(Script.ErrorPage(500, "Internal Server Error")));

        proxy.AssertLogged(500, ErrorKind.ReadError, ErrorSource.Internal);
    }

    [Fact]
    public async Task A_page_of_ones_own_answers_instead_of_the_default()
    {
        await using var stage = new Stage();
        ProxyError? seen = null;
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Write(Script.Get).End()).Peer)
        {
            Fail = async (session, error) =>
            {
                seen = error;
                await session.RespondErrorAsync(503, "later"u8.ToArray(), "text/plain");
                return new FailToProxy(503);
            },
        };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", client.Written, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nlater", client.Written, StringComparison.Ordinal);
        Assert.Same(seen, proxy.Finished[0].Error);
        proxy.AssertLogged(503, ErrorKind.ConnectionClosed, ErrorSource.Upstream);
    }

    [Fact]
    public async Task A_page_that_answers_nothing_breaks_the_connection()
    {
        await using var stage = new Stage();
        var proxy = new FilteringProxy(new MemoryPeer(() => new ReplayConnection().Write(Script.Get).End()).Peer) { Fail = (_, _) => new(new FailToProxy(0)) };

        var client = await stage.ProxyAsync(proxy, () => new ReplayConnection().Read(Script.Get), Script.Plain);

        Assert.Equal("", client.Written);
        Assert.NotNull(client.AbortReason);
        proxy.AssertLogged(null, ErrorKind.ConnectionClosed, ErrorSource.Upstream);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_log_gets_an_error_for_an_upstream_and_a_detail_for_a_client(bool upstream)
    {
        await using var stage = new Stage();
        var peer = new LivePeer(stage.Time);

        await stage.PlayAsync(new MemoryProxy<PlainContext>(new PlainProxy(peer.Peer)), async client =>
        {
            await client.SendAsync("GET /secret?token=1 HTTP/1.1\r\nHost: a.test\r\n\r\n");
            (upstream ? peer[0] : client).Break();
            await client.SettleAsync();
        });

        var line = Assert.Single(stage.Log.Lines, line => line.Contains("Request [", StringComparison.Ordinal));
        Assert.StartsWith(
            upstream ? "Error: Request [GET /secret, Host: a.test] to upstream [127.0.0.1:1] failed: Upstream ReadError" : "Debug: Request [GET /secret, Host: a.test] to upstream [127.0.0.1:1] failed: Downstream ConnectionClosed",
            line,
            StringComparison.Ordinal);
        Assert.DoesNotContain("token", line, StringComparison.Ordinal);
    }
}
