using System.Net.Sockets;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionMoveTests
{
    [Fact]
    public async Task A_connection_moves_between_two_messages_and_keeps_working()
    {
        await using var workers = new TestWorkers(threads: 2);
        var (connection, peer) = await workers.ConnectAsync();
        var serving = workers.RunAsync(async () =>
        {
            var buffer = new byte[16];
            while (await connection.WaitReadableAsync())
            {
                var count = await connection.ReadAsync(buffer);
                if (count == 0)
                    break;
                Assert.Same(connection.Worker, Worker.Current);
                buffer[1] = (byte)Worker.Current!.Index;
                await connection.WriteAsync(buffer.AsMemory(0, 2));
                await connection.MoveToAsync(workers[1 - Worker.Current.Index]);
            }

            Assert.Same(connection.Worker, Worker.Current);
            await connection.DisposeAsync();
        });
        var answer = new byte[2];
        for (var i = 0; i < 300; i++)
        {
            await peer.SendAsync(new[] { (byte)i });
            for (var count = 0; count < 2;)
                count += await peer.ReceiveAsync(answer.AsMemory(count)).AsTask().WaitAsync(TestWorkers.Patience);
            Assert.Equal((byte)i, answer[0]);
            Assert.Equal(i % 2, answer[1]);
        }

        peer.Shutdown(SocketShutdown.Send);
        await serving.WaitAsync(TestWorkers.Patience);
        Assert.Equal(0, await peer.ReceiveAsync(answer));
        foreach (var worker in workers.Group.Workers)
            Assert.Null(await workers.RunAsync(() => worker.FirstConnection, worker.Index));
        peer.Dispose();
    }

    [Fact]
    public async Task Bytes_that_arrive_during_the_move_are_not_lost()
    {
        await using var workers = new TestWorkers(threads: 2);
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            for (var i = 0; i < 300; i++)
            {
                Assert.False(connection.TryRead(new byte[1], out _));
                peer.Send([(byte)i]);
                await connection.MoveToAsync(workers[1 - Worker.Current!.Index]);
                var buffer = new byte[4];
                Assert.Equal(1, await connection.ReadAsync(buffer));
                Assert.Equal((byte)i, buffer[0]);
            }
        });
        peer.Dispose();
    }

    [Fact]
    public async Task Deadlines_and_watchers_work_on_the_new_worker()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(threads: 2, time: clock);
        var (connection, peer) = await workers.ConnectAsync();
        var reading = await workers.RunAsync(async () =>
        {
            connection.SetReadDeadline(TimeSpan.FromSeconds(1));
            await connection.MoveToAsync(workers[1]);
            connection.SetReadDeadline(TimeSpan.FromSeconds(2));
            return connection.ReadAsync(new byte[1]).AsTask();
        });
        clock.Advance(TimeSpan.FromSeconds(1));
        await workers.SettleAsync(clock.Elapsed, worker: 0);
        await workers.SettleAsync(clock.Elapsed, worker: 1);
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.ReadTimedOut, error.Kind);

        var watcher = new RecordingWatcher();
        await workers.RunAsync(() => connection.Watcher = watcher, worker: 1);
        peer.Dispose();
        Assert.True(await watcher.FirstAsync());
    }

    [Fact]
    public async Task A_write_that_ends_with_a_move_leaves_the_rest_of_its_event_to_the_new_worker()
    {
        // Room to write and input come in one event: after the writer has moved on, the input belongs to the other worker.
        await using var workers = new TestWorkers(threads: 2);
        for (var round = 0; round < 20; round++)
        {
            var (connection, peer) = await workers.ConnectAsync();
            var bytes = new byte[8_000_000];
            Task? writing = null;
            await workers.RunAsync(() =>
            {
                Assert.False(connection.TryRead(new byte[1], out _));
                writing = connection.WriteAsync(bytes).AsTask();
            });
            var serving = workers.RunAsync(async () =>
            {
                await writing!;
                await connection.MoveToAsync(workers[1]);
                Assert.Same(workers[1], Worker.Current);
                var waited = await connection.WaitReadableAsync();
                Assert.Same(workers[1], Worker.Current);
                Assert.True(waited);
                Assert.Equal("x", await ConnectionReadTests.ReadTextAsync(connection, 1));
                connection.Close();
            });
            var buffer = new byte[1_000_000];
            peer.Send("x"u8);
            for (var count = 0; count < bytes.Length;)
                count += await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience);
            await serving;
            peer.Dispose();
        }
    }

    [Fact]
    public async Task A_connection_that_has_moved_is_closed_on_the_worker_that_has_it()
    {
        var handler = new Mover();
        await using var host = await RunningService.StartAsync(handler, threads: 2);
        for (var i = 0; i < 50; i++)
        {
            using var client = await host.ConnectAsync();
            await client.SendAsync("x"u8.ToArray());
            Assert.Equal(1, await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
            client.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await client.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
            Assert.Equal("moved, closed here", await handler.Closed.Reader.ReadAsync().AsTask().WaitAsync(TestWorkers.Patience));
        }

        foreach (var worker in host.Workers.Workers)
            Assert.Equal(0, await worker.RunAsync(() => new ValueTask<int>(worker.ConnectionCount)));
    }

    [Fact]
    public async Task Nothing_may_be_pending_and_the_target_must_be_of_the_same_service()
    {
        await using var workers = new TestWorkers(threads: 2);
        await using var others = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            Assert.Throws<ArgumentException>(() => { _ = connection.MoveToAsync(others[0]).AsTask(); });
            var reading = connection.ReadAsync(new byte[1]).AsTask();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.MoveToAsync(workers[1]));
            Assert.Same(workers[0], Worker.Current);
            peer.Send("x"u8);
            Assert.Equal(1, await reading);
            await connection.MoveToAsync(workers[1]);
            await connection.MoveToAsync(workers[1]);
            Assert.Same(workers[1], Worker.Current);
            connection.Close();
            await Assert.ThrowsAsync<NetException>(async () => await connection.MoveToAsync(workers[0]));
        });
        peer.Dispose();
    }

    [Fact]
    public async Task An_abort_from_elsewhere_during_the_move_is_carried_out_by_the_new_owner()
    {
        await using var workers = new TestWorkers(threads: 2);
        for (var i = 0; i < 100; i++)
        {
            var (connection, peer) = await workers.ConnectAsync();
            var moving = workers.RunAsync(async () =>
            {
                workers[1].Post(_ => connection.Abort(new NetException(NetErrorKind.Internal, "Elsewhere")), null);
                try
                {
                    while (true)
                        await connection.MoveToAsync(workers[1 - Worker.Current!.Index]);
                }
                catch (NetException)
                {
                    Assert.True(connection.IsClosed);
                }
            });
            await moving;
            await Assert.ThrowsAsync<SocketException>(() => peer.ReceiveAsync(new byte[1]).WaitAsync(TestWorkers.Patience));
            peer.Dispose();
        }

        foreach (var worker in workers.Group.Workers)
            Assert.Null(await workers.RunAsync(() => worker.FirstConnection, worker.Index));
    }

    [Fact]
    public async Task A_connection_wants_to_move_when_its_worker_is_overloaded_and_another_one_idle()
    {
        await using var workers = new TestWorkers(threads: 2);
        var handler = new Busy();
        await using var host = await RunningService.StartAsync(handler, threads: 2);
        using var first = await host.ConnectAsync();
        await first.SendAsync("x"u8.ToArray());
        Assert.Equal("other", await handler.Result.WaitAsync(TestWorkers.Patience));
    }

    /// <summary>Answers one byte on the worker that accepted, then serves the rest on the other one.</summary>
    private sealed class Mover : IConnectionHandler
    {
        internal System.Threading.Channels.Channel<string> Closed { get; } = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var first = Worker.Current!;
            var buffer = new byte[1];
            await connection.ReadAsync(buffer);
            await connection.MoveToAsync(first.Group.Workers[1 - first.Index]);
            var second = Worker.Current!;
            connection.Closed.UnsafeRegister(_ => Closed.Writer.TryWrite(
                ReferenceEquals(Worker.Current, second) && !ReferenceEquals(first, second) ? "moved, closed here" : $"closed on [{Worker.Current?.Name}]"), null);
            await connection.WriteAsync(buffer);
            await connection.ReadAsync(buffer);
        }
    }

    /// <summary>Keeps its worker busy until the connection wants to leave it.</summary>
    private sealed class Busy : IConnectionHandler
    {
        private readonly TaskCompletionSource<string> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<string> Result => _result.Task;

        public async ValueTask HandleAsync(Connection connection, CancellationToken shutdown)
        {
            var own = Worker.Current!;
            await connection.ReadAsync(new byte[10]);
            while (true)
            {
                if (connection.ShouldMove(out var target))
                {
                    _result.TrySetResult(!ReferenceEquals(target, own) && own.Load.Percent >= 90 ? "other" : "wrong");
                    return;
                }

                var start = TimeProvider.System.GetTimestamp();
                while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMilliseconds(5))
                    Thread.SpinWait(100);
                await Task.Yield();
            }
        }
    }
}
