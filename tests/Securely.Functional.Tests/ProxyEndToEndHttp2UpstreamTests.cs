using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>HTTP/2 to upstreams: a real one (nginx), and what is agreed on in TLS (H2C rows, RFC 9113 3.2).</summary>
public sealed class ProxyEndToEndHttp2UpstreamTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Nginx_serves_over_one_connection_what_many_clients_ask_for()
    {
        await using var nginx = await ExternalServer.StartAsync(Nginx("location / { return 200 \"$server_protocol $host $connection\"; }"));
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(Peer(nginx.EndPoint)));

        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await using var client = await host.ConnectAsync();
            for (var turn = 0; turn < 5; turn++)
                Assert.Equal(200, (await client.ExchangeAsync(Get)).Status);
            return (await client.ExchangeAsync(Get)).BodyText;
        }));

        var connections = bodies.Distinct().ToList();
        Assert.All(connections, body => Assert.StartsWith("HTTP/2.0 app.test ", body, StringComparison.Ordinal));
        Assert.Single(connections);
    }

    [Fact]
    public async Task Nginx_may_end_its_connections_as_often_as_it_likes()
    {
        await using var nginx = await ExternalServer.StartAsync(Nginx("keepalive_requests 7; location / { return 200 \"$connection\"; }"));
        var proxy = new ForwardingProxy(Peer(nginx.EndPoint));
        await using var host = await ProxyHost.StartAsync(proxy);

        var connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            var seen = new HashSet<string>();
            await using var client = await host.ConnectAsync();
            for (var turn = 0; turn < 30; turn++)
            {
                var response = await client.ExchangeAsync(Get);
                Assert.Equal(200, response.Status);
                seen.Add(response.BodyText);
            }

            return seen;
        }));

        Assert.True(connections.SelectMany(seen => seen).Distinct().Count() > 300 / 10);
        Assert.All(proxy.Finished, request => Assert.Null(request.Error));
    }

    [Fact]
    public async Task Nginx_sends_a_large_file_and_parts_of_it()
    {
        await using var nginx = await ExternalServer.StartAsync(Nginx("root ROOT;"));
        var file = new byte[5_000_000];
        new Random(1).NextBytes(file);
        await File.WriteAllBytesAsync(Path.Combine(nginx.Directory, "file"), file);
        await using var host = await ProxyHost.StartAsync(new ForwardingProxy(Peer(nginx.EndPoint)));
        using var http = Client(host);

        var received = await http.GetByteArrayAsync("/file");
        using var part = new HttpRequestMessage(HttpMethod.Get, "/file") { Headers = { Range = new(100, 199) } };
        using var range = await http.SendAsync(part);
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/file"));

        Assert.Equal(SHA256.HashData(file), SHA256.HashData(received));
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(file[100..200], await range.Content.ReadAsByteArrayAsync());
        Assert.Equal(5_000_000, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/nothing")).StatusCode);
    }

    [Fact]
    public async Task Nginx_takes_uploads_and_may_answer_before_they_have_ended()
    {
        await using var nginx = await ExternalServer.StartAsync(Nginx("client_max_body_size 2m; location / { return 200 done; } location /small { client_max_body_size 1k; return 200 done; }"));
        var proxy = new ForwardingProxy(Peer(nginx.EndPoint));
        await using var host = await ProxyHost.StartAsync(proxy);
        using var http = Client(host);

        for (var turn = 0; turn < 5; turn++)
        {
            using var response = await http.PostAsync("/", new ByteArrayContent(new byte[1_000_000]));
            Assert.Equal("done", await response.Content.ReadAsStringAsync());
        }

        await using var client = await host.ConnectAsync();
        await client.SendAsync("POST /small HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100000\r\n\r\nhello");
        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(true, PeerProtocol.Auto, "Http2")]
    [InlineData(false, PeerProtocol.Auto, "Http11")]
    [InlineData(true, PeerProtocol.H2, "Http2")]
    [InlineData(false, PeerProtocol.H2, "502")]
    [InlineData(true, PeerProtocol.H1, "Http11")]
    public async Task The_version_is_agreed_on_in_TLS(bool offersHttp2, PeerProtocol protocol, string expected)
    {
        await using var upstream = await Upstream.StartAsync(Tls("app.test", offersHttp2), offersHttp2);
        var proxy = new ForwardingProxy(new HttpPeer(upstream.EndPoint)
        {
            Options = new PeerOptions { Protocol = protocol },
            Tls = new ClientTls { ServerName = "app.test", Authorities = [_certificates.Authority] },
        });
        await using var host = await ProxyHost.StartAsync(proxy);

        // All at once, and then again: who waits for a dial of another speaks what that has agreed on.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            await using var client = await host.ConnectAsync();
            for (var turn = 0; turn < 3; turn++)
            {
                var response = await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: app.test\r\nConnection: keep-alive\r\n\r\n");
                Assert.Equal(expected, response.Status == 200 ? response.BodyText : $"{response.Status}");
                if (response.Status != 200)
                    return;
            }
        }));
    }

    private static HttpPeer Peer(EndPoint address) => new(address) { Options = new PeerOptions { Protocol = PeerProtocol.H2 } };

    /// <summary>nginx that speaks HTTP/2 by prior knowledge.</summary>
    private static ExternalProgram Nginx(string server)
    {
        var plain = ExternalProgram.Nginx(server);
        return plain with
        {
            Configuration = site => plain.Configuration(site).Replace($"listen 127.0.0.1:{site.Port};", $"listen 127.0.0.1:{site.Port} http2;", StringComparison.Ordinal)
                .Replace("ROOT", site.Directory, StringComparison.Ordinal),
        };
    }

    private static HttpClient Client(ProxyHost host) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://{host.EndPoint}"),
        Timeout = TimeSpan.FromSeconds(30),
    };

    private ServerTls Tls(string name, bool offersHttp2)
    {
        var issued = _certificates.Issue(name);
        return new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem)))
        {
            ApplicationProtocols = offersHttp2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
        };
    }

    /// <summary>Answers with the version of the request.</summary>
    private sealed class Upstream : IHttpHandler, IAsyncDisposable
    {
        private readonly Server _server = new(new ServerOptions { Threads = 1, HandleSignals = false });
        private readonly HttpService _service;
        private Task<int> _run = Task.FromResult(0);

        private Upstream(bool offersHttp2) => _service = new HttpService("upstream", this, new HttpServiceOptions { Http2 = offersHttp2 });

        public EndPoint EndPoint => _service.BoundEndPoints[0];

        public static async Task<Upstream> StartAsync(ServerTls tls, bool offersHttp2)
        {
            var upstream = new Upstream(offersHttp2);
            upstream._service.AddTls("127.0.0.1:0", tls);
            var handle = upstream._server.Add(upstream._service);
            upstream._run = upstream._server.RunAsync(TestContext.Current.CancellationToken);
            await handle.Ready;
            return upstream;
        }

        public ValueTask HandleAsync(ServerSession session, CancellationToken shutdown) => session.RespondAsync(200, $"{session.Request.Version}");

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync(ShutdownKind.Fast);
            await _run;
            await _server.DisposeAsync();
        }
    }
}
