using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>Both sides of the handshake over real sockets, each against the other.</summary>
public sealed class TlsHandshakeTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_name_without_a_certificate_is_refused_with_its_alert()
    {
        await using var host = await StartAsync(new ServerTls(new NamedOnly("app.test", Certificate("app.test"))));
        using var socket = await host.ConnectAsync();
        await using var wire = new TappedStream(socket);
        await using var client = new SslStream(wire);
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => client.AuthenticateAsClientAsync("other.test"));
        Assert.Equal((21, 2), Assert.Single(wire.Records));
    }

    [Theory]
    [InlineData("APP.test")]
    [InlineData("App.Test")]
    public async Task A_name_is_found_however_it_is_written(string name)
    {
        await using var host = await StartAsync(new ServerTls(new NamedOnly("app.test", Certificate("app.test"))));
        using var socket = await host.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(socket));
        await client.AuthenticateAsClientAsync(TlsPair.ClientOptions(_certificates, name: name)).WaitAsync(TestWorkers.Patience);
        Assert.True(client.IsAuthenticated);
    }

    [Fact]
    public async Task A_source_that_takes_its_time_leaves_the_worker_free()
    {
        var slow = new SlowSource(Certificate("app.test"));
        await using var host = await StartAsync(new ServerTls(slow));
        using var first = await host.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(first));
        var shaking = client.AuthenticateAsClientAsync(TlsPair.ClientOptions(_certificates));
        await slow.Asked.WaitAsync(TestWorkers.Patience);
        Assert.True(await host.Workers.Workers[0].RunAsync(() => new ValueTask<bool>(true)).WaitAsync(TestWorkers.Patience));
        slow.Answer();
        await shaking.WaitAsync(TestWorkers.Patience);
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal('x', client.ReadByte());
    }

    [Theory]
    [InlineData("")]
    [InlineData("16 03 01")]
    public async Task A_client_that_does_not_go_on_is_closed_at_the_deadline(string hex)
    {
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate("app.test"))) { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        using var socket = await host.ConnectAsync();
        await socket.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(0, await EndAsync(socket));
    }

    [Fact]
    public async Task What_is_no_handshake_is_refused()
    {
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate("app.test"))));
        using var socket = await host.ConnectAsync();
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: app.test\r\n\r\n"u8.ToArray());
        Assert.True(await EndAsync(socket) < 16);
    }

    [Theory]
    [InlineData(ClientCertificateMode.Optional, null, true)]
    [InlineData(ClientCertificateMode.Optional, "trusted", true)]
    [InlineData(ClientCertificateMode.Optional, "stranger", false)]
    [InlineData(ClientCertificateMode.Required, null, false)]
    [InlineData(ClientCertificateMode.Required, "trusted", true)]
    [InlineData(ClientCertificateMode.Required, "stranger", false)]
    [InlineData(ClientCertificateMode.Required, "expired", false)]
    [InlineData(ClientCertificateMode.Required, "server", false)]
    public async Task A_client_shows_what_it_is_asked_for(ClientCertificateMode mode, string? shown, bool isServed)
    {
        using var strangers = new TestCertificates();
        var serial = "";
        var handler = new Echo(connection => serial = connection.Digest.Tls!.PeerCertificate?.SerialNumber ?? "none");
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate("app.test"))) { ClientCertificates = mode, ClientAuthorities = [_certificates.Authority] }, handler);
        var own = shown switch
        {
            null => null,
            "stranger" => strangers.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true }),
            "expired" => _certificates.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true, NotAfter = DateTimeOffset.UnixEpoch.AddYears(50), NotBefore = DateTimeOffset.UnixEpoch.AddYears(49) }),
            "server" => _certificates.Issue("me"),
            _ => _certificates.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true, Intermediates = 1 }),
        };
        await using var workers = new TestWorkers();
        var tls = Trusting("app.test") with
        {
            ClientCertificate = own is null ? null : SslStreamCertificateContext.Create(own.Certificate, [.. own.Intermediates], offline: true),
        };
        var served = await workers.RunAsync(() => IsServedAsync(host, tls));
        Assert.Equal(isServed, served);
        if (isServed)
            Assert.Equal(own?.Certificate.SerialNumber ?? "none", serial);
    }

    [Theory]
    [Trait("Case", "53")]
    [InlineData("app.test", "app.test", null, true, true, true)]
    [InlineData("other.test", "app.test", null, true, true, false)]
    [InlineData("other.test", "app.test", null, true, false, true)]
    [InlineData("other.test", "app.test", null, false, true, true)]
    [InlineData("other.test", "app.test", "app.test", true, true, true)]
    [InlineData("other.test", "app.test", "third.test", true, true, false)]
    [InlineData("a_b.app.test", "a-b.app.test", null, true, true, true)]
    [InlineData("a_b.test", "a-b.test", null, true, true, false)]
    [InlineData("x.a_b.app.test", "x.a-b.app.test", null, true, true, false)]
    [InlineData("other.test", "a-b.app.test", "a_b.app.test", true, true, true)]
    [InlineData("sub.app.test", "*.app.test", null, true, true, true)]
    [InlineData("a.sub.app.test", "*.app.test", null, true, true, false)]
    [InlineData("", "127.0.0.1", null, true, true, true)]
    [InlineData("", "app.test", null, true, true, false)]
    [InlineData("", "app.test", "app.test", true, true, true)]
    [InlineData("127.0.0.1", "127.0.0.1", null, true, true, true)]
    public async Task A_server_has_to_have_the_name(string asked, string name, string? alternative, bool verifyCertificate, bool verifyHostName, bool isGood)
    {
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate(name))));
        await using var workers = new TestWorkers();
        var tls = Trusting(asked) with { AlternativeName = alternative, VerifyCertificate = verifyCertificate, VerifyHostName = verifyHostName };
        Assert.Equal(isGood, await workers.RunAsync(() => IsServedAsync(host, tls)));
    }

    [Theory]
    [Trait("Case", "53")]
    [InlineData("stranger", true, false)]
    [InlineData("stranger", false, true)]
    [InlineData("expired", true, false)]
    [InlineData("expired", false, true)]
    [InlineData("client", true, false)]
    [InlineData("chain", true, true)]
    public async Task A_server_has_to_have_a_certificate_that_is_trusted(string kind, bool verify, bool isGood)
    {
        using var strangers = new TestCertificates();
        var issued = kind switch
        {
            "stranger" => strangers.Issue("app.test"),
            "expired" => _certificates.Issue(new TestCertificateOptions { Names = ["app.test"], NotAfter = DateTimeOffset.UnixEpoch.AddYears(50), NotBefore = DateTimeOffset.UnixEpoch.AddYears(49) }),
            "client" => _certificates.Issue(new TestCertificateOptions { Names = ["app.test"], IsForClients = true }),
            _ => _certificates.Issue(new TestCertificateOptions { Names = ["app.test"], Intermediates = 2 }),
        };
        await using var host = await StartAsync(new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem))));
        await using var workers = new TestWorkers();
        var tls = Trusting("app.test") with { VerifyCertificate = verify };
        Assert.Equal(isGood, await workers.RunAsync(() => IsServedAsync(host, tls)));
    }

    [Fact]
    public async Task Certificates_that_nobody_trusts_are_named_as_such()
    {
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate("app.test"))));
        await using var workers = new TestWorkers();
        var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => TlsConnector.ConnectAsync(host.Service.BoundEndPoints[0], new ClientTls { ServerName = "app.test" })));
        Assert.Equal((NetErrorKind.InvalidCertificate, ErrorSource.Upstream), (error.Kind, error.Origin));
        Assert.Contains("[app.test]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using var workers = new TestWorkers();
        var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(
            () => TlsConnector.ConnectAsync(listener.LocalEndPoint!, Trusting("app.test"), new TcpConnectOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) })));
        Assert.Equal((NetErrorKind.TlsHandshakeTimedOut, true), (error.Kind, error.IsTimeout));
    }

    [Fact]
    public async Task Both_sides_agree_on_a_protocol()
    {
        var agreed = "";
        var handler = new Echo(connection => agreed = connection.Digest.Tls!.ApplicationProtocol.ToString());
        await using var host = await StartAsync(new ServerTls(new CertificateStore(Certificate("app.test"))) { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }, handler);
        await using var workers = new TestWorkers();
        Assert.True(await workers.RunAsync(() => IsServedAsync(host, Trusting("app.test") with { ApplicationProtocols = [SslApplicationProtocol.Http11] })));
        Assert.Equal("http/1.1", agreed);
        Assert.False(await workers.RunAsync(() => IsServedAsync(host, Trusting("app.test") with { ApplicationProtocols = [SslApplicationProtocol.Http3] })));
        Assert.True(await workers.RunAsync(() => IsServedAsync(host, Trusting("app.test"))));
        Assert.Equal("", agreed);
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_serves_the_next_handshake()
    {
        var store = new CertificateStore(Certificate("app.test"));
        await using var host = await StartAsync(new ServerTls(store));
        await using var workers = new TestWorkers();
        Assert.False(await workers.RunAsync(() => IsServedAsync(host, Trusting("new.test"))));
        store.Replace([Certificate("new.test")]);
        Assert.True(await workers.RunAsync(() => IsServedAsync(host, Trusting("new.test"))));
    }

    [Fact]
    public async Task Tls_works_inside_of_any_connection()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var (near, far) = Connection.CreatePair();
            var accepting = TlsHandshake.AcceptAsync(far, new ServerTls(new CertificateStore(Certificate("app.test"))), CancellationToken.None).AsTask();
            var client = await TlsConnector.HandshakeAsync(near, Trusting("app.test"), TestWorkers.Patience);
            var server = (await accepting)!;
            await client.WriteAsync("inside"u8.ToArray());
            var buffer = new byte[16];
            Assert.Equal(6, await server.ReadAsync(buffer));
            client.Close();
            Assert.Equal(0, await server.ReadAsync(buffer));
            server.Close();
        });
    }

    private static async ValueTask<bool> IsServedAsync(RunningService host, ClientTls tls)
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

    private static async Task<int> EndAsync(Socket socket)
    {
        var buffer = new byte[64];
        var total = 0;
        try
        {
            for (var count = -1; count != 0; total += count)
                count = await socket.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed with bytes unread.
        }

        return total;
    }

    private static async Task<RunningService> StartAsync(ServerTls tls, IConnectionHandler? handler = null)
    {
        var service = new ListeningService("test", handler ?? new Echo(_ => { }));
        service.AddTls("127.0.0.1:0", tls);
        return await RunningService.StartAsync(service);
    }

    private ServerCertificate Certificate(string name)
    {
        var issued = _certificates.Issue(name);
        return ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem);
    }

    private ClientTls Trusting(string name) => new() { ServerName = name, Authorities = [_certificates.Authority] };

    private sealed class NamedOnly(string name, ServerCertificate certificate) : CertificateSource
    {
        public override ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken) => new(serverName == name ? certificate : null);
    }

    private sealed class SlowSource(ServerCertificate certificate) : CertificateSource
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<ServerCertificate?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Asked => _asked.Task;

        internal void Answer() => _answer.SetResult(certificate);

        public override ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return new(_answer.Task);
        }
    }

    private sealed class Echo(Action<Connection> arrived) : IConnectionHandler
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
