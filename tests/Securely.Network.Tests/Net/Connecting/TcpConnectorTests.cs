using System.Net;
using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connecting;

public sealed class TcpConnectorTests
{
    [Fact]
    public async Task Dials_and_moves_bytes_both_ways()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            Assert.Same(workers[0], connection.Worker);
            await connection.WriteAsync("ping"u8.ToArray());
            var buffer = new byte[4];
            Assert.Equal(4, await peer.ReceiveAsync(buffer));
            await peer.SendAsync("pong"u8.ToArray());
            Assert.Equal("pong", await Connections.ConnectionReadTests.ReadTextAsync(connection, 4));
        });
        Assert.True(peer.Connected);
        peer.Dispose();
    }

    [Theory]
    [InlineData("220 hello")]
    [InlineData("")]
    public async Task What_a_peer_says_and_its_end_before_the_dialler_has_looked_are_not_lost(string greeting)
    {
        await using var workers = new TestWorkers();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await workers.RunAsync(async () =>
        {
            var dialling = TcpConnector.ConnectAsync(listener.LocalEndPoint!);
            using var peer = listener.Accept();
            peer.Send(System.Text.Encoding.ASCII.GetBytes(greeting));
            peer.Shutdown(SocketShutdown.Send);
            var connection = await dialling;
            var buffer = new byte[100];
            connection.SetReadDeadline(TestWorkers.Patience);
            if (greeting.Length > 0)
                Assert.Equal(greeting.Length, await connection.ReadAsync(buffer));
            Assert.Equal(0, await connection.ReadAsync(buffer));
            connection.Close();
        });
    }

    [Fact]
    public async Task A_peer_that_refuses_is_named_and_its_fault()
    {
        using var dead = DeadEndPoint.Refusing();
        await using var workers = new TestWorkers();
        var error = await FailAsync(workers, dead.EndPoint);
        Assert.Equal(NetErrorKind.ConnectRefused, error.Kind);
        Assert.Equal(ErrorSource.Upstream, error.Origin);
        Assert.Contains($"[{dead.Address}]", error.Message, StringComparison.Ordinal);
        Assert.Null(await workers.RunAsync(() => workers[0].FirstConnection));
    }

    [Fact]
    public async Task A_peer_that_does_not_answer_in_time_is_given_up()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux drops what does not fit into an accept queue");
        var clock = new ManualTimeProvider();
        using var dead = DeadEndPoint.Silent();
        await using var workers = new TestWorkers(time: clock);
        var dialling = workers.RunAsync(() => TcpConnector.ConnectAsync(dead.EndPoint, new TcpConnectOptions { ConnectTimeout = TimeSpan.FromSeconds(3) }));
        await clock.WaitForTimersAsync();
        clock.Advance(TimeSpan.FromSeconds(2.9));
        await workers.SettleAsync(clock.Elapsed);
        Assert.False(dialling.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        var error = await Assert.ThrowsAsync<NetException>(() => dialling);
        Assert.Equal(NetErrorKind.ConnectTimedOut, error.Kind);
        Assert.True(error.IsTimeout);
        Assert.Equal(ErrorSource.Upstream, error.Origin);
        Assert.Null(await workers.RunAsync(() => workers[0].FirstConnection));
    }

    [Fact]
    public async Task Stopping_the_workers_ends_a_connect_that_hangs()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux drops what does not fit into an accept queue");
        using var dead = DeadEndPoint.Silent();
        await using var workers = new TestWorkers();
        // A connect of System.Net.Sockets goes on after its worker.
        if (!workers.IsEpoll)
        {
            await workers.Group.StopAsync(TestWorkers.Patience);
            Assert.All(workers.Group.Workers, worker => Assert.True(worker.Ended.IsCompleted));
            return;
        }

        var dialling = workers.RunAsync(() => TcpConnector.ConnectAsync(dead.EndPoint));
        await workers.RunAsync(() => Assert.NotNull(workers[0].FirstConnection));
        await workers.Group.StopAsync(TestWorkers.Patience);
        await Assert.ThrowsAsync<NetException>(() => dialling);
    }

    [Fact]
    public async Task An_address_without_a_route_says_so()
    {
        // A stream to a group of receivers has no route on any machine.
        await using var workers = new TestWorkers();
        var error = await FailAsync(workers, new IPEndPoint(IPAddress.Parse("224.0.0.1"), 80));
        Assert.Equal(NetErrorKind.ConnectNoRoute, error.Kind);
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, NetErrorKind.ConnectRefused, ErrorSource.Upstream)]
    [InlineData(SocketError.TimedOut, NetErrorKind.ConnectTimedOut, ErrorSource.Upstream)]
    [InlineData(SocketError.NetworkUnreachable, NetErrorKind.ConnectNoRoute, ErrorSource.Upstream)]
    [InlineData(SocketError.HostUnreachable, NetErrorKind.ConnectNoRoute, ErrorSource.Upstream)]
    [InlineData(SocketError.AddressNotAvailable, NetErrorKind.BindError, ErrorSource.Internal)]
    [InlineData(SocketError.AccessDenied, NetErrorKind.Internal, ErrorSource.Internal)]
    [InlineData(SocketError.AddressAlreadyInUse, NetErrorKind.Internal, ErrorSource.Internal)]
    [InlineData(SocketError.TooManyOpenSockets, NetErrorKind.Internal, ErrorSource.Internal)]
    [InlineData(SocketError.ConnectionReset, NetErrorKind.ConnectError, ErrorSource.Upstream)]
    public void Errors_are_sorted_as_the_ancestor_does(SocketError error, NetErrorKind kind, ErrorSource source)
    {
        var exception = ConnectErrors.ToException(error, new IPEndPoint(IPAddress.Loopback, 80));
        Assert.Equal(kind, exception.Kind);
        Assert.Equal(source, exception.Origin);
        Assert.Contains("[127.0.0.1:80]", exception.Message, StringComparison.Ordinal);
        Assert.Equal(error, Assert.IsType<SocketException>(exception.InnerException).SocketErrorCode);
    }

    [Fact]
    public async Task The_peer_sees_the_address_that_was_bound_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8");
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync(options: new TcpConnectOptions { BindTo = IPAddress.Parse("127.0.0.2") });
        Assert.Equal(IPAddress.Parse("127.0.0.2"), ((IPEndPoint)peer.RemoteEndPoint!).Address);
        Assert.Equal(peer.RemoteEndPoint, await workers.RunAsync(() => connection.Digest.LocalEndPoint));
        peer.Dispose();
    }

    [Fact]
    public async Task An_address_that_is_not_this_machines_cannot_be_bound_to()
    {
        using var listener = Listen();
        await using var workers = new TestWorkers();
        var error = await FailAsync(workers, listener.LocalEndPoint!, new TcpConnectOptions { BindTo = IPAddress.Parse("198.51.100.7") });
        Assert.Equal(NetErrorKind.BindError, error.Kind);
        Assert.Equal(ErrorSource.Internal, error.Origin);
    }

    [Fact]
    public async Task Own_addresses_take_turns_and_fit_the_peers_family()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8");
        await using var workers = new TestWorkers();
        var options = new TcpConnectOptions { SourceAddresses = [IPAddress.Parse("127.0.0.2"), IPAddress.IPv6Loopback, IPAddress.Parse("127.0.0.3")] };
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < 12; i++)
        {
            var (connection, peer) = await workers.ConnectAsync(options: options);
            var address = ((IPEndPoint)peer.RemoteEndPoint!).Address.ToString();
            seen[address] = seen.GetValueOrDefault(address) + 1;
            await workers.RunAsync(connection.Close);
            peer.Dispose();
        }

        Assert.Equal(["127.0.0.2", "127.0.0.3"], seen.Keys.Order(StringComparer.Ordinal));
        Assert.All(seen.Values, count => Assert.InRange(count, 4, 8));
        var onlyOthers = new TcpConnectOptions { SourceAddresses = [IPAddress.IPv6Loopback] };
        var (plain, plainPeer) = await workers.ConnectAsync(options: onlyOthers);
        Assert.Equal(IPAddress.Loopback, ((IPEndPoint)plainPeer.RemoteEndPoint!).Address);
        await workers.RunAsync(plain.Close);
        plainPeer.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_own_port_comes_from_the_range_and_else_from_anywhere(bool binds)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Ranges of ports need Linux");
        await using var workers = new TestWorkers();
        using var listener = Listen();
        var port = FreePort();
        var options = new TcpConnectOptions { PortRange = (port, port), BindTo = binds ? IPAddress.Parse("127.0.0.5") : null };
        using var first = await AcceptAsync(workers, listener, options);
        Assert.SkipUnless(((IPEndPoint)first.RemoteEndPoint!).Port == port, "The kernel is older than 6.3");
        using var second = await AcceptAsync(workers, listener, options);
        Assert.NotEqual(port, ((IPEndPoint)second.RemoteEndPoint!).Port);
        var error = await FailAsync(workers, listener.LocalEndPoint!, options with { PortRangeFallback = false });
        Assert.Equal(NetErrorKind.BindError, error.Kind);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(20, 10)]
    [InlineData(1, 65_536)]
    public async Task A_range_that_is_none_is_refused(int low, int high)
    {
        await using var workers = new TestWorkers();
        using var listener = Listen();
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => workers.RunAsync(() => TcpConnector.ConnectAsync(listener.LocalEndPoint!, new TcpConnectOptions { PortRange = (low, high) })));
        Assert.Contains($"[{low}-{high}]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fast_open_does_not_break_a_connection()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Fast Open is set on Linux only");
        await using var workers = new TestWorkers();
        for (var i = 0; i < 3; i++)
        {
            using var listener = Listen();
            if (i > 0)
                listener.SetRawSocketOption(6, 23, BitConverter.GetBytes(16));
            var accepting = listener.AcceptAsync();
            await workers.RunAsync(async () =>
            {
                var connection = await TcpConnector.ConnectAsync(listener.LocalEndPoint!, new TcpConnectOptions { FastOpen = true });
                await connection.WriteAsync("early"u8.ToArray());
                using var peer = await accepting;
                var buffer = new byte[5];
                Assert.Equal(5, await peer.ReceiveAsync(buffer));
                Assert.Equal("early"u8.ToArray(), buffer);
                await peer.SendAsync("reply"u8.ToArray());
                Assert.Equal("reply", await Connections.ConnectionReadTests.ReadTextAsync(connection, 5));
                connection.Close();
            });
        }
    }

    [Fact]
    public async Task Socket_options_reach_the_socket()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The options are read back with Linux's numbers");
        await using var workers = new TestWorkers();
        var options = new TcpConnectOptions
        {
            KeepAlive = new TcpKeepAlive(TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(0.5), 4) { UserTimeout = TimeSpan.FromMilliseconds(1234) },
            Dscp = 0x28,
            ReceiveBuffer = 50_000,
        };
        var (connection, peer) = await workers.ConnectAsync(options: options);
        await workers.RunAsync(() =>
        {
            Assert.Equal(1, Option(connection, 6, 1));
            Assert.Equal(1, Option(connection, 1, 9));
            Assert.Equal(31, Option(connection, 6, 4));
            Assert.Equal(1, Option(connection, 6, 5));
            Assert.Equal(4, Option(connection, 6, 6));
            Assert.Equal(1234, Option(connection, 6, 18));
            Assert.Equal(0x28, Option(connection, 0, 1));
            Assert.Equal(100_000, connection.Digest.ReceiveBufferSize);
        });
        peer.Dispose();
    }

    [Fact]
    public async Task Dials_unix_sockets()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectUnixAsync();
        await workers.RunAsync(async () =>
        {
            Assert.Null(connection.RemoteAddress);
            await connection.WriteAsync("over"u8.ToArray(), " unix"u8.ToArray());
            connection.Close();
        });
        Assert.Equal("over unix"u8.ToArray(), await Connections.ConnectionWriteTests.ReceiveAllAsync(peer));
        peer.Dispose();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("stale")]
    [InlineData("full")]
    public async Task A_unix_socket_on_which_nobody_takes_connections_refuses(string what)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || what != "full", "Only Linux says at once that a queue is full");
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var fillers = new List<Socket>();
        if (what != "missing")
            listener.Bind(new UnixDomainSocketEndPoint(path));
        if (what == "full")
        {
            listener.Listen(0);
            var filler = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await filler.ConnectAsync(new UnixDomainSocketEndPoint(path));
            fillers.Add(filler);
        }

        await using var workers = new TestWorkers();
        var error = await FailAsync(workers, new UnixDomainSocketEndPoint(path));
        Assert.Equal(NetErrorKind.ConnectRefused, error.Kind);
        Assert.Contains($"[{path}]", error.Message, StringComparison.Ordinal);
        fillers.ForEach(f => f.Dispose());
    }

    [Fact]
    public async Task Wants_a_worker_and_an_address()
    {
        await using var workers = new TestWorkers();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await TcpConnector.ConnectAsync(new IPEndPoint(IPAddress.Loopback, 1)));
        var error = await Assert.ThrowsAsync<ArgumentException>(() => workers.RunAsync(() => TcpConnector.ConnectAsync(new DnsEndPoint("app.test", 80))));
        Assert.Contains("app.test", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dials_many_at_a_time()
    {
        await using var workers = new TestWorkers();
        using var listener = Listen();
        var accepting = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                using var peer = await listener.AcceptAsync();
                peer.Send("x"u8);
                peer.Shutdown(SocketShutdown.Send);
                await peer.ReceiveAsync(new byte[1]);
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => workers.RunAsync(async () =>
        {
            var connection = await TcpConnector.ConnectAsync(listener.LocalEndPoint!);
            Assert.Equal("x", await Connections.ConnectionReadTests.ReadTextAsync(connection, 1));
            connection.Close();
        })));
        await accepting.WaitAsync(TestWorkers.Patience);
    }

    private static async Task<NetException> FailAsync(TestWorkers workers, EndPoint address, TcpConnectOptions? options = null) =>
        await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => TcpConnector.ConnectAsync(address, options)));

    private static async Task<Socket> AcceptAsync(TestWorkers workers, Socket listener, TcpConnectOptions options)
    {
        var accepting = listener.AcceptAsync();
        await workers.RunAsync(() => TcpConnector.ConnectAsync(listener.LocalEndPoint!, options));
        return await accepting.WaitAsync(TestWorkers.Patience);
    }

    private static int Option(Connection connection, int level, int name)
    {
        var value = new byte[4];
        Assert.Equal(4, ((SocketConnection)connection).GetOption(level, name, value));
        return BitConverter.ToInt32(value);
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(300);
        return listener;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
