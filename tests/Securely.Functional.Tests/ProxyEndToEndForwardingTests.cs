using System.Net;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Plain forwarding over real sockets.</summary>
public sealed class ProxyEndToEndForwardingTests
{
    [Theory]
    [Trait("Case", "1")]
    [InlineData(Delivery.Whole)]
    [InlineData(Delivery.Lines)]
    [InlineData(Delivery.Bytes)]
    public async Task Simple_proxy_keeps_the_body_and_shows_both_addresses_to_filters(Delivery delivery)
    {
        await using var origin = TestOrigin.Start(OriginScripts.Raw("HTTP/1.1 200 OK\r\nContent-Length: 13\r\nX-Origin: yes\r\n\r\nHello, world!"));
        var proxy = new AddressProxy(origin.EndPoint);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("GET /a?b=c HTTP/1.1\r\nHost: app.test\r\nX-Client: yes\r\n\r\n", delivery);

        Assert.Equal(("HTTP/1.1", 200, "OK", "Hello, world!"), (response.Version, response.Status, response.Reason, response.BodyText));
        Assert.Equal(("13", "yes", "keep-alive"), (response.Header("Content-Length"), response.Header("X-Origin"), response.Header("Connection")));
        Assert.True(DateTimeOffset.TryParseExact(response.Header("Date"), "r", null, System.Globalization.DateTimeStyles.None, out _));
        var request = Assert.Single(origin.Requests);
        Assert.Equal("GET /a?b=c HTTP/1.1", request.Line);
        Assert.Equal(["app.test"], request.Values("Host"));
        Assert.Equal(["yes"], request.Values("X-Client"));
        Assert.Equal((client.LocalEndPoint, host.EndPoint, origin.EndPoint), (proxy.Client, proxy.Local, proxy.Upstream));
    }

    [Fact]
    [Trait("Case", "8")]
    public async Task Serves_a_unix_socket_and_forwards_to_a_unix_socket()
    {
        await using var origin = TestOrigin.StartUnix(OriginScripts.Ok("over unix"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(HttpPeer.Parse(origin.Address)), new ProxyHostOptions { Unix = true });
        await using var unix = await RawClient.ConnectAsync(host.UnixEndPoint);
        await using var tcp = await host.ConnectAsync();

        Assert.Equal("over unix", (await unix.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
        Assert.Equal("over unix", (await tcp.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n")).BodyText);
    }

    [Fact]
    [Trait("Case", "9")]
    public async Task Ip_binding_dials_from_the_configured_address()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        var peer = new HttpPeer(origin.EndPoint) { Options = new PeerOptions { BindTo = IPAddress.Parse("127.0.0.2") } };
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(peer));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(200, response.Status);
        Assert.Equal("127.0.0.2", Assert.IsType<IPEndPoint>(Assert.Single(origin.RemoteEndPoints)).Address.ToString());
    }

    [Fact]
    [Trait("Case", "10")]
    public async Task Connect_close_closes_the_client_and_still_pools_the_upstream()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        var proxy = new ForwardingProxy(origin.EndPoint);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var first = await host.ConnectAsync();
        await using var second = await host.ConnectAsync();

        var response = await first.ExchangeAsync("GET /1 HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n");
        Assert.Equal((200, "close"), (response.Status, response.Header("Connection")));
        Assert.Equal(ConnectionEnd.Finished, await first.WaitForCloseAsync());
        await proxy.Phases.WaitAsync("logged");
        await second.ExchangeAsync("GET /2 HTTP/1.1\r\nHost: app.test\r\n\r\n");

        Assert.Equal(1, origin.ConnectionCount);
        Assert.DoesNotContain("close", origin.Requests[0].Values("Connection"));
        Assert.Equal([false, true], proxy.Finished.SelectMany(request => request.Reused));
    }

    [Fact]
    [Trait("Case", "11")]
    public async Task Connect_is_refused_without_a_dial_unless_it_is_allowed()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok());
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n\r\n");

        Assert.Equal((405, "close"), (response.Status, response.Header("Connection")));
        await client.WaitForCloseAsync();
        Assert.Equal(0, origin.ConnectionCount);
    }

