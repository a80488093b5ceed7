using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionStreamTests
{
    [Fact]
    public async Task Copies_a_stream_to_its_end()
    {
        await using var workers = new TestWorkers(threads: 2);
        var (near, far) = Connection.CreatePair(1000);
        var sent = new byte[100_000];
        new Random(2).NextBytes(sent);
        var writing = workers.RunAsync(async () =>
        {
            using var source = new MemoryStream(sent);
            await source.CopyToAsync(near.AsStream());
            await near.AsStream().FlushAsync();
            near.ShutdownWrite();
        });
        var received = await workers.RunAsync(async () =>
        {
            using var all = new MemoryStream();
            await far.AsStream().CopyToAsync(all);
            return all.ToArray();
        }, worker: 1);
        await writing;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task Old_ways_of_reading_and_writing_work_and_synchronous_ones_are_refused()
    {
        await using var workers = new TestWorkers();
        var (near, far) = Connection.CreatePair();
        await workers.RunAsync(async () =>
        {
            var bytes = "abcd"u8.ToArray();
            var buffer = new byte[4];
            var stream = far.AsStream();
            Func<byte[], int, int, CancellationToken, Task> write = near.AsStream().WriteAsync;
            Func<byte[], int, int, CancellationToken, Task<int>> read = stream.ReadAsync;
            await write(bytes, 1, 2, CancellationToken.None);
            Assert.Equal(2, await read(buffer, 1, 3, CancellationToken.None));
            Assert.Equal("\0bc\0", Encoding.ASCII.GetString(buffer));
            Assert.True(stream.CanRead && stream.CanWrite && !stream.CanSeek);
            Assert.Throws<NotSupportedException>(() => stream.Read(buffer, 0, 1));
            Assert.Throws<NotSupportedException>(() => stream.Write(buffer, 0, 1));
            Assert.Throws<NotSupportedException>(() => stream.Length);
            Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        });
    }

    [Fact]
    public async Task A_read_into_nothing_waits_until_something_is_there()
    {
        await using var workers = new TestWorkers();
        var (near, far) = Connection.CreatePair();
        var waiting = await workers.RunAsync(() => near.AsStream().ReadAsync(Memory<byte>.Empty).AsTask());
        Assert.False(waiting.IsCompleted);
        await workers.RunAsync(() => far.WriteAsync("x"u8.ToArray()));
        Assert.Equal(0, await waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(1, await workers.RunAsync(() => near.AsStream().ReadAsync(new byte[4])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Cancelling_a_pending_operation_ends_it_and_the_connection(int operation)
    {
        await using var workers = new TestWorkers(threads: 2);
        var (near, far) = Connection.CreatePair(10);
        using var cancellation = new CancellationTokenSource();
        var pending = await workers.RunAsync(() =>
        {
            var stream = near.AsStream();
            return operation switch
            {
                0 => stream.ReadAsync(new byte[1], cancellation.Token).AsTask(),
                1 => stream.ReadAsync(Memory<byte>.Empty, cancellation.Token).AsTask(),
                _ => stream.WriteAsync(new byte[11], cancellation.Token).AsTask(),
            };
        });
        Assert.False(pending.IsCompleted);
        await cancellation.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.WaitAsync(TestWorkers.Patience));
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.True(near.IsClosed);
        await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => far.ReadAsync(new byte[1]), worker: 1));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_later_or_before_harms_nothing()
    {
        await using var workers = new TestWorkers();
        var (near, far) = Connection.CreatePair();
        using var cancellation = new CancellationTokenSource();
        await workers.RunAsync(async () =>
        {
            var stream = near.AsStream();
            await stream.WriteAsync("x"u8.ToArray(), cancellation.Token);
            await far.WriteAsync("y"u8.ToArray());
            Assert.Equal(1, await stream.ReadAsync(new byte[1], cancellation.Token));
            cancellation.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.WriteAsync("z"u8.ToArray(), cancellation.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[1], cancellation.Token));
            Assert.False(near.IsClosed);
            Assert.Equal("x", await ConnectionReadTests.ReadTextAsync(far, 1));
            Assert.True(far.IsQuiet(probe: true));
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Disposing_it_closes_the_connection(bool synchronously)
    {
        await using var workers = new TestWorkers();
        var (near, far) = Connection.CreatePair();
        await workers.RunAsync(async () =>
        {
            var stream = near.AsStream();
            if (synchronously)
                stream.Dispose();
            else
                await stream.DisposeAsync();
            Assert.True(near.IsClosed);
            Assert.Equal(0, await far.ReadAsync(new byte[1]));
            var error = await Assert.ThrowsAsync<NetException>(async () => await stream.ReadExactlyAsync(new byte[1]));
            Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        });
    }
}
