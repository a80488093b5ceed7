using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Runtime;

public sealed class WorkerTests
{
    private static readonly AsyncLocal<string?> _local = new();

    [Fact]
    public async Task Runs_everything_that_other_threads_post_in_their_order()
    {
        await using var workers = new TestWorkers();
        const int Threads = 4, Items = 5_000;
        var seen = new int[Threads];
        var left = Threads * Items;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var posters = Enumerable.Range(0, Threads).Select(t => new Thread(() =>
        {
            for (var i = 0; i < Items; i++)
            {
                workers[0].Post(state =>
                {
                    var (thread, item) = ((int, int))state!;
                    Assert.Same(workers[0], Worker.Current);
                    Assert.Equal(seen[thread]++, item);
                    if (--left == 0)
                        done.SetResult();
                }, (t, i));
            }
        })).ToArray();
        Array.ForEach(posters, p => p.Start());
        await done.Task.WaitAsync(TestWorkers.Patience);
        Array.ForEach(posters, p => p.Join());
    }

    [Fact]
    public async Task Wakes_for_a_post_however_it_falls_into_going_to_sleep()
    {
        await using var workers = new TestWorkers(threads: 2);
        for (var i = 0; i < 20_000; i++)
            Assert.Equal(i, await workers.RunAsync(() => i, worker: i % 2));
    }

