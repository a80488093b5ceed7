using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class MemoryConnectionTests : VirtualConnectionContract
{
    [Fact]
    public void A_pair_needs_room_for_a_byte() => Assert.Throws<ArgumentOutOfRangeException>(() => Connection.CreatePair(0));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_small_ring_carries_much_between_two_workers(int size)
    {
        await using var workers = Workers();
        var (near, far) = Connection.CreatePair(size);
        var sent = new byte[5000];
        new Random(1).NextBytes(sent);
        var writing = workers.RunAsync(async () =>
        {
            await near.WriteAsync(sent);
            near.ShutdownWrite();
        });
        var received = await workers.RunAsync(async () =>
        {
            using var all = new MemoryStream();
            var buffer = new byte[3];
            while (await far.ReadAsync(buffer) is var count and > 0)
                all.Write(buffer, 0, count);
            return all.ToArray();
        }, worker: 1);
        await writing;
        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Same(workers[0], near.Worker);
        Assert.Same(workers[1], far.Worker);
    }

    [Fact]
    public async Task A_write_suspends_when_the_ring_is_full_and_goes_on_with_the_first_byte_that_is_read()
    {
        await using var workers = Workers();
        var (near, far) = Connection.CreatePair(4);
        await workers.RunAsync(async () =>
        {
            await near.WriteAsync("abcd"u8.ToArray());
            var writing = near.WriteAsync("e"u8.ToArray()).AsTask();
            Assert.False(writing.IsCompleted);
            Assert.Equal("a", await ConnectionReadTests.ReadTextAsync(far, 1));
            await writing;
            Assert.Equal("bcde", await ConnectionReadTests.ReadTextAsync(far, 4));
        });
    }

    [Fact]
    public async Task An_end_that_no_worker_uses_has_none_and_works_all_the_same()
    {
        var (near, far) = Connection.CreatePair();
        var told = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        far.Watcher = new ToldWatcher(told);
        var reading = near.ReadAsync(new byte[3]);
        await far.WriteAsync("abc"u8.ToArray());
        Assert.Equal(3, await reading);
        await near.WriteAsync("x"u8.ToArray());
        Assert.False(await told.Task.WaitAsync(TestWorkers.Patience));
        Assert.Null(near.Worker);
        Assert.Null(far.Worker);
        far.SetReadDeadline(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await far.ReadAsync(new byte[4]));
        var error = await Assert.ThrowsAsync<NetException>(async () => await far.ReadAsync(new byte[4]));
        Assert.Equal(NetErrorKind.ReadTimedOut, error.Kind);
    }

    [Fact]
    public async Task A_peer_that_has_closed_takes_nothing_more_but_what_it_wrote_is_still_read()
    {
        await using var workers = Workers();
        var (near, far) = Connection.CreatePair();
        await workers.RunAsync(async () =>
        {
            await far.WriteAsync("last words"u8.ToArray());
            await near.WriteAsync("unread"u8.ToArray());
            far.Close();
            Assert.Equal("last words", await ConnectionReadTests.ReadTextAsync(near, 10));
            Assert.Equal(0, await near.ReadAsync(new byte[1]));
            var error = await Assert.ThrowsAsync<NetException>(async () => await near.WriteAsync("x"u8.ToArray()));
            Assert.Equal(NetErrorKind.WriteError, error.Kind);
            Assert.Contains("[memory]", error.Message, StringComparison.Ordinal);
        });
    }

    private protected override Task<(Connection Connection, VirtualPeer Peer)> ConnectAsync(TestWorkers workers)
    {
        var (near, far) = Connection.CreatePair();
        return Task.FromResult<(Connection, VirtualPeer)>((near, new MemoryPeerEnd(far, workers, worker: 1)));
    }

    private sealed class ToldWatcher(TaskCompletionSource<bool> told) : IConnectionWatcher
    {
        public void OnInput(Connection connection, bool ended) => told.TrySetResult(ended);
    }
}
