using System.Net.Sockets;
using System.Text;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

/// <summary>Connections whose input is announced together: what is received before their turn.</summary>
public sealed class ConnectionGroupTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(200)]
    public async Task Each_gets_its_own_answer(int count)
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectAsync(workers, count);
        var served = await workers.RunAsync(() => pairs.Select(p => EchoAsync(p.Connection).AsTask()).ToArray());
        for (var round = 0; round < 3; round++)
        {
            await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send(Encoding.ASCII.GetBytes($"{pairs.IndexOf(p)} {round};"))));
            foreach (var (_, peer) in pairs)
                Assert.Equal($"{pairs.FindIndex(p => p.Peer == peer)} {round};", await ReceiveTextAsync(peer, ';'));
        }

        pairs.ForEach(p => p.Peer.Dispose());
        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(SlabPool.Head - 1, 100)]
    [InlineData(SlabPool.Head, 100)]
    [InlineData(SlabPool.Head, SlabPool.Large)]
    [InlineData(SlabPool.Head + 1, SlabPool.Large)]
    [InlineData(3 * SlabPool.Head, 100)]
    [InlineData(3 * SlabPool.Head, SlabPool.Large)]
    public async Task Input_of_any_length_is_read_whole(int length, int buffer)
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectAsync(workers, 2);
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        var reading = await workers.RunAsync(() => pairs.Select(p => ReadAsync(p.Connection, length, buffer).AsTask()).ToArray());
        await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send(sent)));
        foreach (var received in await Task.WhenAll(reading).WaitAsync(TestWorkers.Patience))
            Assert.True(received.AsSpan().SequenceEqual(sent));
        // Readiness is right: the next bytes wake a reader, and nothing else does.
        reading = await workers.RunAsync(() => pairs.Select(p => ReadAsync(p.Connection, 1, buffer).AsTask()).ToArray());
        Assert.DoesNotContain(reading, read => read.IsCompleted);
        await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("x"u8)));
        await Task.WhenAll(reading).WaitAsync(TestWorkers.Patience);
        pairs.ForEach(p => p.Peer.Dispose());
    }

    [Fact]
    public async Task What_comes_before_a_late_reader_reads_is_not_forgotten()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectAsync(workers, 2);
        var waiting = await workers.RunAsync(() => pairs.Select(p => p.Connection.WaitReadableAsync().AsTask()).ToArray());
        await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("early,"u8)));
        await Task.WhenAll(waiting).WaitAsync(TestWorkers.Patience);
        await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("late"u8)));
        foreach (var (connection, peer) in pairs)
        {
            Assert.Equal("early,late", await workers.RunAsync(() => ConnectionReadTests.ReadTextAsync(connection, 10)));
            peer.Dispose();
        }
    }

    [Fact]
    public async Task An_end_that_comes_with_the_input_is_seen_after_it()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectAsync(workers, 2);
        var served = await workers.RunAsync(() => pairs.Select(p => EchoAsync(p.Connection).AsTask()).ToArray());
        await TogetherAsync(workers, () => pairs.ForEach(p =>
        {
            p.Peer.Send("last;"u8);
            p.Peer.Shutdown(SocketShutdown.Send);
        }));
        await Task.WhenAll(served).WaitAsync(TestWorkers.Patience);
        foreach (var (_, peer) in pairs)
        {
            Assert.Equal("last;", Encoding.ASCII.GetString(await ConnectionWriteTests.ReceiveAllAsync(peer)));
            peer.Dispose();
        }
    }

    [Fact]
    public async Task One_that_closes_another_takes_its_input_with_it()
    {
        await using var workers = new TestWorkers();
        var pairs = await ConnectAsync(workers, 2);
        var closing = await workers.RunAsync(() => CloseAfterWaitAsync(pairs[0].Connection, pairs[1].Connection).AsTask());
        var waiting = await workers.RunAsync(() => pairs[1].Connection.WaitReadableAsync().AsTask());
        await TogetherAsync(workers, () => pairs.ForEach(p => p.Peer.Send("x"u8)));
        await closing.WaitAsync(TestWorkers.Patience);
        var error = await Assert.ThrowsAsync<NetException>(() => waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        pairs.ForEach(p => p.Peer.Dispose());

        static async ValueTask CloseAfterWaitAsync(Connection first, Connection second)
        {
            await first.WaitReadableAsync();
            second.Close();
        }
    }

    internal static async Task<List<(Connection Connection, Socket Peer)>> ConnectAsync(TestWorkers workers, int count)
    {
        var pairs = new List<(Connection Connection, Socket Peer)>();
        for (var i = 0; i < count; i++)
            pairs.Add(await workers.ConnectAsync());
        return pairs;
    }

    /// <summary>Does something while the worker does nothing, so that it learns of everything at once.</summary>
    internal static async Task TogetherAsync(TestWorkers workers, Action action)
    {
        using var busy = new SemaphoreSlim(0);
        using var done = new ManualResetEventSlim();
        var ended = workers.RunAsync(() =>
        {
            busy.Release();
            done.Wait(TestWorkers.Patience);
        });
        Assert.True(await busy.WaitAsync(TestWorkers.Patience));
        action();
        done.Set();
        await ended;
    }

    internal static async ValueTask EchoAsync(Connection connection)
    {
        var buffer = new byte[100];
        while (await connection.WaitReadableAsync())
        {
            while (connection.TryRead(buffer, out var count))
            {
                if (count == 0)
                {
                    connection.Close();
                    return;
                }

                await connection.WriteAsync(buffer.AsMemory(0, count));
            }
        }
    }

    private static async ValueTask<byte[]> ReadAsync(Connection connection, int length, int size)
    {
        var received = new byte[length];
        var buffer = new byte[size];
        for (var at = 0; at < length;)
        {
            await connection.WaitReadableAsync();
            while (connection.TryRead(buffer, out var count))
            {
                buffer.AsSpan(0, count).CopyTo(received.AsSpan(at));
                at += count;
            }
        }

        return received;
    }

    private static async Task<string> ReceiveTextAsync(Socket peer, char end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        do
        {
            Assert.Equal(1, await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience));
            text.Append((char)buffer[0]);
        }
        while (buffer[0] != end);
        return text.ToString();
    }
}
