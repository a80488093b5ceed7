using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>What <see cref="Connection"/> promises, for connections without a socket of their own: reads, waits, deadlines and the watcher.</summary>
public abstract partial class VirtualConnectionContract
{
    private readonly ManualTimeProvider _clock = new();

    private protected ManualTimeProvider Clock => _clock;

    [Fact]
    public async Task Reads_what_has_arrived_and_then_the_end_for_ever()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await peer.SendAsync("hello");
        await peer.EndAsync();
        await workers.RunAsync(async () =>
        {
            Assert.Equal("hello", await ConnectionReadTests.ReadTextAsync(connection, 5));
            var buffer = new byte[10];
            Assert.Equal(0, await connection.ReadAsync(buffer));
            Assert.Equal(0, await connection.ReadAsync(buffer));
            Assert.True(await connection.WaitReadableAsync());
            Assert.True(connection.TryRead(buffer, out var count));
            Assert.Equal(0, count);
            Assert.False(connection.IsClosed);
            Assert.Same(workers[0], connection.Worker);
        });
        peer.Dispose();
    }

    [Fact]
    public async Task A_wait_ends_with_bytes_and_with_the_end_and_a_read_gets_them_without_suspending()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await workers.RunAsync(() => Assert.False(connection.TryRead(new byte[1], out _)));
        Assert.False(waiting.IsCompleted);
        await peer.SendAsync("x");
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        await workers.RunAsync(() =>
        {
            var buffer = new byte[4];
            Assert.True(connection.TryRead(buffer, out var count));
            Assert.Equal((1, (byte)'x'), (count, buffer[0]));
            Assert.False(connection.TryRead(buffer, out count));
            Assert.Equal(0, count);
        });
        waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await peer.EndAsync();
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(0, await workers.RunAsync(() => connection.ReadAsync(new byte[1])));
        peer.Dispose();
    }

    [Fact]
    public async Task A_pending_read_goes_on_on_its_worker_when_bytes_come()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var buffer = new byte[4];
        for (var i = 0; i < 100; i++)
        {
            var reading = await workers.RunAsync(() => ReadOnAsync(connection, buffer));
            await peer.SendAsync(new[] { (byte)i });
            Assert.Equal((1, workers[0]), await reading.WaitAsync(TestWorkers.Patience));
            Assert.Equal((byte)i, buffer[0]);
        }

        peer.Dispose();

        static async Task<(int, Worker?)> ReadOnAsync(Connection connection, byte[] buffer) => (await connection.ReadAsync(buffer), Worker.Current);
    }

    [Fact]
    public async Task One_read_may_be_pending_at_a_time()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var first = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WaitReadableAsync()));
        await peer.SendAsync("x");
        Assert.Equal(1, await first.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task An_empty_buffer_is_refused_and_is_not_taken_for_the_end()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await peer.SendAsync("x");
        await workers.RunAsync(async () =>
        {
            await connection.WaitReadableAsync();
            await Assert.ThrowsAsync<ArgumentException>(async () => await connection.ReadAsync(Memory<byte>.Empty));
            Assert.Throws<ArgumentException>(() => connection.TryRead(Memory<byte>.Empty, out _));
            Assert.Equal("x", await ConnectionReadTests.ReadTextAsync(connection, 1));
        });
        peer.Dispose();
    }

    [Fact]
    public async Task It_belongs_to_the_worker_that_used_it_first_and_suspends_on_no_other()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await workers.RunAsync(() => connection.TryRead(new byte[1], out _));
        Assert.Same(workers[0], connection.Worker);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1]), worker: 1));
        Assert.Contains("[test/0]", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WaitReadableAsync(), worker: 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => workers.RunAsync(() => connection.WriteAsync(new byte[1_000_000]), worker: 1));
        peer.Dispose();
    }

    [Fact]
    public async Task A_read_that_gets_nothing_in_time_fails_and_what_comes_later_is_not_lost()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        foreach (var wait in new[] { false, true })
        {
            var reading = await workers.RunAsync(() =>
            {
                connection.SetReadDeadline(TimeSpan.FromSeconds(5));
                return wait ? connection.WaitReadableAsync().AsTask() : (Task)connection.ReadAsync(new byte[4]).AsTask();
            });
            await AdvanceAsync(workers, 4.9);
            Assert.False(reading.IsCompleted);
            await AdvanceAsync(workers, 0.1);
            await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);
            Assert.False(connection.IsClosed);
            await peer.SendAsync("xyz");
            await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(5)));
            Assert.Equal("xyz", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 3)));
        }

        peer.Dispose();
    }

    [Fact]
    public async Task One_deadline_holds_for_all_reads_until_it_is_set_again()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(3)));
        for (var i = 0; i < 2; i++)
        {
            await AdvanceAsync(workers, 1);
            await peer.SendAsync("x");
            Assert.Equal("x", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        }

        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await AdvanceAsync(workers, 1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);
        // It has passed: nothing may wait any more, but what is there is given out.
        reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);
        peer.Dispose();
    }

    [Fact]
    public async Task A_read_deadline_may_be_moved_either_way_and_cleared_while_a_read_is_pending()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var reading = await workers.RunAsync(() => Read(5));
        await AdvanceAsync(workers, 4);
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(5)));
        await AdvanceAsync(workers, 4);
        Assert.False(reading.IsCompleted);
        await AdvanceAsync(workers, 1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);

        reading = await workers.RunAsync(() => Read(100));
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(2)));
        await AdvanceAsync(workers, 2);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);

        reading = await workers.RunAsync(() => Read(5));
        await workers.RunAsync(() => connection.SetReadDeadline(Timeout.InfiniteTimeSpan));
        await AdvanceAsync(workers, 100);
        Assert.False(reading.IsCompleted);
        await peer.SendAsync("x");
        Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        peer.Dispose();

        Task<int> Read(double seconds)
        {
            connection.SetReadDeadline(TimeSpan.FromSeconds(seconds));
            return connection.ReadAsync(new byte[1]).AsTask();
        }
    }

    [Fact]
    public async Task A_deadline_of_no_time_ends_a_pending_read_at_once()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.Zero));
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading, connection);
        peer.Dispose();
    }

    [Fact]
    public async Task Stopping_ends_a_present_and_a_future_wait_but_no_read()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await workers.RunAsync(connection.StopWaiting);
        Assert.False(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.False(await workers.RunAsync(() => connection.WaitReadableAsync()));
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[4]).AsTask());
        await workers.RunAsync(connection.StopWaiting);
        Assert.False(reading.IsCompleted);
        await peer.SendAsync("x");
        Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task Bytes_that_have_arrived_are_served_before_a_stopped_wait_ends()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await peer.SendAsync("xy");
        await workers.RunAsync(async () =>
        {
            connection.StopWaiting();
            Assert.True(await connection.WaitReadableAsync());
            Assert.Equal("xy", await ConnectionReadTests.ReadTextAsync(connection, 2));
            Assert.False(await connection.WaitReadableAsync());
        });
        peer.Dispose();
    }

    private protected abstract Task<(Connection Connection, VirtualPeer Peer)> ConnectAsync(TestWorkers workers);

    private protected async Task AdvanceAsync(TestWorkers workers, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await workers.SettleAsync(_clock.Elapsed);
    }

    private protected TestWorkers Workers() => new(threads: 2, _clock);

    private static async Task AssertTimedOutAsync(NetErrorKind kind, Task pending, Connection connection)
    {
        var error = await Assert.ThrowsAsync<NetException>(() => pending.WaitAsync(TestWorkers.Patience));
        Assert.Equal(kind, error.Kind);
        Assert.True(error.IsTimeout);
        Assert.Same(connection, error.Connection);
    }
}
