using Securely.Hosting;
using Securely.Net;

namespace Securely.Network.Tests.Hosting;

public sealed class ServerTests
{
    [Fact]
    public async Task A_dependant_starts_only_when_what_it_depends_on_is_ready()
    {
        await using var stage = new ServerStage();
        var store = new FakeService("store", stage.Journal) { IsReadyAtOnce = false };
        var proxy = stage.Service("proxy");
        var handle = stage.Server.Add(store);
        stage.Server.Add(proxy, handle);
        stage.Begin();
        await ServerStage.Soon(store.Started);

        Assert.False(proxy.Started.IsCompleted);
        Assert.False(handle.Ready.IsCompleted);
        stage.Clock.Advance(TimeSpan.FromMilliseconds(1500));
        store.MarkReady();
        await stage.ReachedAsync(ExecutionPhase.Running);
        Assert.Equal(["store starts", "store is ready", "proxy starts", "proxy is ready"], stage.Journal);
        Assert.Contains("Information: Service [proxy] waited 1500 ms for the services that it depends on", stage.Log.Lines);
    }

    [Fact]
    public async Task Services_end_in_the_opposite_order_each_after_its_dependants()
    {
        await using var stage = new ServerStage();
        var store = stage.Server.Add(stage.Service("store"));
        var proxy = new FakeService("proxy", stage.Journal) { ReturnsWhenTold = false };
        stage.Server.Add(proxy, store);
        await stage.RunAsync();
        stage.Journal.Clear();
        stage.Signals.Send(ServerSignal.Terminate);
        await ServerStage.Soon(proxy.Told);

        Assert.Equal(["proxy is told"], stage.Journal);
        proxy.Return();
        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(["proxy is told", "proxy ends", "store is told", "store ends"], stage.Journal);
    }

    [Fact]
    public async Task The_grace_period_ends_as_soon_as_all_services_have_returned()
    {
        await using var stage = new ServerStage();
        var busy = new FakeService("busy") { ReturnsWhenTold = false };
        await stage.RunAsync(busy, stage.Service("idle"));
        stage.Signals.Send(ServerSignal.Terminate);
        await stage.ReachedAsync(ExecutionPhase.ShutdownGracePeriod);
        await ServerStage.Soon(stage.Clock.ArmedAsync(TimeSpan.FromSeconds(300)));
        Assert.False(stage.Running.IsCompleted);

        busy.Return();
        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(0, stage.Clock.GetTimestamp());
    }

    [Fact]
    public async Task The_grace_period_is_not_longer_than_it_may_be()
    {
        await using var stage = new ServerStage(new ServerOptions { Threads = 1, GracePeriodSeconds = 7, GracefulShutdownTimeoutSeconds = 2 });
        var store = stage.Service("store");
        var busy = new FakeService("busy") { ReturnsWhenTold = false };
        stage.Server.Add(busy, stage.Server.Add(store));
        await stage.RunAsync();
        stage.Signals.Send(ServerSignal.Terminate);
        await ServerStage.Soon(stage.Clock.ArmedAsync(TimeSpan.FromSeconds(7)));
        Assert.False(store.Told.IsCompleted);

        stage.Clock.Advance(TimeSpan.FromSeconds(7));
        await stage.ReachedAsync(ExecutionPhase.ShutdownRuntimes);
        await ServerStage.Soon(store.Told);
        await ServerStage.Soon(stage.Clock.ArmedAsync(TimeSpan.FromSeconds(2)));
        Assert.False(stage.Running.IsCompleted);

        stage.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await stage.ExitCode);
        Assert.Contains("Warning: Grace period of 7 s is over and [busy], [store] have not ended; what they still do is cut off", stage.Log.Lines.Select(Ordered));
        Assert.Contains("Warning: Service [busy] has not returned; it is left behind", stage.Log.Lines);

