using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionDeadlineTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_read_that_gets_nothing_in_time_fails_and_the_connection_stays_usable()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var reading = await workers.RunAsync(() =>
        {
            connection.SetReadDeadline(TimeSpan.FromSeconds(5));
            return connection.ReadAsync(new byte[1]).AsTask();
        });
        await AdvanceAsync(workers, 4.9);
        Assert.False(reading.IsCompleted);
        await AdvanceAsync(workers, 0.1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading);
        Assert.False(connection.IsClosed);
        await peer.SendAsync("x"u8.ToArray());
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(5)));
        Assert.Equal("x", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        peer.Dispose();
    }

    [Fact]
    public async Task A_wait_has_the_same_deadline()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() =>
        {
            connection.SetReadDeadline(TimeSpan.FromSeconds(75));
            return connection.WaitReadableAsync().AsTask();
        });
        await AdvanceAsync(workers, 74);
        Assert.False(waiting.IsCompleted);
        await AdvanceAsync(workers, 1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, waiting);
        peer.Dispose();
    }

    [Fact]
    public async Task One_deadline_holds_for_all_reads_until_it_is_set_again()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(3)));
        for (var i = 0; i < 2; i++)
        {
            await AdvanceAsync(workers, 1);
            await peer.SendAsync("x"u8.ToArray());
            Assert.Equal("x", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        }

        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await AdvanceAsync(workers, 1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading);
        peer.Dispose();
    }

    [Fact]
    public async Task A_read_deadline_may_be_moved_either_way_and_cleared_while_a_read_is_pending()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        Task<int> Read(double seconds)
        {
            connection.SetReadDeadline(TimeSpan.FromSeconds(seconds));
            return connection.ReadAsync(new byte[1]).AsTask();
        }

        var reading = await workers.RunAsync(() => Read(5));
        await AdvanceAsync(workers, 4);
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(5)));
        await AdvanceAsync(workers, 4);
        Assert.False(reading.IsCompleted);
        await AdvanceAsync(workers, 1);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading);

        reading = await workers.RunAsync(() => Read(100));
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(2)));
        await AdvanceAsync(workers, 2);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading);

        reading = await workers.RunAsync(() => Read(5));
        await workers.RunAsync(() => connection.SetReadDeadline(Timeout.InfiniteTimeSpan));
        await AdvanceAsync(workers, 100);
        Assert.False(reading.IsCompleted);
        await peer.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task A_write_that_is_not_taken_in_time_fails_and_breaks_the_connection()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var (writing, reading) = await workers.RunAsync(() =>
        {
            connection.SetWriteDeadline(TimeSpan.FromSeconds(5));
            return (connection.WriteAsync(new byte[16_000_000]).AsTask(), connection.ReadAsync(new byte[1]).AsTask());
        });
        await AdvanceAsync(workers, 4.9);
        Assert.False(writing.IsCompleted);
        await AdvanceAsync(workers, 0.1);
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, writing);
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, reading);
        Assert.True(connection.IsClosed);
        await Assert.ThrowsAsync<SocketException>(() => ConnectionWriteTests.ReceiveAllAsync(peer));
        peer.Dispose();
    }

    [Fact]
    public async Task A_write_deadline_may_be_moved_either_way_and_cleared_while_a_write_is_pending()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await workers.RunAsync(() =>
        {
            connection.SetWriteDeadline(TimeSpan.FromSeconds(5));
            return connection.WriteAsync(new byte[16_000_000]).AsTask();
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
        await AssertTimedOutAsync(NetErrorKind.WriteTimedOut, writing);
        peer.Dispose();
    }

    [Fact]
    public async Task A_deadline_that_has_passed_fails_only_what_has_to_wait()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        await peer.SendAsync("xy"u8.ToArray());
        await workers.RunAsync(async () => await connection.WaitReadableAsync());
        await workers.RunAsync(() => connection.SetReadDeadline(TimeSpan.FromSeconds(1)));
        await AdvanceAsync(workers, 10);
        Assert.Equal("xy", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 2)));
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[1]).AsTask());
        await AdvanceAsync(workers, 0.02);
        await AssertTimedOutAsync(NetErrorKind.ReadTimedOut, reading);
        peer.Dispose();
    }

    private static async Task AssertTimedOutAsync(NetErrorKind kind, Task pending)
    {
        var error = await Assert.ThrowsAsync<NetException>(() => pending.WaitAsync(TestWorkers.Patience));
        Assert.Equal(kind, error.Kind);
        Assert.True(error.IsTimeout);
    }

    private async Task AdvanceAsync(TestWorkers workers, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await workers.SettleAsync(_clock.Elapsed);
    }
}
