using System.Net;
using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

public sealed class DigestTests
{
    [Fact]
    public async Task Shows_both_ends_of_a_connection()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(() =>
        {
            Assert.Equal(peer.LocalEndPoint, connection.Digest.RemoteEndPoint);
            Assert.Equal(peer.RemoteEndPoint, connection.Digest.LocalEndPoint);
            Assert.Equal(IPAddress.Loopback, connection.RemoteAddress);
            Assert.Same(connection.Digest, connection.Digest);
            Assert.Null(connection.Digest.OriginalDestination);
            Assert.Null(connection.Digest.LastReceivedAt);
            connection.Close();
            Assert.Equal(peer.RemoteEndPoint, connection.Digest.LocalEndPoint);
            Assert.Equal(peer.LocalEndPoint, connection.Digest.RemoteEndPoint);
            Assert.Null(connection.Digest.ReceiveBufferSize);
            Assert.Null(connection.Digest.GetTcpInfo());
        });
        peer.Dispose();
    }

    [Fact]
    public async Task Shows_the_buffers_and_figures_of_the_kernel()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TCP_INFO is Linux's");
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await peer.SendAsync("12345"u8.ToArray());
        await workers.RunAsync(async () =>
        {
            Assert.Equal("12345", await ConnectionReadTests.ReadTextAsync(connection, 5));
            Assert.True(connection.Digest.ReceiveBufferSize > 0);
            Assert.True(connection.Digest.SendBufferSize > 0);
            var info = connection.Digest.GetTcpInfo();
            Assert.NotNull(info);
            Assert.Equal(1, info.State);
            Assert.InRange(info.RoundTripTime, 1u, 10_000_000u);
            Assert.True(info.RoundTripTimeVariance > 0);
            Assert.True(info.CongestionWindow > 0);
            Assert.True(info.SendSegmentSize > 500);
            Assert.Equal(5u, info.BytesReceived);
            Assert.Equal(0u, info.Lost);
        });
        peer.Dispose();
    }

    [Fact]
    public async Task The_time_of_establishment_does_not_move()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: clock);
        clock.Advance(TimeSpan.FromHours(1));
        await workers.SettleAsync(clock.Elapsed);
        var established = clock.GetUtcNow();
        var (connection, peer) = await workers.ConnectAsync();
        clock.Advance(TimeSpan.FromSeconds(90));
        await workers.SettleAsync(clock.Elapsed);
        Assert.Equal(established, await workers.RunAsync(() => connection.Digest.EstablishedAt));
        clock.Advance(TimeSpan.FromSeconds(5));
        await workers.SettleAsync(clock.Elapsed);
        Assert.Equal(established, await workers.RunAsync(() => connection.Digest.EstablishedAt));
        peer.Dispose();
    }

    [Fact]
    public async Task A_unix_sockets_client_has_no_address()
    {
        await using var workers = new TestWorkers();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var handler = new Reporter();
        var service = new ListeningService("unix", handler);
        service.AddUnix(path);
        await using var host = await RunningService.StartAsync(service);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
        var digest = await handler.Digest.WaitAsync(TestWorkers.Patience);
        Assert.Null(digest.RemoteEndPoint);
        Assert.Null(digest.OriginalDestination);
    }

    [Fact]
    public async Task The_client_of_a_dual_stack_listener_is_shown_with_its_own_family()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6");
        var handler = new Reporter();
        var service = new ListeningService("dual", handler);
        service.AddTcp("*:0");
        await using var host = await RunningService.StartAsync(service);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)service.BoundEndPoints[0]).Port));
        var digest = await handler.Digest.WaitAsync(TestWorkers.Patience);
        Assert.Equal(client.LocalEndPoint, digest.RemoteEndPoint);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_kernel_tells_when_bytes_arrived_if_the_listener_asks(bool asks)
    {
        var handler = new TimestampReporter();
        var service = new ListeningService("stamps", handler);
        service.AddTcp("127.0.0.1:0", new TcpListenOptions { ReceiveTimestamps = asks });
        await using var host = await RunningService.StartAsync(service);
        using var client = await host.ConnectAsync();
        var isKnown = asks && host.Workers.Poller == PollerKind.Epoll;
        var before = TimeProvider.System.GetUtcNow();
        DateTimeOffset? stamp = null;
        // The kernel begins to stamp a moment after the first socket of the machine has asked for it.
        for (var i = 0; i < (isKnown ? 100_000 : 10) && stamp is null; i++)
        {
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
            stamp = handler.Last;
        }

        if (isKnown)
            Assert.InRange(stamp!.Value, before.AddSeconds(-1), TimeProvider.System.GetUtcNow().AddSeconds(1));
        else
            Assert.Null(stamp);
    }

    [Fact]
    public async Task A_stamped_connection_reads_like_any_other()
    {
        var handler = new TimestampReporter();
        var service = new ListeningService("stamps", handler);
        service.AddTcp("127.0.0.1:0", new TcpListenOptions { ReceiveTimestamps = true });
        await using var host = await RunningService.StartAsync(service);
        using var client = await host.ConnectAsync();
        var sent = new byte[2_000_000];
        new Random(1).NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < sent.Length;)
                i += await client.SendAsync(sent.AsMemory(i));
            client.Shutdown(SocketShutdown.Send);
        });
        var received = await ConnectionWriteTests.ReceiveAllAsync(client);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        await sending;
        using var reset = await host.ConnectAsync();
        await reset.SendAsync("x"u8.ToArray());
        await reset.ReceiveAsync(new byte[1]);
        ConnectionReadTests.Reset(reset);
        await handler.Broken.WaitAsync(TestWorkers.Patience);
    }

    private sealed class Reporter : IConnectionHandler
    {
        private readonly TaskCompletionSource<ConnectionDigest> _digest = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<ConnectionDigest> Digest => _digest.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            _ = connection.Digest.LocalEndPoint;
            _digest.TrySetResult(connection.Digest);
            await connection.WaitReadableAsync();
        }
    }

    /// <summary>Echoes, and keeps when the kernel says that the last bytes came.</summary>
    private sealed class TimestampReporter : IConnectionHandler
    {
        private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal DateTimeOffset? Last { get; private set; }

        internal Task Broken => _broken.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var buffer = new byte[32 * 1024];
            try
            {
                while (await connection.ReadAsync(buffer) is var count and > 0)
                {
                    Last = connection.Digest.LastReceivedAt;
                    await connection.WriteAsync(buffer.AsMemory(0, count));
                }
            }
            catch (NetException)
            {
                _broken.TrySetResult();
            }
        }
    }
}
