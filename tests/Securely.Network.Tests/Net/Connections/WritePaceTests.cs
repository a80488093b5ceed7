using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Peers that are slow, and those that are too slow (H1S-19).</summary>
public sealed class WritePaceTests
{
    private const int Rate = 10_000;

    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task A_peer_that_takes_nothing_breaks_the_connection_when_it_owes_the_allowance()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await WriteAsync(workers, connection, behind: 1);
        // What the kernels pass on to each other after the write has begun to wait counts as taken, once.
        await AdvanceAsync(workers, 6.5);
        Assert.False(writing.IsCompleted);
        await AdvanceAsync(workers, 6.6);
        await AdvanceAsync(workers, 6.6);
        var error = await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.WriteTimedOut, error.Kind);
        Assert.Contains("fewer bytes a second", error.Message, StringComparison.Ordinal);
        Assert.True(connection.IsClosed);
        peer.Dispose();
    }

    [Fact]
    public async Task A_peer_that_takes_bytes_steadily_gets_all_of_them_however_long_one_write_takes()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await WriteAsync(workers, connection, behind: 1);
        var buffer = new byte[64 * 1024];
        var received = 0;
        for (var second = 0; second < 20; second++)
        {
            // The peer's kernel says that there is room when it has a good deal of it, which takes some reads.
            var before = Acknowledged(connection);
            while (received < Size / 2 && Acknowledged(connection) < before + 50_000)
                received += await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience);
            await AdvanceAsync(workers, 1);
        }

        while (received < Size)
            received += await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience);
        await writing.WaitAsync(TestWorkers.Patience);
        Assert.False(connection.IsClosed);
        peer.Dispose();
    }

    [Fact]
    public async Task The_time_that_a_peer_may_fall_behind_can_be_longer_than_the_allowance()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await WriteAsync(workers, connection, behind: 60);
        await AdvanceAsync(workers, 59);
        Assert.False(writing.IsCompleted);
        await AdvanceAsync(workers, 61);
        await AdvanceAsync(workers, 61);
        await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Fact]
    public async Task A_unix_socket_is_held_to_a_rate_too()
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectUnixAsync();
        var writing = await WriteAsync(workers, connection, behind: 1);
        await AdvanceAsync(workers, 6.5);
        Assert.False(writing.IsCompleted);
        await AdvanceAsync(workers, 0.1);
        await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        peer.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plain_deadline_takes_the_place_of_a_rate(bool byRateOfZero)
    {
        await using var workers = new TestWorkers(time: _clock);
        var (connection, peer) = await workers.ConnectAsync();
        var writing = await WriteAsync(workers, connection, behind: 100);
        await workers.RunAsync(() =>
        {
            if (byRateOfZero)
                connection.SetWriteDeadline(TimeSpan.FromSeconds(5), 0);
            else
                connection.SetWriteDeadline(TimeSpan.FromSeconds(5));
        });
        await AdvanceAsync(workers, 5);
        var error = await Assert.ThrowsAsync<NetException>(() => writing.WaitAsync(TestWorkers.Patience));
        Assert.Contains("before the write deadline", error.Message, StringComparison.Ordinal);
        peer.Dispose();
    }

    private const int Size = 64_000_000;

    private static Task<Task> WriteAsync(TestWorkers workers, Connection connection, double behind) => workers.RunAsync(() =>
    {
        connection.SetWriteDeadline(TimeSpan.FromSeconds(behind), Rate);
        return connection.WriteAsync(new byte[Size]).AsTask();
    });

    private static ulong Acknowledged(Connection connection) => connection.Digest.GetTcpInfo()!.BytesAcknowledged;

    private async Task AdvanceAsync(TestWorkers workers, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        await workers.SettleAsync(_clock.Elapsed);
    }
}
