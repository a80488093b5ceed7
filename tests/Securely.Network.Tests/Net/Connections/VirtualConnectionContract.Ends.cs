using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <content>Writes, and the ends of a connection.</content>
public abstract partial class VirtualConnectionContract
{
    /// <summary>More than the other side's kernel and pipes keep without a reader.</summary>
    private const int Much = 16_000_000;

    [Theory]
    [InlineData("head", "body")]
    [InlineData("", "body")]
    [InlineData("head", "")]
    [InlineData("", "")]
    public async Task Writes_two_runs_in_their_order(string first, string second)
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync(Encoding.ASCII.GetBytes(first), Encoding.ASCII.GetBytes(second));
            await connection.WriteAsync("."u8.ToArray());
            connection.ShutdownWrite();
        });
        Assert.Equal(first + second + ".", Encoding.ASCII.GetString(await peer.ReceiveAllAsync()));
        peer.Dispose();
    }

    [Fact]
    public async Task A_slow_reader_gets_every_byte_in_order_while_reads_go_on()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var bytes = new byte[Much];
        new Random(3).NextBytes(bytes);
        var writing = await workers.RunAsync(() => connection.WriteAsync(bytes.AsMemory(0, 1000), bytes.AsMemory(1000)).AsTask());
        for (var i = 0; i < 20; i++)
        {
            await peer.SendAsync(((char)('a' + i)).ToString());
            Assert.Equal(((char)('a' + i)).ToString(), await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        }

        Assert.False(writing.IsCompleted);
        var received = new byte[bytes.Length];
        for (var count = 0; count < received.Length;)
            count += await peer.ReceiveAsync(received.AsMemory(count, Math.Min(777_777, received.Length - count)));
        await writing.WaitAsync(TestWorkers.Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(received));
        peer.Dispose();
    }

    [Fact]
    public async Task One_write_may_be_pending_at_a_time_and_fails_with_the_peer()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var writing = await workers.RunAsync(() => connection.WriteAsync(new byte[Much]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WriteAsync("x"u8.ToArray())));
        Assert.False(writing.IsCompleted);
        await peer.ResetAsync();
        var error = await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.WriteError, error.Kind);
        Assert.Same(connection, error.Connection);
    }

    [Fact]
    public async Task A_write_that_is_not_taken_in_time_fails_and_breaks_the_connection()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var (writing, reading) = await workers.RunAsync(() =>
        {
            connection.SetWriteDeadline(TimeSpan.FromSeconds(9));
            connection.SetWriteDeadline(TimeSpan.FromSeconds(5));
            return (connection.WriteAsync(new byte[Much]).AsTask(), connection.ReadAsync(new byte[1]).AsTask());
        });
        await AdvanceAsync(workers, 4.9);
        Assert.False(writing.IsCompleted);
        await AdvanceAsync(workers, 0.1);
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, writing, connection);
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, reading, connection);
        Assert.True(connection.IsClosed);
        await peer.BrokenAsync();
    }

    [Fact]
    public async Task A_write_deadline_may_be_moved_and_cleared_while_a_write_is_pending()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var writing = await workers.RunAsync(() =>
        {
            connection.SetWriteDeadline(TimeSpan.FromSeconds(5));
            return connection.WriteAsync(new byte[Much]).AsTask();
        });
        await AdvanceAsync(workers, 4);
        await workers.RunAsync(() => connection.SetWriteDeadline(TimeSpan.FromSeconds(5)));
        await AdvanceAsync(workers, 4);
        Assert.False(writing.IsCompleted);
        await workers.RunAsync(() => connection.SetWriteDeadline(Timeout.InfiniteTimeSpan));
        await AdvanceAsync(workers, 100);
        Assert.False(writing.IsCompleted);
        await workers.RunAsync(() => connection.SetWriteDeadline(TimeSpan.FromSeconds(2)));
        await AdvanceAsync(workers, 2);
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, writing, connection);
        peer.Dispose();
    }

    [Fact]
    public async Task Half_a_close_ends_the_stream_for_the_peer_and_reads_go_on()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync("question"u8.ToArray());
            connection.ShutdownWrite();
            connection.ShutdownWrite();
        });
        Assert.Equal("question", Encoding.ASCII.GetString(await peer.ReceiveAllAsync()));
        await peer.SendAsync("answer");
        Assert.Equal("answer", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 6)));
        var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.WriteAsync("x"u8.ToArray())));
        Assert.Equal(NetErrorKind.WriteError, error.Kind);
        peer.Dispose();
    }

    [Fact]
    public async Task An_abort_fails_the_pending_read_and_write_with_its_reason_and_resets_the_peer()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var (reading, writing) = await workers.RunAsync(() => (connection.ReadAsync(new byte[1]).AsTask(), connection.WriteAsync(new byte[Much]).AsTask()));
        await workers.RunAsync(() =>
        {
            connection.Abort(new NetException(NetErrorKind.ConnectionClosed, "The client has gone", ErrorSource.Downstream));
            Assert.True(connection.IsClosed);
            // Nobody's continuation runs on the stack of whoever aborts.
            Assert.False(reading.IsCompleted);
            Assert.False(writing.IsCompleted);
            connection.Abort(new NetException(NetErrorKind.Internal, "Later reasons do not count"));
            connection.Close();
        });
        foreach (var pending in new[] { reading, writing })
        {
            var error = await Assert.ThrowsAsync<NetException>(() => pending.WaitAsync(TestWorkers.Patience));
            Assert.Equal("The client has gone", error.Message);
            Assert.Equal((NetErrorKind.ConnectionClosed, ErrorSource.Downstream), (error.Kind, error.Origin));
        }

        await peer.BrokenAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_its_end_every_operation_fails_with_the_reason(bool abort)
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await workers.RunAsync(async () =>
        {
            var token = connection.Closed;
            if (abort)
                connection.Abort(new NetException(NetErrorKind.ReadTimedOut, "Took too long", ErrorSource.Upstream));
            else
                await connection.DisposeAsync();
            await connection.DisposeAsync();
            Assert.True(token.IsCancellationRequested);
            await AssertFailsAsync(async () => await connection.ReadAsync(new byte[1]));
            await AssertFailsAsync(async () => await connection.WaitReadableAsync());
            await AssertFailsAsync(async () => await connection.WriteAsync("x"u8.ToArray()));
            await AssertFailsAsync(() => Task.FromResult(connection.TryRead(new byte[1], out _)));
            Assert.False(connection.IsQuiet(probe: true));
            connection.ShutdownWrite();
            connection.SetReadDeadline(TimeSpan.FromSeconds(1));
            connection.SetWriteDeadline(TimeSpan.FromSeconds(1));
            connection.StopWaiting();
        });
        await AssertFailsAsync(() => waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();

        async Task AssertFailsAsync(Func<Task> operation)
        {
            var error = await Assert.ThrowsAsync<NetException>(operation);
            Assert.Equal(abort ? NetErrorKind.ReadTimedOut : NetErrorKind.ConnectionClosed, error.Kind);
            Assert.Equal(abort, error.Message == "Took too long");
        }
    }

    [Fact]
    public async Task A_close_lets_the_peer_have_what_was_written_and_the_end()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync("bye"u8.ToArray());
            await connection.DisposeAsync();
        });
        Assert.Equal("bye", Encoding.ASCII.GetString(await peer.ReceiveAllAsync()));
        peer.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Closing_and_aborting_from_another_thread_are_carried_out_by_the_owner(bool abort)
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var closer = new TaskCompletionSource<Worker?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = await workers.RunAsync(() =>
        {
            connection.Closed.UnsafeRegister(_ => closer.SetResult(Worker.Current), null);
            return connection.ReadAsync(new byte[1]).AsTask();
        });
        await workers.RunAsync(() =>
        {
            if (abort)
                connection.Abort(new NetException(NetErrorKind.Internal, "From elsewhere"));
            else
                connection.Close();
        }, worker: 1);
        Assert.Same(workers[0], await closer.Task.WaitAsync(TestWorkers.Patience));
        var error = await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience));
        Assert.Equal(abort ? NetErrorKind.Internal : NetErrorKind.ConnectionClosed, error.Kind);
        peer.Dispose();
    }
}
