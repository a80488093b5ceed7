using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Securely.Net;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>A handshake with the platform's own TLS on both sides and a certificate of a source.</summary>
internal static class PlainHandshake
{
    /// <summary>Shakes hands, and returns the thumbprint of what the client was shown and has verified.</summary>
    /// <param name="source">The server's certificates.</param>
    /// <param name="serverName">What the client asks for; an IP address is verified but not sent.</param>
    /// <param name="trusted">The only authority that the client trusts.</param>
    /// <exception cref="AuthenticationException">The client does not trust what it was shown.</exception>
    public static async Task<string> RunAsync(CertificateSource source, string serverName, X509Certificate2 trusted)
    {
        using var patience = new CancellationTokenSource(TestWorkers.Patience, TimeProvider.System);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var dialled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await dialled.ConnectAsync(listener.LocalEndPoint!, patience.Token);
        using var accepted = await listener.AcceptAsync(patience.Token);
        await using var server = new SslStream(new NetworkStream(accepted));
        await using var client = new SslStream(new NetworkStream(dialled));
        var serving = ServeAsync(server, source, patience.Token);
        await client.AuthenticateAsClientAsync(Trust(serverName, trusted), patience.Token);
        await serving;
        return ((X509Certificate2)client.RemoteCertificate!).Thumbprint;
    }

    private static SslClientAuthenticationOptions Trust(string serverName, X509Certificate2 trusted)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(trusted);
        return new SslClientAuthenticationOptions { TargetHost = serverName, CertificateChainPolicy = policy };
    }

    private static async Task ServeAsync(SslStream server, CertificateSource source, CancellationToken cancellationToken) =>
        await server.AuthenticateAsServerAsync(
            async (_, hello, _, token) => new SslServerAuthenticationOptions
            {
                ServerCertificateContext = (await source.FindAsync(hello.ServerName, token) ?? throw new AuthenticationException($"no certificate for [{hello.ServerName}]")).Context,
            },
            null,
            cancellationToken);
}
