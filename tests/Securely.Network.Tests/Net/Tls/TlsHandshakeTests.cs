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
    private readonly TlsStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Fact]
    public async Task A_name_without_a_certificate_is_refused_with_its_alert()
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new NamedOnly("app.test", _stage.Certificate("app.test"))));
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
        await using var host = await TlsStage.StartAsync(new ServerTls(new NamedOnly("app.test", _stage.Certificate("app.test"))));
        using var socket = await host.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(socket));
        await client.AuthenticateAsClientAsync(TlsPair.ClientOptions(_stage.Certificates, name: name)).WaitAsync(TestWorkers.Patience);
        Assert.True(client.IsAuthenticated);
    }

    [Fact]
    public async Task A_source_that_takes_its_time_leaves_the_worker_free()
    {
        var slow = new SlowSource(_stage.Certificate("app.test"));
        await using var host = await TlsStage.StartAsync(new ServerTls(slow));
        using var first = await host.ConnectAsync();
        await using var client = new SslStream(new NetworkStream(first));
        var shaking = client.AuthenticateAsClientAsync(TlsPair.ClientOptions(_stage.Certificates));
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
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))) { HandshakeTimeout = TimeSpan.FromMilliseconds(100) });
        using var socket = await host.ConnectAsync();
        await socket.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal(0, await EndAsync(socket));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 0)]
    [InlineData(int.MaxValue, 40)]
    [InlineData(100, 40)]
    public async Task A_hello_may_come_in_pieces_and_be_larger_than_what_is_gathered(int mostAtOnce, int protocols)
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))));
        await using var wire = new TappedStream(await host.ConnectAsync()) { MostAtOnce = mostAtOnce };
        wire.Socket.NoDelay = true;
        await using var client = new SslStream(wire);
        var options = TlsPair.ClientOptions(_stage.Certificates);
        // 40 names of 200 bytes make a hello of 8 KiB.
        options.ApplicationProtocols = [SslApplicationProtocol.Http11, .. Enumerable.Range(0, protocols).Select(i => new SslApplicationProtocol(new string((char)('0' + i), 200)))];
        await client.AuthenticateAsClientAsync(options).WaitAsync(TestWorkers.Patience);
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal('x', client.ReadByte());
    }

    [Theory]
    [InlineData("")]
    [InlineData("16 03")]
    [InlineData("16 03 01 02 00 01 00 01 FC 03 03")]
    public async Task A_client_that_leaves_in_its_hello_is_forgotten_and_its_buffer_given_back(string hex)
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))));
        var worker = host.Workers.Workers[0];
        for (var i = 0; i < 3; i++)
        {
            using var socket = await host.ConnectAsync();
            await socket.SendAsync(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
            socket.Shutdown(SocketShutdown.Send);
            Assert.InRange(await EndAsync(socket), 0, 16);
        }

        Assert.Equal(SlabPool.Head, await worker.RunAsync(() => new ValueTask<long>(worker.Buffers.Unused)));
    }

    [Fact]
    public async Task What_is_no_handshake_is_refused()
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))));
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
        var handler = new TlsStage.Echo(connection => serial = connection.Digest.Tls!.PeerCertificate?.SerialNumber ?? "none");
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))) { ClientCertificates = mode, ClientAuthorities = [_stage.Certificates.Authority] }, handler);
        var own = shown switch
        {
            null => null,
            "stranger" => strangers.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true }),
            "expired" => _stage.Certificates.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true, NotAfter = DateTimeOffset.UnixEpoch.AddYears(50), NotBefore = DateTimeOffset.UnixEpoch.AddYears(49) }),
            "server" => _stage.Certificates.Issue("me"),
            _ => _stage.Certificates.Issue(new TestCertificateOptions { Names = ["me"], IsForClients = true, Intermediates = 1 }),
        };
        await using var workers = new TestWorkers();
        var tls = _stage.Trusting("app.test") with
        {
            ClientCertificate = own is null ? null : SslStreamCertificateContext.Create(own.Certificate, [.. own.Intermediates], offline: true),
        };
        var served = await workers.RunAsync(() => TlsStage.IsServedAsync(host, tls));
        Assert.Equal(isServed, served);
        if (isServed)
            Assert.Equal(own?.Certificate.SerialNumber ?? "none", serial);
    }

    [Fact]
    public async Task Certificates_that_nobody_trusts_are_named_as_such()
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))));
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
            () => TlsConnector.ConnectAsync(listener.LocalEndPoint!, _stage.Trusting("app.test"), new TcpConnectOptions { ConnectTimeout = TimeSpan.FromMilliseconds(100) })));
        Assert.Equal((NetErrorKind.TlsHandshakeTimedOut, true), (error.Kind, error.IsTimeout));
    }

    [Fact]
    public async Task Both_sides_agree_on_a_protocol()
    {
        var agreed = "";
        var handler = new TlsStage.Echo(connection => agreed = connection.Digest.Tls!.ApplicationProtocol.ToString());
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate("app.test"))) { ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] }, handler);
        await using var workers = new TestWorkers();
        Assert.True(await workers.RunAsync(() => TlsStage.IsServedAsync(host, _stage.Trusting("app.test") with { ApplicationProtocols = [SslApplicationProtocol.Http11] })));
        Assert.Equal("http/1.1", agreed);
        Assert.False(await workers.RunAsync(() => TlsStage.IsServedAsync(host, _stage.Trusting("app.test") with { ApplicationProtocols = [SslApplicationProtocol.Http3] })));
        Assert.True(await workers.RunAsync(() => TlsStage.IsServedAsync(host, _stage.Trusting("app.test"))));
        Assert.Equal("", agreed);
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_serves_the_next_handshake()
    {
        var store = new CertificateStore(_stage.Certificate("app.test"));
        await using var host = await TlsStage.StartAsync(new ServerTls(store));
        await using var workers = new TestWorkers();
        Assert.False(await workers.RunAsync(() => TlsStage.IsServedAsync(host, _stage.Trusting("new.test"))));
        store.Replace([_stage.Certificate("new.test")]);
        Assert.True(await workers.RunAsync(() => TlsStage.IsServedAsync(host, _stage.Trusting("new.test"))));
    }

    [Fact]
    public async Task Tls_works_inside_of_any_connection()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            var (near, far) = Connection.CreatePair();
            var accepting = TlsHandshake.AcceptAsync(far, new ServerTls(new CertificateStore(_stage.Certificate("app.test"))), CancellationToken.None).AsTask();
            var client = await TlsConnector.HandshakeAsync(near, _stage.Trusting("app.test"), TestWorkers.Patience);
            var server = (await accepting).Served!;
            await client.WriteAsync("inside"u8.ToArray());
            var buffer = new byte[16];
            Assert.Equal(6, await server.ReadAsync(buffer));
            client.Close();
            Assert.Equal(0, await server.ReadAsync(buffer));
            server.Close();
        });
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
}
