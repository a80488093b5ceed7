using System.Net.Security;
using System.Security.Authentication;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>A connection of a worker inside of TLS, on the server's side, and its client as the framework's own stream.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    private TlsPair(TestWorkers workers, TestCertificates certificates, Connection server, SslStream client, TappedStream wire)
    {
        Workers = workers;
        Certificates = certificates;
        Server = server;
        Client = client;
        Wire = wire;
    }

    internal TestWorkers Workers { get; }

    internal TestCertificates Certificates { get; }

    internal Connection Server { get; }

    internal SslStream Client { get; }

    internal TappedStream Wire { get; }

    public async ValueTask DisposeAsync()
    {
        await Workers.RunAsync(Server.Close);
        await Client.DisposeAsync();
        await Wire.DisposeAsync();
        await Workers.DisposeAsync();
        Certificates.Dispose();
    }

    internal static async Task<TlsPair> StartAsync(SslProtocols version = SslProtocols.Tls13, int threads = 1, TestKey key = TestKey.P256)
    {
        var workers = new TestWorkers(threads);
        var certificates = new TestCertificates();
        var issued = certificates.Issue(new TestCertificateOptions { Names = ["app.test"], Key = key });
        var tls = new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem)));
        var (inner, peer) = await workers.ConnectAsync();
        var wire = new TappedStream(peer);
        var client = new SslStream(wire, leaveInnerStreamOpen: true);
        var accepting = workers.RunAsync(() => TlsHandshake.AcceptAsync(inner, tls, CancellationToken.None));
        await client.AuthenticateAsClientAsync(ClientOptions(certificates, version)).WaitAsync(TestWorkers.Patience);
        return new TlsPair(workers, certificates, (await accepting).Served!, client, wire);
    }

    internal static SslClientAuthenticationOptions ClientOptions(TestCertificates certificates, SslProtocols version = SslProtocols.Tls13, string name = "app.test") => new()
    {
        TargetHost = name,
        EnabledSslProtocols = version,
        CertificateChainPolicy = ChainPolicies.Create([certificates.Authority], "1.3.6.1.5.5.7.3.1"),
    };

    internal Task<T> OnWorkerAsync<T>(Func<Connection, ValueTask<T>> work) => Workers.RunAsync(() => work(Server));

    internal Task OnWorkerAsync(Func<Connection, ValueTask> work) => Workers.RunAsync(() => work(Server));
}
