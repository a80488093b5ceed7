using System.Net.Sockets;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionWriteTests
{
    [Theory]
    [InlineData("head", "body")]
    [InlineData("", "body")]
    [InlineData("head", "")]
    [InlineData("", "")]
    public async Task Writes_two_runs_in_their_order(string first, string second)
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes(first), Encoding.ASCII.GetBytes(second));
            await connection.WriteAsync("."u8.ToArray());
            connection.ShutdownWrite();
        });
        Assert.Equal(first + second + ".", Encoding.ASCII.GetString(await ReceiveAllAsync(peer)));
        peer.Dispose();
    }

    [Theory]
    [InlineData(6_000_000, 7_000_000)]
    [InlineData(10, 9_000_000)]
    [InlineData(9_000_000, 10)]
    [InlineData(0, 9_000_000)]
    public async Task A_slow_reader_gets_every_byte_of_both_runs_in_order(int first, int second)
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var bytes = new byte[first + second];
        new Random(3).NextBytes(bytes);
        var writing = await workers.RunAsync(() => connection.WriteAsync(bytes.AsMemory(0, first), bytes.AsMemory(first)).AsTask());
        Assert.False(writing.IsCompleted);
        var received = new byte[bytes.Length];
        var random = new Random(4);
        for (var count = 0; count < received.Length;)
            count += await peer.ReceiveAsync(received.AsMemory(count, Math.Min(random.Next(1, 300_000), received.Length - count)));
        await writing.WaitAsync(TestWorkers.Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(received));
        peer.Dispose();
    }

    [Fact]
    public async Task A_slow_reader_of_a_unix_socket_gets_every_byte_too()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectUnixAsync();
        var bytes = new byte[3_000_000];
        new Random(5).NextBytes(bytes);
        var writing = await workers.RunAsync(() => connection.WriteAsync(bytes.AsMemory(0, 1_000_000), bytes.AsMemory(1_000_000)).AsTask());
        Assert.False(writing.IsCompleted);
        var received = new byte[bytes.Length];
        for (var count = 0; count < received.Length;)
            count += await peer.ReceiveAsync(received.AsMemory(count, Math.Min(50_000, received.Length - count)));
        await writing.WaitAsync(TestWorkers.Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(received));
        peer.Dispose();
    }

    [Fact]
    public async Task Reads_go_on_while_a_write_is_pending()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var bytes = new byte[16_000_000];
        var writing = await workers.RunAsync(() => connection.WriteAsync(bytes).AsTask());
        for (var i = 0; i < 20; i++)
        {
            await peer.SendAsync(new[] { (byte)('a' + i) });
            Assert.Equal(((char)('a' + i)).ToString(), await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        }

        Assert.False(writing.IsCompleted);
        var buffer = new byte[1_000_000];
        for (var count = 0; count < bytes.Length;)
            count += await peer.ReceiveAsync(buffer);
        await writing.WaitAsync(TestWorkers.Patience);
        peer.Dispose();
    }

    [Fact]
    public async Task Half_a_close_ends_the_stream_for_the_peer_and_reads_go_on()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync("question"u8.ToArray());
            connection.ShutdownWrite();
        });
        Assert.Equal("question", Encoding.ASCII.GetString(await ReceiveAllAsync(peer)));
        await peer.SendAsync("answer"u8.ToArray());
        Assert.Equal("answer", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 6)));
        var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.WriteAsync("x"u8.ToArray())));
        Assert.Equal(NetErrorKind.WriteError, error.Kind);
        peer.Dispose();
    }

    [Fact]
    public async Task One_write_may_be_pending_at_a_time()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await workers.RunAsync(() => connection.WriteAsync(new byte[16_000_000]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WriteAsync("x"u8.ToArray())));
        Assert.False(writing.IsCompleted);
        peer.Dispose();
        await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
    }

    [Fact]
    public async Task A_peer_that_goes_fails_the_pending_write()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await workers.RunAsync(() => connection.WriteAsync(new byte[16_000_000]).AsTask());
        ConnectionReadTests.Reset(peer);
        var error = await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.WriteError, error.Kind);
    }

    [Fact]
    public async Task A_writer_whose_bytes_are_always_taken_yields_after_its_budget()
    {
        // Else one long download to a fast reader would hold up every other connection of the worker.
        await using var workers = new TestWorkers();
        var handler = new Writer();
        var sockets = new ListeningService("writer", handler);
        sockets.AddTcp("127.0.0.1:0", new TcpListenOptions { SendBuffer = 2 << 20 });
        await using var host = await RunningService.StartAsync(sockets);
        using var client = await host.ConnectAsync();
        var written = await handler.Written.WaitAsync(TestWorkers.Patience);
        Assert.InRange(written, 1, Worker.ByteBudget);
        Assert.Equal(Writer.All, (await ReceiveAllAsync(client)).Length);
    }

    internal static async Task<byte[]> ReceiveAllAsync(Socket peer)
    {
        using var all = new MemoryStream();
        var buffer = new byte[100_000];
        while (await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience) is var count and > 0)
            all.Write(buffer, 0, count);
        return all.ToArray();
    }

    private sealed class Writer : IConnectionHandler
    {
        internal const int All = 3 * Worker.ByteBudget;

        private readonly TaskCompletionSource<int> _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<int> Written => _written.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var bytes = new byte[16 * 1024];
            var written = 0;
            while (written < All)
            {
                var writing = connection.WriteAsync(bytes);
                written += bytes.Length;
                if (!writing.IsCompleted)
                    _written.TrySetResult(written);
                await writing;
            }

            _written.TrySetResult(written);
        }
    }
}
