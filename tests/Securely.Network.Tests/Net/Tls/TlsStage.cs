using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>A service that echoes inside of TLS, its authority, and clients that trust it.</summary>
internal sealed class TlsStage : IDisposable
{
    internal TestCertificates Certificates { get; } = new();

    public void Dispose() => Certificates.Dispose();

    internal static async Task<RunningService> StartAsync(ServerTls tls, IConnectionHandler? handler = null)
    {
        var service = new ListeningService("test", handler ?? new Echo(_ => { }));
        service.AddTls("127.0.0.1:0", tls);
        return await RunningService.StartAsync(service);
    }

    internal static async ValueTask<bool> IsServedAsync(RunningService host, ClientTls tls)
    {
        try
        {
            var connection = await TlsConnector.ConnectAsync(host.Service.BoundEndPoints[0], tls, new TcpConnectOptions { ConnectTimeout = TestWorkers.Patience });
            await connection.WriteAsync("x"u8.ToArray());
            // A client certificate of TLS 1.3 is judged after the client's side of the handshake is over.
            var count = await connection.ReadAsync(new byte[16]);
            connection.Close();
            return count == 1;
        }
        catch (NetException e)
        {
            Assert.False(e.IsTimeout);
            return false;
        }
    }

    internal ServerCertificate Certificate(string name)
    {
        var issued = Certificates.Issue(name);
        return ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem);
    }

    internal ClientTls Trusting(string name) => new() { ServerName = name, Authorities = [Certificates.Authority] };

    internal sealed class Echo(Action<Connection> arrived) : IConnectionHandler
    {
        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            arrived(connection);
            var buffer = new byte[1024];
            while (await connection.WaitReadableAsync())
            {
                var count = await connection.ReadAsync(buffer);
                if (count == 0)
                    return;
                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }
}
