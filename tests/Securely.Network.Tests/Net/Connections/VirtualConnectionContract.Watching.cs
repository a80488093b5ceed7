using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <content>Who is told of what nobody reads, and whose turn it is.</content>
public abstract partial class VirtualConnectionContract
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_watcher_is_told_of_what_comes_and_a_read_still_gets_it(bool ended)
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        Assert.True(await workers.RunAsync(() => connection.IsQuiet(probe: true)));
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = watcher);
        Assert.True(await workers.RunAsync(() => connection.IsQuiet(probe: true)));
        await (ended ? peer.EndAsync() : peer.SendAsync("stray"));
        Assert.Equal(ended, await watcher.FirstAsync());
        Assert.False(await workers.RunAsync(() => connection.IsQuiet(probe: false)));
        if (ended)
            Assert.Equal(0, await workers.RunAsync(() => connection.ReadAsync(new byte[1])));
        else
            Assert.Equal("stray", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 5)));
        Assert.Equal(!ended, await workers.RunAsync(() => connection.IsQuiet(probe: true)));
        peer.Dispose();
    }

    [Fact]
    public async Task The_watcher_is_told_of_a_reset()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = watcher);
        await peer.ResetAsync();
        Assert.True(await watcher.FirstAsync());
        Assert.False(await workers.RunAsync(() => connection.IsQuiet(probe: false)));
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
            Assert.Equal(NetErrorKind.ReadError, error.Kind);
            Assert.Same(connection, error.Connection);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_that_comes_late_is_told_of_what_has_arrived_before(bool ended)
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var early = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = early);
        await (ended ? peer.EndAsync() : peer.SendAsync("stray"));
        Assert.Equal(ended, await early.FirstAsync());
        var late = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = null);
        await workers.RunAsync(() => connection.Watcher = late);
        Assert.Equal(ended, await late.FirstAsync());
        peer.Dispose();
    }

    [Fact]
    public async Task A_watcher_is_not_told_of_what_a_read_takes()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var watcher = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = watcher);
        for (var i = 0; i < 50; i++)
        {
            var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[10]).AsTask());
            await peer.SendAsync("x");
            Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        }

        await workers.RunAsync(() => { });
        Assert.Equal(0, watcher.Count);
        peer.Dispose();
    }

    [Fact]
    public async Task The_watcher_is_told_of_an_end_that_comes_behind_the_last_bytes_of_a_read()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        var watcher = new RecordingWatcher();
        var reading = await workers.RunAsync(() =>
        {
            connection.Watcher = watcher;
            return connection.ReadAsync(new byte[10]).AsTask();
        });
        await peer.SendAsync("x");
        await peer.EndAsync();
        Assert.Equal(1, await reading.WaitAsync(TestWorkers.Patience));
        await watcher.EndAsync();
        peer.Dispose();
    }

    [Fact]
    public async Task An_endless_sender_does_not_starve_another_connection()
    {
        await using var workers = Workers();
        var (flooded, flooder) = await ConnectAsync(workers);
        var (other, peer) = await ConnectAsync(workers);
        var stop = false;
        var flooding = Task.Run(async () =>
        {
            var bytes = new byte[256 * 1024];
            while (!Volatile.Read(ref stop))
                await flooder.SendAsync(bytes);
            await flooder.EndAsync();
        });
        var draining = workers.RunAsync(async () =>
        {
            var buffer = new byte[16];
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
        for (var i = 0; i < 50; i++)
        {
            await peer.SendAsync("x");
            Assert.Equal(1, await peer.ReceiveAsync(new byte[16]));
        }

        Volatile.Write(ref stop, true);
        await peer.EndAsync();
        await Task.WhenAll(flooding, draining, echoing).WaitAsync(TestWorkers.Patience);
        flooder.Dispose();
        peer.Dispose();
    }

    [Fact]
    public async Task Reads_and_writes_yield_after_the_budget_of_the_worker()
    {
        await using var workers = Workers();
        var (connection, peer) = await ConnectAsync(workers);
        await peer.SendAsync(new byte[1000]);
        await workers.RunAsync(async () =>
        {
            await connection.WaitReadableAsync();
            await connection.ReadAsync(new byte[1]);
            await Task.Yield();
            workers[0].OperationsLeft = 0;
            Assert.False(connection.TryRead(new byte[1], out _));
            // It goes on in a turn of its own, though no event announces what is there already.
            Assert.Equal(1, await connection.ReadAsync(new byte[1]));
            Assert.True(workers[0].OperationsLeft > 0);
            workers[0].OperationsLeft = 0;
            Assert.True(await connection.WaitReadableAsync());
            Assert.True(workers[0].OperationsLeft > 0);
            workers[0].BytesLeft = 0;
            var writing = connection.WriteAsync("x"u8.ToArray());
            Assert.False(writing.IsCompleted);
            await writing;
            Assert.True(workers[0].BytesLeft > 0);
        });
        Assert.Equal(1, await peer.ReceiveAsync(new byte[10]));
        peer.Dispose();
    }
}
