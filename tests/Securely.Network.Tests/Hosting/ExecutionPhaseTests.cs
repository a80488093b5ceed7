using Securely.Hosting;

namespace Securely.Network.Tests.Hosting;

public sealed class ExecutionPhaseTests
{
    private static readonly ExecutionPhase[] Graceful =
    [
        ExecutionPhase.Bootstrap, ExecutionPhase.BootstrapComplete, ExecutionPhase.Running, ExecutionPhase.GracefulTerminate,
        ExecutionPhase.ShutdownStarted, ExecutionPhase.ShutdownGracePeriod, ExecutionPhase.ShutdownRuntimes, ExecutionPhase.Terminated,
    ];

    private static readonly ExecutionPhase[] Fast =
    [
        ExecutionPhase.Bootstrap, ExecutionPhase.BootstrapComplete, ExecutionPhase.Running, ExecutionPhase.ShutdownStarted,
        ExecutionPhase.ShutdownRuntimes, ExecutionPhase.Terminated,
    ];

    [Fact]
    public async Task SIGTERM_ends_gracefully()
    {
        await using var stage = new ServerStage();
        await stage.RunAsync(stage.Service("a"));
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(Graceful, stage.Phases);
        Assert.Equal(ExecutionPhase.Terminated, stage.Server.Phase);
        Assert.False(stage.Signals.IsSubscribed);
    }

    [Fact]
    public async Task SIGINT_ends_fast()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Ctrl-C is graceful there");
        await using var stage = new ServerStage();
        await stage.RunAsync(stage.Service("a"));
        stage.Signals.Send(ServerSignal.Interrupt);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(Fast, stage.Phases);
    }

    [Fact]
    public async Task The_token_ends_gracefully()
    {
        using var stop = new CancellationTokenSource();
        await using var stage = new ServerStage();
        stage.Begin(stop.Token);
        await stage.ReachedAsync(ExecutionPhase.Running);
        await stop.CancelAsync();

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(Graceful, stage.Phases);
    }

    [Theory]
    [InlineData(ShutdownKind.Graceful)]
    [InlineData(ShutdownKind.Fast)]
    public async Task StopAsync_ends_and_waits_for_the_end(ShutdownKind kind)
    {
        await using var stage = new ServerStage();
        await stage.RunAsync(stage.Service("a"));
        await ServerStage.Soon(stage.Server.StopAsync(kind, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal(ExecutionPhase.Terminated, stage.Server.Phase);
        Assert.Equal(kind == ShutdownKind.Graceful ? Graceful : Fast, stage.Phases);
    }

    [Fact]
    public async Task The_first_phase_is_never_announced()
    {
        await using var stage = new ServerStage();

        Assert.Equal(ExecutionPhase.Setup, stage.Server.Phase);
        await stage.Server.BootstrapAsync(TestContext.Current.CancellationToken);
        Assert.Equal([ExecutionPhase.Bootstrap, ExecutionPhase.BootstrapComplete], stage.Phases);
    }

    [Fact]
    public async Task Bootstrap_happens_once()
    {
        await using var stage = new ServerStage();
        await stage.Server.BootstrapAsync(TestContext.Current.CancellationToken);
        await stage.Server.BootstrapAsync(TestContext.Current.CancellationToken);
        await stage.RunAsync();
        stage.Signals.Send(ServerSignal.Terminate);
        await stage.ExitCode;

        Assert.Equal(Graceful, stage.Phases);
    }

    [Fact]
    public async Task Running_is_left_out_when_the_end_comes_before_everything_is_ready()
    {
        await using var stage = new ServerStage();
        var slow = new FakeService("slow") { IsReadyAtOnce = false };
        stage.Server.Add(slow);
        stage.Begin();
        await ServerStage.Soon(slow.Started);
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(Graceful.Where(p => p != ExecutionPhase.Running), stage.Phases);
    }

    [Fact]
    public async Task A_handler_that_fails_is_logged_and_holds_nothing_up()
    {
        await using var stage = new ServerStage();
        var seen = 0;
        stage.Server.PhaseChanged += _ => throw new InvalidOperationException("no");
        stage.Server.PhaseChanged += _ => seen++;
        await stage.RunAsync();
        stage.Signals.Send(ServerSignal.Terminate);

        Assert.Equal(0, await stage.ExitCode);
        Assert.Equal(Graceful.Length, seen);
        Assert.Contains("Error: A handler of phase [Running] failed", stage.Log.Lines);
    }
}