        static string Ordered(string line) => line.Replace("[store], [busy]", "[busy], [store]", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fast_end_waits_for_nobody()
    {
        await using var stage = new ServerStage();
        var busy = new FakeService("busy") { ReturnsWhenTold = false };
        await stage.RunAsync(busy);
        await ServerStage.Soon(stage.Server.StopAsync(ShutdownKind.Fast, TestContext.Current.CancellationToken).AsTask());

        Assert.True(busy.Told.IsCompleted);
        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(0, stage.Clock.GetTimestamp());
    }

    [Theory]
    [InlineData(ServerSignal.Terminate)]
    [InlineData(ServerSignal.Interrupt)]
    public async Task A_second_signal_makes_a_graceful_end_a_fast_one(ServerSignal second)
    {
        await using var stage = new ServerStage();
        await stage.RunAsync(new FakeService("busy") { ReturnsWhenTold = false });
        stage.Signals.Send(ServerSignal.Terminate);
        await stage.ReachedAsync(ExecutionPhase.ShutdownGracePeriod);
        stage.Signals.Send(second);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(ExecutionPhase.ShutdownRuntimes, stage.Phases.ElementAt(stage.Phases.Count() - 2));
        Assert.Contains($"Warning: SIG{(second == ServerSignal.Terminate ? "TERM" : "INT")} received again: the graceful shutdown becomes a fast one", stage.Log.Lines);
    }

    [Fact]
    public async Task A_first_SIGTERM_leaves_a_graceful_end_graceful()
    {
        await using var stage = new ServerStage();
        var busy = new FakeService("busy") { ReturnsWhenTold = false };
        await stage.RunAsync(busy);
        var stopping = stage.Server.StopAsync(ShutdownKind.Graceful, TestContext.Current.CancellationToken).AsTask();
        await stage.ReachedAsync(ExecutionPhase.ShutdownGracePeriod);
        stage.Signals.Send(ServerSignal.Terminate);
        await ServerStage.Soon(stage.Clock.ArmedAsync(TimeSpan.FromSeconds(300)));

        Assert.Equal(ExecutionPhase.ShutdownGracePeriod, stage.Server.Phase);
        busy.Return();
        await ServerStage.Soon(stopping);
        Assert.Equal(0, await stage.ExitCode);
    }

    [Theory]
    [InlineData(ServerSignal.HangUp, "SIGHUP")]
    [InlineData(ServerSignal.Quit, "SIGQUIT")]
    [InlineData(ServerSignal.User1, "SIGUSR1")]
    public async Task Signals_without_a_meaning_yet_are_logged(ServerSignal signal, string name)
    {
        await using var stage = new ServerStage();
        await stage.RunAsync();
        stage.Signals.Send(signal);

        Assert.Contains($"Warning: {name} is not available yet", stage.Log.Lines);
        Assert.Equal(ExecutionPhase.Running, stage.Server.Phase);
    }

    [Fact]
    public async Task A_service_that_fails_ends_the_server_with_one()
    {
        await using var stage = new ServerStage();
        var a = stage.Service("a");
        var b = stage.Service("b");
        await stage.RunAsync(a, b);
        a.Fail(new InvalidOperationException("broken"));

        Assert.Equal(1, await stage.ExitCode);
        Assert.DoesNotContain(ExecutionPhase.ShutdownGracePeriod, stage.Phases);
        Assert.Contains("Error: Service [a] failed; the server ends", stage.Log.Lines);
        await ServerStage.Soon(b.Told);
    }

    [Fact]
    public async Task A_service_that_fails_before_it_is_ready_ends_the_server_before_dependants_start()
    {
        await using var stage = new ServerStage();
        var a = new FakeService("a") { IsReadyAtOnce = false };
        var b = stage.Service("b");
        var first = stage.Server.Add(a);
        var second = stage.Server.Add(b, first);
        stage.Begin();
        a.Fail(new InvalidOperationException("no port"));

        Assert.Equal(1, await stage.ExitCode);
        Assert.False(b.Started.IsCompleted);
        Assert.DoesNotContain(ExecutionPhase.Running, stage.Phases);
        Assert.Contains("Error: Service [a] failed before it was ready; the server ends", stage.Log.Lines);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => first.Ready);
        Assert.Equal("Service [a] ended before it was ready", error.Message);
        Assert.Equal("no port", error.InnerException!.Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => second.Ready);
    }

    [Fact]
    public async Task A_service_that_ends_before_it_is_ready_ends_the_server_with_one()
    {
        await using var stage = new ServerStage();
        var a = new FakeService("a") { IsReadyAtOnce = false };
        stage.Server.Add(a);
        stage.Begin();
        a.Return();

        Assert.Equal(1, await stage.ExitCode);
        Assert.Contains("Error: Service [a] ended before it was ready; the server ends", stage.Log.Lines);
    }

    [Fact]
    public async Task A_service_that_is_done_ends_alone()
    {
        await using var stage = new ServerStage();
        var once = stage.Service("once");
        var other = stage.Service("other");
        await stage.RunAsync(once, other);
        once.Return();
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Contains("Information: Service [once] has ended", stage.Log.Lines);
    }

    [Fact]
    public async Task A_failure_while_ending_lets_the_others_finish_and_is_the_exit_code()
    {
        await using var stage = new ServerStage();
        var a = new FakeService("a") { ReturnsWhenTold = false };
        var b = new FakeService("b") { ReturnsWhenTold = false };
        await stage.RunAsync(a, b);
        stage.Signals.Send(ServerSignal.Terminate);
        await stage.ReachedAsync(ExecutionPhase.ShutdownGracePeriod);
        await ServerStage.Soon(a.Told);
        a.Fail(new InvalidOperationException("broken"));
        await ServerStage.Soon(stage.Clock.ArmedAsync(TimeSpan.FromSeconds(300)));
        Assert.Equal(ExecutionPhase.ShutdownGracePeriod, stage.Server.Phase);
        b.Return();

        Assert.Equal(1, await stage.ExitCode);
        Assert.Contains("Error: Service [a] failed while it was ending", stage.Log.Lines);
    }