    [Fact]
    [Trait("Case", "12")]
    public async Task An_allowed_connect_is_forwarded_verbatim_and_tunnels_after_a_2xx()
    {
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 Connection established\r\n\r\n");
            await connection.SendAsync("echo " + await connection.ReadUntilAsync("!"));
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint), new ProxyHostOptions { AllowConnect = true });
        await using var client = await host.ConnectAsync();

        var response = await client.ExchangeAsync("CONNECT app.test:443 HTTP/1.1\r\nHost: app.test:443\r\n\r\n");
        await client.SendAsync("GET / not parsed\r\n\r\n!");

        Assert.Equal(200, response.Status);
        Assert.Equal("CONNECT app.test:443 HTTP/1.1", origin.Requests[0].Line);
        Assert.Equal("echo GET / not parsed\r\n\r\n!", (await client.ReadToEndAsync()).Text);
    }

    [Fact]
    [Trait("Case", "13")]
    public async Task Duplex_relays_an_answer_that_comes_without_reading_the_body()
    {
        var phases = new PhaseBarrier();
        await using var origin = TestOrigin.Start(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendOkAsync("early");
            await phases.WaitAsync("answered");
        });
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1048576\r\n\r\n");
        var sending = SendWhatIsTakenAsync(client, new byte[1024 * 1024]);
        var response = await client.ReadResponseAsync();
        phases.Signal("answered");
        await sending;

        Assert.Equal((200, "early"), (response.Status, response.BodyText));
    }

    [Theory]
    [Trait("Case", "14")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_of_15_MiB_arrives_byte_by_byte(bool chunked)
    {
        var body = new byte[15 * 1024 * 1024];
        new Random(14).NextBytes(body);
        await using var origin = TestOrigin.Start(OriginScripts.EachRequest((connection, _, _) => connection.SendOkAsync(new string('x', 320))));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(origin.EndPoint));
        await using var client = await host.ConnectAsync();

        await client.SendAsync($"POST /upload HTTP/1.1\r\nHost: app.test\r\n{(chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {body.Length}")}\r\n\r\n");
        foreach (var part in body.Chunk(1_000_000))
        {
            if (chunked)
                await client.SendAsync($"{part.Length:x}\r\n");
            await client.SendAsync(part);
            if (chunked)
                await client.SendAsync("\r\n");
        }
        if (chunked)
            await client.SendAsync("0\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal((200, 320), (response.Status, response.Body.Length));
        Assert.True(body.AsSpan().SequenceEqual(origin.Requests[0].Body));
    }

    /// <summary>Sends until all is taken or the other side closes, which it may do after its answer.</summary>
    private static async Task SendWhatIsTakenAsync(RawClient client, byte[] bytes)
    {
        try
        {
            await client.SendAsync(bytes);
        }
        catch (IOException)
        {
            // The proxy has answered and closed.
        }
    }

    private sealed class AddressProxy(EndPoint origin) : ForwardingProxy(origin)
    {
        public EndPoint? Client { get; private set; }

        public EndPoint? Local { get; private set; }

        public EndPoint? Upstream { get; private set; }

        public override ValueTask<FilterResult> RequestFilterAsync(Session session, ForwardedRequest context, CancellationToken cancellationToken)
        {
            (Client, Local) = (session.Downstream.RemoteEndPoint, session.Downstream.LocalEndPoint);
            return ValueTask.FromResult(FilterResult.Continue);
        }

        public override ValueTask ConnectedToUpstreamAsync(Session session, HttpPeer peer, bool reused, ConnectionDigest digest, ForwardedRequest context, CancellationToken cancellationToken)
        {
            Upstream = digest.RemoteEndPoint;
            return base.ConnectedToUpstreamAsync(session, peer, reused, digest, context, cancellationToken);
        }
    }
}