    [Fact]
    public async Task Awaits_of_tasks_and_of_the_thread_pool_come_back_to_the_worker()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(async () =>
        {
            Assert.Same(workers[0], Worker.Current);
            await Task.Run(() => Assert.Null(Worker.Current));
            Assert.Same(workers[0], Worker.Current);
            await Task.Yield();
            Assert.Same(workers[0], Worker.Current);
            var elsewhere = new TaskCompletionSource();
            ThreadPool.UnsafeQueueUserWorkItem(_ => elsewhere.SetResult(), null);
            await elsewhere.Task;
            Assert.Same(workers[0], Worker.Current);
        });
    }

    [Fact]
    public async Task Passes_results_errors_and_cancellation_on_to_the_caller()
    {
        await using var workers = new TestWorkers();
        Assert.Equal(42, await workers.RunAsync(() => new ValueTask<int>(42)));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => workers.RunAsync(() => throw new InvalidDataException("mine")));
        Assert.Equal("mine", error.Message);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => workers.RunAsync(() => throw new OperationCanceledException()));
    }

    [Fact]
    public async Task An_error_in_a_callback_is_logged_and_ends_nothing()
    {
        await using var workers = new TestWorkers { ExpectsErrors = true };
        workers[0].Post(_ => throw new InvalidDataException("posted"), null);
        await workers.RunAsync(() => SynchronizationContext.Current!.Post(_ => throw new InvalidDataException("context"), null));
        await workers.Log.FindAsync(text => text.Contains("posted", StringComparison.Ordinal));
        await workers.Log.FindAsync(text => text.Contains("context", StringComparison.Ordinal));
        Assert.Equal(1, await workers.RunAsync(() => 1));
    }

    [Fact]
    public async Task An_error_in_a_timer_is_logged_and_the_other_timers_of_its_time_still_run()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: clock) { ExpectsErrors = true };
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = 2;
        void Count()
        {
            if (--left == 0)
                done.SetResult();
        }

        await workers.RunAsync(() =>
        {
            new WorkerTimer(_ => Count(), null).Set(workers[0], TimeSpan.FromSeconds(1));
            new WorkerTimer(_ => throw new InvalidDataException("timed"), null).Set(workers[0], TimeSpan.FromSeconds(1));
            new WorkerTimer(_ => Count(), null).Set(workers[0], TimeSpan.FromSeconds(1));
        });
        clock.Advance(TimeSpan.FromSeconds(1));
        await done.Task.WaitAsync(TestWorkers.Patience);
        await workers.Log.FindAsync(text => text.Contains("timed", StringComparison.Ordinal));
        Assert.Equal(1, await workers.RunAsync(() => 1));
    }

    [Fact]
    public async Task A_timer_begins_with_a_fresh_budget_and_leaves_no_async_local()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: clock);
        var budgets = new List<int>();
        var locals = new List<string?>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Run()
        {
            budgets.Add(workers[0].OperationsLeft);
            locals.Add(_local.Value);
            workers[0].OperationsLeft = 0;
            _local.Value = "leak";
            if (budgets.Count == 2)
                done.SetResult();
        }

        await workers.RunAsync(() =>
        {
            new WorkerTimer(_ => Run(), null).Set(workers[0], TimeSpan.FromSeconds(1));
            new WorkerTimer(_ => Run(), null).Set(workers[0], TimeSpan.FromSeconds(1));
        });
        clock.Advance(TimeSpan.FromSeconds(1));
        await done.Task.WaitAsync(TestWorkers.Patience);
        Assert.Equal([Worker.OperationBudget, Worker.OperationBudget], budgets);
        Assert.Equal([null, null], locals);
    }

    [Fact]
    public async Task A_fake_clock_that_moves_while_the_worker_falls_asleep_loses_no_timer()
    {
        var clock = new ManualTimeProvider();
        await using var workers = new TestWorkers(time: clock);
        for (var i = 0; i < 5_000; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await workers.RunAsync(() => new WorkerTimer(_ => done.SetResult(), null).Set(workers[0], TimeSpan.FromSeconds(5)));
            clock.Advance(TimeSpan.FromSeconds(6));
            await done.Task.WaitAsync(TestWorkers.Patience);
        }
    }

    [Fact]
    public async Task Async_locals_do_not_leak_from_one_callback_to_the_next()
    {
        await using var workers = new TestWorkers();
        _local.Value = "of the test";
        for (var i = 0; i < 3; i++)
        {
            workers[0].Post(_ =>
            {
                Assert.Null(_local.Value);
                _local.Value = "leak";
            }, null);
        }

        Assert.Null(await workers.RunAsync(() => _local.Value));
        workers[0].Post(_ => ExecutionContext.SuppressFlow(), null);
        Assert.False(await workers.RunAsync(() => ExecutionContext.IsFlowSuppressed()));
    }

    [Fact]
    public async Task An_async_local_stays_with_the_method_that_set_it()
    {
        await using var workers = new TestWorkers();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = workers.RunAsync(async () =>
        {
            _local.Value = "first";
            await gate.Task;
            return _local.Value;
        });
        Assert.Null(await workers.RunAsync(() => _local.Value));
        gate.SetResult();
        Assert.Equal("first", await first);
    }

    [Fact]
    public async Task A_callback_that_replaces_the_synchronization_context_leaves_no_trace()
    {
        await using var workers = new TestWorkers();
        workers[0].Post(_ => SynchronizationContext.SetSynchronizationContext(null), null);
        await workers.RunAsync(async () =>
        {
            await Task.Run(() => { });
            Assert.Same(workers[0], Worker.Current);
        });
    }

    [Fact]
    public async Task A_slow_turn_is_logged_with_what_the_engine_was_doing()
    {
        await using var workers = new TestWorkers();
        await workers.RunAsync(() =>
        {
            workers[0].Activity = "GET /slow";
            var start = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMilliseconds(Worker.SlowTurn + 20))
                Thread.SpinWait(1000);
        });
        var text = await workers.Log.FindAsync(t => t.Contains("one turn", StringComparison.Ordinal));
        Assert.Contains("[test/0]", text, StringComparison.Ordinal);
        Assert.Contains("[GET /slow]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_context_takes_no_synchronous_calls_from_other_threads()
    {
        await using var workers = new TestWorkers();
        var context = await workers.RunAsync(() => SynchronizationContext.Current!);
        Assert.Throws<NotSupportedException>(() => context.Send(_ => { }, null));
        Assert.Same(context, context.CreateCopy());
        Assert.Equal(1, await workers.RunAsync(() =>
        {
            var ran = 0;
            context.Send(_ => ran++, null);
            return ran;
        }));
    }

    [Fact]
    public async Task What_ended_workers_wrote_through_is_never_written_again()
    {
        // A second stop wakes workers that have ended; their descriptors may be somebody else's by then.
        var workers = new TestWorkers();
        // The portable poller has no descriptor of its own.
        if (!workers.IsEpoll)
        {
            await workers.Group.StopAsync(TestWorkers.Patience);
            Assert.All(workers.Group.Workers, worker => Assert.True(worker.Ended.IsCompleted));
            return;
        }

        var poller = workers[0].Poller;
        await workers.DisposeAsync();
        var files = new List<FileStream>();
        try
        {
            for (var i = 0; i < 64; i++)
                files.Add(new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
            await workers.Group.StopAsync(TestWorkers.Patience);
            poller.Wake();
            Assert.All(files, f => Assert.Equal(0, f.Length));
        }
        finally
        {
            files.ForEach(f => f.Dispose());
        }
    }

    [Fact]
    public async Task Stopping_ends_what_is_pending_and_may_be_repeated()
    {
        var workers = new TestWorkers(threads: 2);
        var (connection, peer) = await workers.ConnectAsync();
        var reading = await workers.RunAsync(() => connection.ReadAsync(new byte[10]).AsTask());
        await workers.Group.StopAsync(TestWorkers.Patience);
        var error = await Assert.ThrowsAsync<NetException>(() => reading.WaitAsync(TestWorkers.Patience));
        Assert.Equal(NetErrorKind.ConnectionClosed, error.Kind);
        Assert.True(connection.IsClosed);
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => peer.ReceiveAsync(new byte[1]));
        peer.Dispose();
        await workers.Group.StopAsync(TestWorkers.Patience);
        await workers.DisposeAsync();
    }

    [Fact]
    public async Task What_goes_on_when_the_workers_stop_is_ended_too()
    {
        // A handler that dials again when its connection is cut would leave the new connection behind.
        var workers = new TestWorkers();
        var (connection, peer) = await workers.ConnectAsync();
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        var address = listener.LocalEndPoint!;
        Connection? second = null;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        workers[0].Post(_ => RetryAsync().Forget(), null);
        await workers.RunAsync(() => { });
        await workers.DisposeAsync();
        if (workers.IsEpoll)
        {
            await ended.Task.WaitAsync(TestWorkers.Patience);
            Assert.True(second is null || second.IsClosed);
        }

        peer.Dispose();

        async ValueTask RetryAsync()
        {
            try
            {
                await connection.ReadAsync(new byte[1]);
            }
            catch (NetException)
            {
                try
                {
                    second = await TcpConnector.ConnectAsync(address);
                    await second.ReadAsync(new byte[1]);
                }
                catch (NetException)
                {
                    ended.SetResult();
                }
            }
        }
    }

    [Fact]
    public async Task A_group_that_was_never_started_stops_at_once()
    {
        var group = new WorkerGroup("idle", 3);
        await group.StopAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(3, group.Workers.Count);
        Assert.Equal("idle/2", group.Workers[2].Name);
        Assert.Equal(2, group.Workers[2].Index);
        Assert.Same(group, group.Workers[2].Group);
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerGroup("none", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerGroup("many", 1025));
    }

    [Fact]
    public async Task Both_pollers_can_be_chosen_by_code()
    {
        await using var portable = new WorkerGroup("portable", 1, new WorkerGroupOptions { Poller = PollerKind.Portable });
        portable.Start();
        Assert.Equal("portable", await portable.Workers[0].RunAsync(() => new ValueTask<string>(Worker.Current!.Poller.Name)).WaitAsync(TestWorkers.Patience));
        Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll needs Linux");
        await using var epoll = new WorkerGroup("epoll", 1, new WorkerGroupOptions { Poller = PollerKind.Epoll });
        epoll.Start();
        Assert.Equal("epoll", await epoll.Workers[0].RunAsync(() => new ValueTask<string>(Worker.Current!.Poller.Name)).WaitAsync(TestWorkers.Patience));
    }

    [Fact]
    public void The_least_loaded_worker_is_the_one_with_the_fewest_connections_and_then_the_first()
    {
        var group = new WorkerGroup("load", 3);
        Assert.Same(group.Workers[0], group.LeastLoaded());
        group.Workers[0].AddLoad(1);
        Assert.Same(group.Workers[1], group.LeastLoaded());
        group.Workers[1].AddLoad(2);
        group.Workers[2].AddLoad(1);
        Assert.Same(group.Workers[0], group.LeastLoaded());
        group.Workers[0].AddLoad(2);
        Assert.Same(group.Workers[2], group.LeastLoaded());
        group.Workers[0].AddLoad(-3);
        Assert.Same(group.Workers[0], group.LeastLoaded());
    }
}
