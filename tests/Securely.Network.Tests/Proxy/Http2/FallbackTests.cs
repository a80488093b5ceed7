using System.Net.Security;
using Securely.Http;
using Securely.Net;
using Securely.Network.Tests.Http;
using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Http2;

/// <summary>What speaks HTTP/2, and then wants HTTP/1.1 all the same (H2C-05).</summary>
public sealed class FallbackTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task An_upstream_that_requires_HTTP_1_1_gets_it_and_is_not_asked_again()
    {
        var asked = 0;
        await using var origin = await StartAsync(session =>
        {
            if (session is not V2ServerSession stream)
                return session.RespondAsync(200, $"{session.Request.Version}");
            asked++;
            stream.Stream.Reset(Http2ErrorCode.Http11Required, new NetException(NetErrorKind.Internal, "Not over HTTP/2"));
            return default;
        });
        var proxy = new ObservedProxy(Peer(origin, PeerProtocol.Auto));
        await using var running = await RunningHttp.StartAsync(proxy, Script.Plain);
        await using var client = await running.ConnectAsync();

        for (var turn = 0; turn < 3; turn++)
            Assert.Equal("Http11", (await client.ExchangeAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello")).BodyText);

        Assert.Equal(1, asked);
        await proxy.FinishedAsync(3);
        Assert.Equal([2, 1, 1], proxy.Finished.Select(logged => logged.Tries));
    }

    [Fact]
    public async Task A_peer_that_has_to_speak_HTTP_2_does_not_fall_back()
    {
        await using var origin = await StartAsync(session =>
        {
            ((V2ServerSession)session).Stream.Reset(Http2ErrorCode.Http11Required, new NetException(NetErrorKind.Internal, "Not over HTTP/2"));
            return default;
        });
        var proxy = new ObservedProxy(Peer(origin, PeerProtocol.H2));
        await using var running = await RunningHttp.StartAsync(proxy, Script.Plain);
        await using var client = await running.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")).Status);
        Assert.Equal(1, (await proxy.FinishedAsync()).Tries);
    }

    private HttpPeer Peer(RunningHttp origin, PeerProtocol protocol) => new(origin.EndPoints[0])
    {
        Tls = new ClientTls { ServerName = "app.test", Authorities = [_certificates.Authority] },
        Options = new PeerOptions { Protocol = protocol },
    };

    private Task<RunningHttp> StartAsync(Func<ServerSession, ValueTask> handle)
    {
        var issued = _certificates.Issue("app.test");
        var service = new HttpService("origin", new Handler(handle));
        service.AddTls("127.0.0.1:0", new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem)))
        {
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        });
        return RunningHttp.StartAsync(service, listens: true);
    }
}
