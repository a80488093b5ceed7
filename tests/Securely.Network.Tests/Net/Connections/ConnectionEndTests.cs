using System.Net.Sockets;
using Securely.Net;

namespace Securely.Network.Tests.Net.Connections;

public sealed class ConnectionEndTests
{
    [Fact]
    public async Task An_abort_fails_the_pending_read_and_write_with_its_reason_and_resets_the_peer()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var (reading, writing) = await workers.RunAsync(() => (connection.ReadAsync(new byte[1]).AsTask(), connection.WriteAsync(new byte[16_000_000]).AsTask()));
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
            Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
            Assert.Equal("The client has gone", error.Message);
            Assert.Equal(ErrorSource.Downstream, error.Origin);
        }

        await AssertResetAsync(peer);
    }

    [Fact]
    public async Task After_an_abort_every_operation_fails_with_its_reason()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        await workers.RunAsync(async () =>
        {
            connection.Abort(new NetException(NetErrorKind.ReadTimedOut, "Took too long", ErrorSource.Upstream));
            await AssertFailsAsync(async () => await connection.ReadAsync(new byte[1]));
            await AssertFailsAsync(async () => await connection.WaitReadableAsync());
            await AssertFailsAsync(async () => await connection.WriteAsync("x"u8.ToArray()));
            await AssertFailsAsync(() => Task.FromResult(connection.TryRead(new byte[1], out _)));
            Assert.False(connection.IsQuiet(probe: true));
            connection.ShutdownWrite();
            connection.SetReadDeadline(TimeSpan.FromSeconds(1));
            connection.StopWaiting();
        });
        await AssertResetAsync(peer);

        static async Task AssertFailsAsync(Func<Task> operation)
        {
            var error = await Assert.ThrowsAsync<NetException>(operation);
            Assert.Equal(NetErrorKind.ReadTimedOut, error.Kind);
            Assert.Equal("Took too long", error.Message);
        }
    }

    [Fact]
    public async Task A_close_fails_what_is_pending_and_ends_the_stream_for_the_peer()
    {
        await using var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        var waiting = await workers.RunAsync(() => connection.WaitReadableAsync().AsTask());
        await workers.RunAsync(async () =>
        {
            await connection.WriteAsync("bye"u8.ToArray());
            await connection.DisposeAsync();
            await connection.DisposeAsync();
        });
        var error = await Assert.ThrowsAsync<NetException>(() => waiting.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        Assert.Equal("bye"u8.ToArray(), await ConnectionWriteTests.ReceiveAllAsync(peer));
        error = await Assert.ThrowsAsync<NetException>(() => workers.RunAsync(() => connection.ReadAsync(new byte[1])));
        Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        peer.Dispose();
    }

    [Fact]
    public async Task Closing_and_aborting_from_another_thread_are_carried_out_by_the_owner()
    {
        await using var workers = new TestWorkers(threads: 2);
        foreach (var abort in new[] { false, true })
        {
            var (connection, peer) = await workers.ConnectAsync();
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

    [Fact]
    public async Task The_closed_token_tells_of_the_close_also_afterwards()
    {
        await using var workers = new TestWorkers();
        var (first, firstPeer) = await workers.ConnectAsync();
        var (second, secondPeer) = await workers.ConnectAsync();
        await workers.RunAsync(() =>
        {
            var token = first.Closed;
            Assert.False(token.IsCancellationRequested);
            first.Close();
            Assert.True(token.IsCancellationRequested);
            second.Abort(new NetException(NetErrorKind.Internal, "Enough"));
            Assert.True(second.Closed.IsCancellationRequested);
        });
        firstPeer.Dispose();
        secondPeer.Dispose();
    }

    [Fact]
    public async Task A_continuation_that_throws_does_not_fail_the_next_operation()
    {
        await using var workers = new TestWorkers { ExpectsErrors = true };
        var (connection, peer) = await workers.ConnectAsync();
        Task<int>? next = null;
        Task? write = null;
        await workers.RunAsync(() =>
        {
            Then(connection.ReadAsync(new byte[1]), count =>
            {
                Assert.Equal(1, count);
                next = connection.ReadAsync(new byte[1]).AsTask();
                throw new NetException(NetErrorKind.Internal, "Stray");
            });
        });
        await peer.SendAsync("a"u8.ToArray());
        await workers.Log.FindAsync(t => t.Contains("Stray", StringComparison.Ordinal));
        await peer.SendAsync("b"u8.ToArray());
        Assert.Equal(1, await next!.WaitAsync(TestWorkers.Patience));

        await workers.RunAsync(() =>
        {
            Then(connection.WriteAsync(new byte[16_000_000]), () =>
            {
                write = connection.WriteAsync(new byte[16_000_000]).AsTask();
                throw new NetException(NetErrorKind.Internal, "Another");
            });
        });
        var buffer = new byte[1_000_000];
        for (var count = 0; count < 32_000_000;)
            count += await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience);
        await workers.Log.FindAsync(t => t.Contains("Another", StringComparison.Ordinal));
        await write!.WaitAsync(TestWorkers.Patience);
        peer.Dispose();
    }

    [Fact]
    public async Task Many_connections_come_and_go_without_mixing_up_their_events()
    {
        // Descriptors and slots are used again at once; an event of the last owner must not reach the next one.
        await using var workers = new TestWorkers(threads: 2);
        var rounds = Enumerable.Range(0, 2).Select(async worker =>
        {
            for (var i = 0; i < 300; i++)
            {
                var (connection, peer) = await workers.ConnectAsync(worker);
                var way = i % 3;
                var expected = (byte)(i % 251);
                await peer.SendAsync(new[] { expected });
                await workers.RunAsync(async () =>
                {
                    var buffer = new byte[2];
                    Assert.Equal(1, await connection.ReadAsync(buffer));
                    Assert.Equal(expected, buffer[0]);
                    if (way == 0)
                        connection.Close();
                    else if (way == 1)
                        connection.Abort(new NetException(NetErrorKind.Internal, "Round"));
                }, worker);
                peer.Dispose();
                if (way == 2)
                {
                    Assert.Equal(0, await workers.RunAsync(() => connection.ReadAsync(new byte[1]), worker));
                    await workers.RunAsync(connection.Close, worker);
                }
            }
        }).ToArray();
        await Task.WhenAll(rounds);
        foreach (var worker in workers.Group.Workers)
            Assert.Null(await workers.RunAsync(() => worker.FirstConnection, worker.Index));
    }

    private static void Then(ValueTask<int> task, Action<int> continuation)
    {
        var awaiter = task.GetAwaiter();
        awaiter.UnsafeOnCompleted(() => continuation(awaiter.GetResult()));
    }

    private static void Then(ValueTask task, Action continuation)
    {
        var awaiter = task.GetAwaiter();
        awaiter.UnsafeOnCompleted(() =>
        {
            awaiter.GetResult();
            continuation();
        });
    }

    private static async Task AssertResetAsync(Socket peer)
    {
        var error = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            var buffer = new byte[1_000_000];
            while (await peer.ReceiveAsync(buffer).WaitAsync(TestWorkers.Patience) > 0)
            {
                // What was sent before the reset may still arrive.
            }

            Assert.Fail("The peer saw a clean end");
        });
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
        peer.Dispose();
    }
}
