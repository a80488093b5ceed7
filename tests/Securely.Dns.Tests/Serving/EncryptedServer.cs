using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Securely.Hosting;
using Securely.Net;

namespace Securely.Dns.Tests.Serving;

/// <summary>A name server with an address for TLS, one for HTTPS, and one for datagrams and plain streams.</summary>
internal sealed class EncryptedServer : IAsyncDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly Server _server = new(new ServerOptions { HandleSignals = false, Threads = 2, GracePeriodSeconds = 5 });
    private readonly DnsServer _dns;
    private readonly DnsHttpService _http;
    private readonly Task _ready;
    private readonly Task<int> _running;

    private EncryptedServer(Zone zone, DnsServerOptions options, ZoneKeeper? keeper)
    {
        var issued = _certificates.Issue("ns.example.test");
        var store = new CertificateStore(ServerCertificate.FromFiles(issued.CertificatePath, issued.KeyPath));
        var catalog = keeper?.Catalog ?? new Catalog();
        catalog.Put(zone);
        catalog.Put(Zone.Build(DomainName.Parse("example.org"),
        [
            ResourceRecord.Parse(DomainName.Parse("example.org"), RecordType.Soa, 60, "a b 1 2 3 4 5"), ResourceRecord.Parse(DomainName.Parse("example.org"), RecordType.Ns, 60, "a"),
            ResourceRecord.Parse(DomainName.Parse("web.example.org"), RecordType.A, 60, "192.0.2.80"), ResourceRecord.Parse(DomainName.Parse("c1.example.org"), RecordType.Cname, 60, "web.example.org"),
        ]));
        _dns = new DnsServer(catalog, options with { Keeper = keeper });
        _dns.AddTls("127.0.0.1:0", new ServerTls(store) { ApplicationProtocols = [new SslApplicationProtocol("dot")] });
        _dns.Add("127.0.0.1:0");
        _http = new DnsHttpService(_dns);
        _http.AddTls("127.0.0.1:0", new ServerTls(store) { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] });
        var handle = _server.Add(_dns);
        _ready = Task.WhenAll(handle.Ready, _server.Add(_http, handle).Ready);
        _running = _server.RunAsync();
    }

    public IPEndPoint Tls => (IPEndPoint)_dns.BoundEndPoints[0];

    public IPEndPoint Plain => (IPEndPoint)_dns.BoundEndPoints[1];

    public IPEndPoint Https => (IPEndPoint)_http.BoundEndPoints[0];

    public string Authority => _certificates.AuthorityPath;

    public int Connections => _dns.ActiveConnections + _http.ActiveConnections;

    public SslClientAuthenticationOptions ClientOptions => new()
    {
        TargetHost = "ns.example.test",
        CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { _certificates.Authority }, RevocationMode = X509RevocationMode.NoCheck },
    };

    public static async Task<EncryptedServer> StartAsync(ForwardingOptions? forwarding = null, Zone? zone = null, DnsServerOptions? options = null, ZoneKeeper? keeper = null)
    {
        var server = new EncryptedServer(zone ?? RunningNameServer.Fixture(), options ?? new DnsServerOptions { Forwarding = forwarding }, keeper);
        await server._ready;
        return server;
    }

    public Task<string> KdigAsync(IPEndPoint address, params string[] arguments) =>
        RunningNameServer.RunAsync("kdig", "knot-dnsutils", ["@127.0.0.1", "-p", $"{address.Port}", address.Equals(Tls) ? "+tls" : "+https", "+retry=0", "+time=30", "+norec", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(ShutdownKind.Graceful);
        Assert.Equal(0, await _running);
        await _server.DisposeAsync();
        _certificates.Dispose();
    }
}
