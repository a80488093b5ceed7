using System.Net.Sockets;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionWatchTests
{
    [Fact]
    public async Task The_watcher_is_told_of_the_end()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = await WatchAsync(workers, connection);
        peer.Shutdown(SocketShutdown.Send);
        Assert.True(await watcher.FirstAsync());
        Assert.False(await workers.RunAsync(() => connection.IsQuiet(probe: false)));
        peer.Dispose();
    }

    [Fact]
    public async Task The_watcher_is_told_of_a_reset()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = await WatchAsync(workers, connection);
        ConnectionReadTests.Reset(peer);
        Assert.True(await watcher.FirstAsync());
        Assert.False(await workers.RunAsync(() => connection.IsQuiet(probe: false)));
    }

    [Fact]
    public async Task The_watcher_is_told_of_stray_bytes_which_a_read_still_gets()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        Assert.True(await workers.RunAsync(() => connection.IsQuiet(probe: true)));
        var watcher = await WatchAsync(workers, connection);
        await peer.SendAsync("stray"u8.ToArray());
        Assert.False(await watcher.FirstAsync());
        Assert.False(await workers.RunAsync(() => connection.IsQuiet(probe: false)));
        Assert.Equal("stray", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 5)));
        Assert.True(await workers.RunAsync(() => connection.IsQuiet(probe: true)));
        peer.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_that_comes_late_is_told_of_what_has_arrived_before(bool ended)
    {
        // A client may leave while a filter runs, before anybody watches.
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var early = await WatchAsync(workers, connection);
        if (ended)
            peer.Shutdown(SocketShutdown.Send);
        else
            await peer.SendAsync("stray"u8.ToArray());
        Assert.Equal(ended, await early.FirstAsync());
        var late = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = null);
        await workers.RunAsync(() => connection.Watcher = late);
        Assert.Equal(ended, await late.FirstAsync());
        peer.Dispose();
    }

    [Fact]
    public async Task A_watcher_of_a_fresh_connection_is_told_too()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = watcher);
        peer.Dispose();
        await watcher.EndAsync();
    }

    [Fact]
    public async Task A_watcher_is_not_told_of_what_a_read_takes()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = await WatchAsync(workers, connection);
        for (var i = 0; i < 50; i++)
        {
            var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[10]).AsTask());
            await peer.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        }

        await workers.RunAsync(() => { });
        Assert.Equal(0, watcher.Count);
        peer.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_watcher_is_told_of_an_end_that_comes_together_with_the_last_bytes_of_a_read(bool reset)
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var watcher = await WatchAsync(workers, connection);
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[10]).AsTask());
        await workers.RunAsync(() =>
        {
            // Before the poller is asked again.
            peer.Send("x"u8);
            if (reset)
                ConnectionReadTests.Reset(peer);
            else
                peer.Shutdown(SocketShutdown.Send);
        });
        Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        await watcher.EndAsync();
        peer.Dispose();
    }

    [Fact]
    public async Task Stopping_ends_a_present_and_a_future_wait()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await workers.RunAsync(connection.StopWaiting);
        Assert.False(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.False(await workers.RunAsync(() => connection.WaitReadableAsync()));
        peer.Dispose();
    }

    [Fact]
    public async Task Stopping_a_fresh_connection_ends_its_first_wait()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(connection.StopWaiting);
        Assert.False(await workers.RunAsync(() => connection.WaitReadableAsync()));
        peer.Dispose();
    }

    [Fact]
    public async Task Bytes_that_have_arrived_are_served_before_the_wait_ends()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(async () =>
        {
            Assert.False(connection.TryRead(new byte[1], out _));
            var wait = connection.WaitReadableAsync().AsTask();
            // Sent and in the kernel, but the poller has not been asked yet.
            peer.Send("x"u8);
            connection.StopWaiting();
            return wait;
        });
        Assert.True(await waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal("x", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 1)));
        Assert.False(await workers.RunAsync(async () =>
        {
            var wait = connection.WaitReadableAsync();
            return await wait;
        }));
        await workers.RunAsync(async () =>
        {
            peer.Send("y"u8);
            Assert.True(await connection.WaitReadableAsync());
            Assert.Equal("y", await ConnectionReadTests.ReadTextAsync(connection, 1));
        });
        peer.Dispose();
    }

    [Fact]
    public async Task A_wait_with_a_spent_budget_does_not_promise_what_is_not_there()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() =>
        {
            workers[0].OperationsLeft = 0;
            return connection.WaitReadableAsync().AsTask();
        });
        await workers.RunAsync(() => { });
        await workers.RunAsync(() => { });
        Assert.False(waiting.IsCompleted);
        await workers.RunAsync(connection.StopWaiting);
        Assert.False(await waiting.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    private static async Task<RecordingWatcher> WatchAsync(TestWorkers workers, Connection connection)
    {
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() =>
        {
            Assert.False(connection.TryRead(new byte[1], out _));
            connection.Watcher = watcher;
        });
        return watcher;
    }
}
