using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>CONNECT to a proxy that does not tunnel (row A24): refused, without a connection to anybody.</summary>
public sealed class ConnectTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Rest = "\r\n" + AttackStage.Smuggled;

    [Theory]
    [Trait("Case", "11")]
    [Trait("Row", "A24")]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: other.test\r\n" + Rest, 405)]
    [Wire("CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n" + Rest, 405)]
    [Wire("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.0\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive\r\nProxy-Connection: keep-alive\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n" + Rest, 405)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 42\r\n" + Rest, 400)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + Rest, 400)]
    [Wire("CONNECT app.test:443 HTTP/1.1\r\n" + Rest, 400)]
    [Wire("CONNECT app.test HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT app.test: HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT :443 HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT app.test:99999 HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT me@app.test:443 HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT / HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT * HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT http://app.test/ HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("CONNECT http://app.test:443 HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    [Wire("connect app.test:443 HTTP/1.1\r\nHost: app.test\r\n" + Rest, 400)]
    public Task Connect_is_refused(Transport transport, Delivery delivery, string wire, int status) => stage.IsRefusedAsync(transport, delivery, wire, status);
}
