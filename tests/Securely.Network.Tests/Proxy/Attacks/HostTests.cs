using Securely.Testing;

namespace Securely.Network.Tests.Proxy.Attacks;

/// <summary>Requests of which it is not clear whom they are for (row A12).</summary>
public sealed class HostTests(AttackStage stage) : IClassFixture<AttackStage>
{
    private const string Get = "GET / HTTP/1.1\r\n";
    private const string Rest = "\r\n" + AttackStage.Smuggled;

    [Theory]
    [Trait("Row", "A12")]
    [Wire(Get + Rest)]
    [Wire(Get + "X: y\r\n" + Rest)]
    [Wire(Get + "X-Forwarded-Host: app.test\r\n" + Rest)]
    [Wire(Get + "Hosts: app.test\r\n" + Rest)]
    [Wire("GET http://app.test/ HTTP/1.1\r\n" + Rest)]
    [Wire("OPTIONS * HTTP/1.1\r\n" + Rest)]
    public Task No_host_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A12")]
    [Wire(Get + "Host: app.test\r\nHost: evil.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\r\nHost: app.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\r\nX: y\r\nhost: app.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\r\nHost:\r\n" + Rest)]
    [Wire(Get + "Host: app.test\r\nHOST: app.test\r\nHost: app.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\r\nConnection: Host\r\nHost: evil.test\r\n" + Rest)]
    [Wire("GET / HTTP/1.0\r\nHost: app.test\r\nHost: evil.test\r\n" + Rest)]
    [Wire("GET http://app.test/ HTTP/1.1\r\nHost: app.test\r\nHost: app.test\r\n" + Rest)]
    public Task Two_hosts_are_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A12")]
    [Wire(Get + "Host:\r\n" + Rest)]
    [Wire(Get + "Host: \t \r\n" + Rest)]
    [Wire(Get + "Host: me@app.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test@evil.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test/a\r\n" + Rest)]
    [Wire(Get + "Host: app.test/\r\n" + Rest)]
    [Wire(Get + "Host: http://app.test\r\n" + Rest)]
    [Wire(Get + "Host: app test\r\n" + Rest)]
    [Wire(Get + "Host: app.test evil.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\tevil.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test, evil.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test#a\r\n" + Rest)]
    [Wire(Get + "Host: app.test?a\r\n" + Rest)]
    [Wire(Get + "Host: app.test\\evil.test\r\n" + Rest)]
    [Wire(Get + "Host: <script>\r\n" + Rest)]
    [Wire(Get + "Host: \"app.test\"\r\n" + Rest)]
    [Wire(Get + "Host: app{test}\r\n" + Rest)]
    [Wire(Get + "Host: app|test\r\n" + Rest)]
    [Wire(Get + "Host: app^test\r\n" + Rest)]
    [Wire(Get + "Host: app`test\r\n" + Rest)]
    [Wire(Get + "Host: app%test\r\n" + Rest)]
    [Wire(Get + "Host: app%2\r\n" + Rest)]
    [Wire(Get + "Host: \u00e9.test\r\n" + Rest)]
    [Wire(Get + "Host: \u00a0app.test\r\n" + Rest)]
    [Wire(Get + "Host: app.test\0\r\n" + Rest)]
    [Wire(Get + "Host: app.test\u007f\r\n" + Rest)]
    [Wire(Get + "Host: :80\r\n" + Rest)]
    [Wire(Get + "Host: app.test:x\r\n" + Rest)]
    [Wire(Get + "Host: app.test:-1\r\n" + Rest)]
    [Wire(Get + "Host: app.test:65536\r\n" + Rest)]
    [Wire(Get + "Host: app.test:80:80\r\n" + Rest)]
    [Wire(Get + "Host: app.test: 80\r\n" + Rest)]
    [Wire(Get + "Host: ::1\r\n" + Rest)]
    [Wire(Get + "Host: [::1\r\n" + Rest)]
    [Wire(Get + "Host: [::1]x\r\n" + Rest)]
    [Wire(Get + "Host: [::1]:x\r\n" + Rest)]
    [Wire(Get + "Host: [app.test]\r\n" + Rest)]
    [Wire(Get + "Host: []\r\n" + Rest)]
    [Wire("GET / HTTP/1.0\r\nHost: me@app.test\r\n" + Rest)]
    [Wire("GET http://app.test/ HTTP/1.1\r\nHost: me@app.test\r\n" + Rest)]
    [Wire("GET http://app.test/ HTTP/1.1\r\nHost:\r\n" + Rest)]
    public Task A_host_that_is_none_is_400(Transport transport, Delivery delivery, string wire) => stage.IsRefusedAsync(transport, delivery, wire);

    [Theory]
    [Trait("Row", "A12")]
    [Wire("Host: app.test\r\n", "app.test")]
    [Wire("hOST:app.test:80\r\n", "app.test:80")]
    [Wire("Host: \tAPP.test.\t\r\n", "APP.test.")]
    [Wire("Host: a_b-c.test\r\n", "a_b-c.test")]
    [Wire("Host: 127.0.0.1:8080\r\n", "127.0.0.1:8080")]
    [Wire("Host: [::1]:8080\r\n", "[::1]:8080")]
    [Wire("Host: xn--bcher-kva.test\r\n", "xn--bcher-kva.test")]
    public async Task A_host_is_forwarded_once_as_it_is(Transport transport, Delivery delivery, string line, string host)
    {
        await using var client = await stage.ConnectAsync(transport);
        await stage.SendAsync(client, Get + line + "\r\n" + AttackStage.Next, delivery);

        Assert.Equal("GET / ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal("GET /next ", (await client.ReadResponseAsync()).BodyText);
        Assert.Equal([host], stage.Request("GET / ").Values("Host"));
    }
}
