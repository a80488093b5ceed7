using System.Net.Sockets;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionReadTests
{
    [Fact]
    public async Task Reads_what_has_arrived_and_then_the_end_for_ever()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await peer.SendAsync("hello"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);
        await workers.RunAsync(async () =>
        {
            Assert.Equal("hello", await ReadTextAsync(connection, 5));
            var buffer = new byte[10];
            Assert.Equal(0, await connection.ReadAsync(buffer));
            Assert.Equal(0, await connection.ReadAsync(buffer));
            Assert.True(await connection.WaitReadableAsync());
            Assert.True(connection.TryRead(buffer, out var count));
            Assert.Equal(0, count);
            Assert.False(connection.IsClosed);
            await connection.DisposeAsync();
            Assert.True(connection.IsClosed);
        });
        peer.Dispose();
    }

    [Fact]
    public async Task Reading_without_suspending_says_whether_something_is_there()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            var buffer = new byte[10];
            Assert.False(connection.TryRead(buffer, out var count));
            Assert.Equal(0, count);
            await peer.SendAsync("abc"u8.ToArray());
            Assert.True(await connection.WaitReadableAsync());
            Assert.True(connection.TryRead(buffer.AsMemory(0, 2), out count));
            Assert.Equal(2, count);
            Assert.True(connection.TryRead(buffer, out count));
            Assert.Equal(1, count);
            Assert.False(connection.TryRead(buffer, out count));
        });
        peer.Dispose();
    }

    [Fact]
    public async Task A_pending_read_gets_the_bytes_when_they_come()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var buffer = new byte[4];
        for (var i = 0; i < 200; i++)
        {
            var reading = await workers.RunAsync(() => connection.ReadAsync(buffer).AsTask());
            await peer.SendAsync(new[] { (byte)i });
            Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
            Assert.Equal((byte)i, buffer[0]);
        }

        peer.Dispose();
    }

    [Fact]
    public async Task A_waiting_connection_holds_no_bytes_back_and_is_woken_by_the_end()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        Assert.False(waiting.IsCompleted);
        await peer.SendAsync("x"u8.ToArray());
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal("x", await workers.RunAsync(() => ReadTextAsync(connection, 1)));
        waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        peer.Dispose();
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(0, await workers.RunAsync(() => connection.ReadAsync(new byte[1])));
    }

    [Fact]
    public async Task A_reset_fails_the_pending_read_and_all_later_ones()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        Reset(peer);
        var error = await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.ReadError, error.Kind);
        Assert.Same(connection, error.Connection);
        Assert.Contains($"[{connection.Digest.RemoteEndPoint}]", error.Message, StringComparison.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
            Assert.Equal(NetErrorKind.ReadError, error.Kind);
        }

        await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.WriteAsync("x"u8.ToArray())));
    }

    [Fact]
    public async Task A_reset_that_a_write_has_found_is_not_a_clean_end_for_the_reader()
    {
        // The kernel tells the error once. A reader that then saw a plain end would take a cut message for a whole one.
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            Reset(peer);
            await Assert.ThrowsAsync<NetException>(async () =>
            {
                while (true)
                    await connection.WriteAsync(new byte[64 * 1024]);
            });
            for (var i = 0; i < 2; i++)
            {
                var error = await Assert.ThrowsAsync<NetException>(async () => await connection.ReadAsync(new byte[1]));
                Assert.Equal(NetErrorKind.ReadError, error.Kind);
            }
        });
    }

    [Fact]
    public async Task A_reset_that_arrives_while_nobody_reads_is_told_by_the_next_read()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() =>
        {
            Assert.False(connection.TryRead(new byte[1], out _));
            connection.Watcher = watcher;
        });
        Reset(peer);
        Assert.True(await watcher.FirstAsync());
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
            Assert.Equal(NetErrorKind.ReadError, error.Kind);
        }
    }

    [Fact]
    public async Task One_read_may_be_pending_at_a_time()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var first = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WaitReadableAsync()));
        await peer.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await first.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task An_empty_buffer_is_refused_and_is_not_taken_for_the_end()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await peer.SendAsync("x"u8.ToArray());
        await workers.RunAsync(async () =>
        {
            await connection.WaitReadableAsync();
            await Assert.ThrowsAsync<ArgumentException>(async () => await connection.ReadAsync(Memory<byte>.Empty));
            Assert.Equal("x", await ReadTextAsync(connection, 1));
            Assert.True(connection.IsQuiet(probe: true));
        });
        peer.Dispose();
    }

    [Fact]
    public async Task Suspending_off_the_worker_is_refused()
    {
        await using var workers = new TestWorkers(threads: 2);
        var (connection, peer) = await workers.ConnectAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.ReadAsync(new byte[1]));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1]), worker: 1));
        Assert.Contains("[test/0]", error.Message, StringComparison.Ordinal);
        peer.Dispose();
    }

    [Fact]
    public async Task Moves_much_data_through_small_and_large_buffers()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var sent = new byte[3_000_000];
        new Random(7).NextBytes(sent);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < sent.Length;)
                i += await peer.SendAsync(sent.AsMemory(i, Math.Min(7777, sent.Length - i)));
            peer.Shutdown(SocketShutdown.Send);
        });
        var received = await workers.RunAsync(async () =>
        {
            var random = new Random(8);
            using var all = new MemoryStream();
            var buffer = new byte[100_000];
            while (true)
            {
                var count = await connection.ReadAsync(buffer.AsMemory(0, random.Next(1, random.Next(2) == 0 ? 10 : buffer.Length)));
                if (count == 0)
                    return all.ToArray();
                all.Write(buffer, 0, count);
            }
        });
        await sending.WaitAsync(TestWorkers.Patience);
        Assert.True(sent.AsSpan().SequenceEqual(received));
        peer.Dispose();
    }

    [Fact]
    public async Task An_endless_sender_does_not_starve_another_connection()
    {
        await using var workers = new TestWorkers();
        var (flooded, flooder) = await workers.ConnectAsync();
        var (other, peer) = await workers.ConnectAsync();
        var stop = false;
        var flooding = Task.Run(async () =>
        {
            var bytes = new byte[256 * 1024];
            while (!Volatile.Read(ref stop))
                await flooder.SendAsync(bytes);
            flooder.Shutdown(SocketShutdown.Send);
        });
        var draining = workers.RunAsync(async () =>
        {
            var buffer = new byte[16 * 1024];
            while (await flooded.ReadAsync(buffer) > 0)
            {
                // Takes whatever comes, as fast as it comes.
            }
        });
        var echoing = workers.RunAsync(async () =>
        {
            var buffer = new byte[16];
            while (await other.ReadAsync(buffer) is var count and > 0)
                await other.WriteAsync(buffer.AsMemory(0, count));
        });
        var answer = new byte[16];
        for (var i = 0; i < 200; i++)
        {
            await peer.SendAsync(new[] { (byte)i });
            Assert.Equal(1, await peer.ReceiveAsync(answer).WaitAsync(TestWorkers.Patience));
        }

        Volatile.Write(ref stop, true);
        peer.Shutdown(SocketShutdown.Send);
        await Task.WhenAll(flooding, draining, echoing).WaitAsync(TestWorkers.Patience);
        flooder.Dispose();
        peer.Dispose();
    }

    [Fact]
    public async Task Yields_after_its_budget_of_operations_and_of_bytes()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await peer.SendAsync(new byte[100]);
        var reads = await workers.RunAsync(async () =>
        {
            await connection.WaitReadableAsync();
            await Task.Yield();
            var count = 0;
            while (connection.TryRead(new byte[1], out _))
                count++;
            Assert.Equal(0, workers[0].OperationsLeft);
            // It goes on in a turn of its own, though no event announces what is there already.
            Assert.Equal(1, await connection.ReadAsync(new byte[1]));
            Assert.True(workers[0].OperationsLeft > 0);
            return count;
        });
        Assert.Equal(Worker.OperationBudget, reads);
        peer.Dispose();
    }

    internal static async ValueTask<string> ReadTextAsync(Connection connection, int length)
    {
        var buffer = new byte[length];
        for (var count = 0; count < length;)
        {
            var read = await connection.ReadAsync(buffer.AsMemory(count));
            Assert.NotEqual(0, read);
            count += read;
        }

        return Encoding.ASCII.GetString(buffer);
    }

    internal static void Reset(Socket peer)
    {
        peer.LingerState = new LingerOption(enable: true, 0);
        peer.Dispose();
    }
}
