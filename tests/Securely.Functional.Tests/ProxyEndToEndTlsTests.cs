using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Securely.Hosting;
using Securely.Http;
using Securely.Net;
using Securely.Proxy;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>Requests to upstreams inside of TLS: what they have to prove, and which of them may share a connection.</summary>
public sealed class ProxyEndToEndTlsTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nHost: app.test\r\n\r\n";

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [Trait("Case", "53")]
    [InlineData("tls_verify_sni_host", "app.test", null, true, true, 200)]
    [InlineData("tls_verify_sni_not_host", "other.test", null, true, true, 502)]
    [InlineData("tls_none_verify_host", "other.test", null, true, false, 200)]
    [InlineData("tls_no_verify", "other.test", null, false, true, 200)]
    [InlineData("tls_alt_verify_host", "other.test", "app.test", true, true, 200)]
    [InlineData("tls_alt_verify_not_host", "other.test", "third.test", true, true, 502)]
    [InlineData("tls_underscore_sub", "a_b.app.test", null, true, true, 200)]
    [InlineData("tls_underscore_non_sub", "a_b.test", null, true, true, 502)]
    [InlineData("tls_no_sni_still_verifies", "", null, true, true, 502)]
    public async Task An_upstream_has_to_prove_who_it_is(string name, string sni, string? alternative, bool verifyCertificate, bool verifyHostName, int status)
    {
        await using var upstream = await Upstream.StartAsync(Tls("app.test", "*.app.test"));
        var proxy = new ForwardingProxy(new HttpPeer(upstream.EndPoint)
        {
            Tls = Trusting(sni) with { AlternativeName = alternative, VerifyCertificate = verifyCertificate, VerifyHostName = verifyHostName },
        });
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.True(status == (await client.ExchangeAsync(Get)).Status, name);
        await proxy.Phases.WaitAsync("logged");
        if (status == 502)
            Assert.Equal((ErrorKind.InvalidCertificate, ErrorSource.Upstream), (proxy.Finished[0].Error!.Kind, proxy.Finished[0].Error!.Source));
        Assert.Equal(status == 200 ? 1 : 0, upstream.Requests);
    }

    [Theory]
    [Trait("Case", "54")]
    [InlineData("mtls", "chain", 200)]
    [InlineData("mtls_no_client_cert", "none", 502)]
    [InlineData("mtls_no_intermediate_cert", "leaf", 502)]
    [InlineData("mtls_stranger", "stranger", 502)]
    public async Task An_upstream_may_ask_for_a_certificate(string name, string shown, int status)
    {
        using var strangers = new TestCertificates();
        await using var upstream = await Upstream.StartAsync(Tls(ClientCertificateMode.Required, "app.test"));
        var own = (shown == "stranger" ? strangers : _certificates).Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true, Intermediates = 1 });
        var proxy = new ForwardingProxy(new HttpPeer(upstream.EndPoint)
        {
            Tls = Trusting("app.test") with { ClientCertificate = shown == "none" ? null : Context(own, shown == "leaf" ? [] : own.Intermediates) },
        });
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.True(status == (await client.ExchangeAsync(Get)).Status, name);
        Assert.Equal(status == 200 ? 1 : 0, upstream.Requests);
    }

    [Fact]
    [Trait("Case", "54")]
    public async Task Peers_share_a_connection_only_when_nothing_of_their_TLS_differs()
    {
        await using var upstream = await Upstream.StartAsync(Tls(ClientCertificateMode.Optional, "app.test"));
        var tls = Trusting("app.test");
        var own = _certificates.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true });
        ClientTls[] settings =
        [
            tls,
            tls with { VerifyCertificate = false },
            tls with { VerifyHostName = false },
            tls with { AlternativeName = "other.test" },
            tls with { ServerName = "APP.test" },
            tls with { Authorities = [_certificates.Authority] },
            tls with { ClientCertificate = Context(own, []) },
            tls with { ClientCertificate = Context(own, []) },
            tls with { Versions = System.Security.Authentication.SslProtocols.Tls13 },
            tls with { ApplicationProtocols = [SslApplicationProtocol.Http11] },
        ];
        var peers = settings.Select(setting => new HttpPeer(upstream.EndPoint) { Tls = setting }).ToArray();
        var proxy = new ChoosingProxy([.. peers, .. settings.Select(setting => new HttpPeer(upstream.EndPoint) { Tls = setting with { } })]);
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        for (var i = 0; i < settings.Length * 2; i++)
        {
            var response = await client.ExchangeAsync($"GET /{i} HTTP/1.1\r\nHost: app.test\r\n\r\n");
            Assert.Equal(200, response.Status);
            Assert.Equal(i % settings.Length, int.Parse(response.BodyText, System.Globalization.CultureInfo.InvariantCulture));
        }

        await proxy.Phases.WaitAsync("logged", settings.Length * 2);
        Assert.All(proxy.Finished.Take(settings.Length), request => Assert.Equal([false], request.Reused));
        Assert.All(proxy.Finished.Skip(settings.Length), request => Assert.Equal([true], request.Reused));
    }

    [Fact]
    public async Task A_pooled_connection_that_its_server_has_ended_is_not_used_again()
    {
        await using var upstream = await Upstream.StartAsync(Tls("app.test"), keepAliveRequests: 1);
        var proxy = new ForwardingProxy(new HttpPeer(upstream.EndPoint) { Tls = Trusting("app.test") });
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await client.ExchangeAsync(Get)).Status);
        await proxy.Phases.WaitAsync("logged", 3);
        Assert.All(proxy.Finished, request => Assert.Equal([false], request.Reused));
    }

    [Fact]
    public async Task An_upstream_that_shakes_no_hands_is_a_gateway_timeout()
    {
        await using var silent = TestOrigin.Start(connection => connection.ReadToEndAsync());
        var proxy = new ForwardingProxy(new HttpPeer(silent.EndPoint)
        {
            Tls = Trusting("app.test"),
            Options = new PeerOptions { ConnectionTimeout = TimeSpan.FromMilliseconds(100) },
        });
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.Equal(504, (await client.ExchangeAsync(Get)).Status);
        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(ErrorKind.TlsHandshakeTimedOut, proxy.Finished[0].Error!.Kind);
    }

    [Fact]
    public async Task An_upstream_that_speaks_no_TLS_is_a_bad_gateway()
    {
        await using var plain = TestOrigin.Start(async connection =>
        {
            await connection.ReadExactAsync(5);
            await connection.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        var proxy = new ForwardingProxy(new HttpPeer(plain.EndPoint) { Tls = Trusting("app.test") });
        await using var host = await ProxyHost.StartAsync(proxy);
        await using var client = await host.ConnectAsync();

        Assert.Equal(502, (await client.ExchangeAsync(Get)).Status);
        await proxy.Phases.WaitAsync("logged");
        Assert.Equal(ErrorKind.TlsHandshakeFailed, proxy.Finished[0].Error!.Kind);
    }

    private static SslStreamCertificateContext Context(TestCertificate own, IReadOnlyList<X509Certificate2> intermediates) =>
        SslStreamCertificateContext.Create(own.Certificate, [.. intermediates], offline: true);

    private ServerTls Tls(params string[] names) => Tls(ClientCertificateMode.None, names);

    private ServerTls Tls(ClientCertificateMode mode, params string[] names)
    {
        var issued = _certificates.Issue(names);
        return new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem)))
        {
            ClientCertificates = mode,
            ClientAuthorities = [_certificates.Authority],
        };
    }

    private ClientTls Trusting(string name) => new() { ServerName = name, Authorities = [_certificates.Authority] };

    /// <summary>Request <c>/N</c> goes to the N-th peer.</summary>
    private sealed class ChoosingProxy(HttpPeer[] peers) : ForwardingProxy(peers)
    {
        private readonly HttpPeer[] _peers = peers;

        public override ValueTask<HttpPeer> UpstreamPeerAsync(Session session, ForwardedRequest context, CancellationToken cancellationToken) =>
            new(_peers[int.Parse(session.Request.PathText[1..], System.Globalization.CultureInfo.InvariantCulture)]);
    }

    /// <summary>A server inside of TLS that answers with the number of the connection, in the order of the first requests.</summary>
    private sealed class Upstream : IHttpHandler, IAsyncDisposable
    {
        private readonly Server _server = new(new ServerOptions { Threads = 1, HandleSignals = false });
        private readonly HttpService _service;
        private Task<int> _run = Task.FromResult(0);
        private int _connections;

        private Upstream(int? keepAliveRequests) =>
            _service = new HttpService("upstream", this, new HttpServiceOptions { KeepAliveRequestLimit = keepAliveRequests });

        public EndPoint EndPoint => _service.BoundEndPoints[0];

        public int Requests { get; private set; }

        public static async Task<Upstream> StartAsync(ServerTls tls, int? keepAliveRequests = null)
        {
            var upstream = new Upstream(keepAliveRequests);
            upstream._service.AddTls("127.0.0.1:0", tls);
            var handle = upstream._server.Add(upstream._service);
            upstream._run = upstream._server.RunAsync(TestContext.Current.CancellationToken);
            await handle.Ready;
            return upstream;
        }

        public async ValueTask HandleAsync(ServerSession session, CancellationToken cancellationToken)
        {
            Requests++;
            session.ConnectionState ??= _connections++;
            var body = System.Text.Encoding.ASCII.GetBytes($"{session.ConnectionState}");
            var header = new ResponseHeader(200);
            header.Headers.Set("content-length", $"{body.Length}");
            await session.RespondAsync(header, body);
        }

        public async ValueTask DisposeAsync()
        {
            await _server.StopAsync(ShutdownKind.Fast);
            await _run;
            await _server.DisposeAsync();
        }
    }
}