    [Fact]
    public async Task A_service_that_still_waits_for_another_one_does_not_hold_up_the_end()
    {
        await using var stage = new ServerStage();
        var never = new FakeService("never", stage.Journal) { IsReadyAtOnce = false };
        var waiting = stage.Service("waiting");
        stage.Server.Add(waiting, stage.Server.Add(never));
        stage.Begin();
        await ServerStage.Soon(never.Started);
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.False(waiting.Started.IsCompleted);
        Assert.Equal(["never starts", "never is told", "never ends"], stage.Journal);
    }

    [Fact]
    public async Task Each_service_has_workers_of_its_own()
    {
        await using var stage = new ServerStage(new ServerOptions { Threads = 3, WorkStealing = false, GracePeriodSeconds = 9 });
        var common = stage.Service("common");
        var single = new FakeService("single") { Threads = 1 };
        await stage.RunAsync(common, single);

        Assert.Equal((3, 1), (common.Context!.Workers.Workers.Count, single.Context!.Workers.Workers.Count));
        Assert.Equal("single", single.Context.Workers.Name);
        Assert.NotSame(common.Context.Workers, single.Context.Workers);
        Assert.Same(common.Context.Sockets, single.Context.Sockets);
        Assert.Same(stage.Clock, common.Context.Time);
        Assert.Equal(TimeSpan.FromSeconds(9), common.Context.GracePeriod);
        Assert.False(common.Context.Workers.Options.WorkStealing);
    }

    [Fact]
    public async Task A_server_runs_once()
    {
        await using var stage = new ServerStage();
        await stage.RunAsync();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => stage.Server.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal("The server has been started before; make a new one", error.Message);
    }

    [Fact]
    public async Task A_server_that_was_stopped_before_it_runs_starts_no_service()
    {
        await using var stage = new ServerStage();
        var a = stage.Service("a");
        stage.Server.Add(a);
        await stage.Server.StopAsync(ShutdownKind.Graceful, TestContext.Current.CancellationToken);
        stage.Begin();

        Assert.Equal(0, await stage.ExitCode);
        Assert.False(a.Started.IsCompleted);
    }

    [Fact]
    public async Task Disposing_ends_a_server_that_runs()
    {
        var stage = new ServerStage();
        await stage.RunAsync(stage.Service("a"));
        await ServerStage.Soon(stage.DisposeAsync().AsTask());

        Assert.Equal(0, await stage.ExitCode);
        await stage.DisposeAsync();
    }

    [Fact]
    public async Task The_token_of_StopAsync_ends_only_the_waiting()
    {
        using var enough = new CancellationTokenSource();
        await using var stage = new ServerStage();
        var busy = new FakeService("busy") { ReturnsWhenTold = false };
        await stage.RunAsync(busy);
        var stopping = stage.Server.StopAsync(ShutdownKind.Graceful, enough.Token).AsTask();
        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
        busy.Return();
        Assert.Equal(0, await stage.ExitCode);
    }

    [Fact]
    public async Task A_callback_of_a_service_that_fails_is_logged()
    {
        await using var stage = new ServerStage();
        var sour = new BackgroundService("sour", (context, shutdown) =>
        {
            shutdown.Register(() => throw new InvalidOperationException("no"));
            var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            shutdown.Register(() => told.TrySetResult());
            return told.Task;
        });
        await stage.RunAsync(sour);
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Contains("Error: Service [sour] failed to take the request to end", stage.Log.Lines);
    }

    [Theory]
    [InlineData(ShutdownKind.Graceful)]
    [InlineData(ShutdownKind.Fast)]
    public async Task Runs_a_background_service_on_a_worker_to_its_end(ShutdownKind kind)
    {
        await using var stage = new ServerStage();
        var ended = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var background = new BackgroundService("background", async (context, shutdown) =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, shutdown);
            }
            finally
            {
                ended.TrySetResult(Worker.Current?.Name);
            }
        });
        await stage.RunAsync(background);
        await ServerStage.Soon(stage.Server.StopAsync(kind, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal("background/0", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(ShutdownKind.Graceful)]
    [InlineData(ShutdownKind.Fast)]
    public async Task Releases_the_port_of_a_listening_service(ShutdownKind kind)
    {
        await using var stage = new ServerStage();
        var listening = new ListeningService("listening", new RefusingHandler());
        listening.AddTcp("127.0.0.1:0");
        await stage.RunAsync(listening);
        var bound = listening.BoundEndPoints[0];
        await ServerStage.Soon(stage.Server.StopAsync(kind, TestContext.Current.CancellationToken).AsTask());

        using var again = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        again.Bind(bound);
    }

    [Fact]
    public async Task An_address_in_use_ends_the_server_with_one()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var taken = new ListenSockets();
        taken.ListenUnix(path);
        await using var stage = new ServerStage();
        var listening = new ListeningService("listening", new RefusingHandler());
        listening.AddUnix(path);
        var handle = stage.Server.Add(listening);
        stage.Begin();

        Assert.Equal(1, await stage.ExitCode);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => handle.Ready);
        Assert.Equal(NetErrorKind.BindError, Assert.IsType<NetException>(error.InnerException).Kind);
    }

    private sealed class RefusingHandler : IConnectionHandler
    {
        public ValueTask HandleAsync(Connection connection, CancellationToken shutdown) => ValueTask.CompletedTask;
    }
}
