using Securely.Log;
using Securely.Testing;

namespace Securely.Components.Tests.Log;

/// <summary>Stacks of stacks, channels that are given back, and old files of a daily log.</summary>
public sealed class LogChannelLifeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;
    private readonly StringWriter _error = new() { NewLine = "\n" };
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2025, 3, 15, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _error.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_stack_may_have_stacks_in_it()
    {
        var target = new ClosingTarget();
        await using var log = Manager(("outer", Stack("inner")), ("inner", Stack("leaf", "leaf")), ("leaf", new LogChannelOptions { Driver = "closing" }));
        log.Extend("closing", _ => target);
        log.Channel("outer").Info("line");
        await log.FlushAsync(Token);
        Assert.Equal("line\nline\n", target.Text);
    }

    [Fact]
    public async Task A_stack_that_has_itself_in_it_is_refused()
    {
        await using var log = Manager(("a", Stack("b")), ("b", Stack("c")), ("c", Stack("b")));
        log.Channel("a").Info("line");
        await log.FlushAsync(Token);
        Assert.Contains("Log [b] is a stack that has itself in it: [b] > [c] > [b]; take it out of [c].", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("line", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_was_given_back_closes_its_target()
    {
        var target = new ClosingTarget();
        await using var log = Manager();
        log.Extend("closing", _ => target);
        var channel = log.Build(new LogChannelOptions { Driver = "closing", Formatter = new LineFormatter("%message%\n") });
        channel.Info("line");
        await log.ReleaseAsync(channel);
        Assert.True(target.Closed.Task.IsCompleted);
        Assert.Equal("line\n", target.Text);
        channel.Info("too late");
        Assert.Equal(1, channel.Handlers[0].Dropped);
    }

    [Fact]
    public async Task A_channel_that_was_forgotten_closes_what_no_other_writes_to()
    {
        var (alone, both) = (new ClosingTarget(), new ClosingTarget());
        await using var log = Manager(
            ("alone", new LogChannelOptions { Driver = "closing", Path = "alone" }),
            ("both", new LogChannelOptions { Driver = "closing", Path = "both" }),
            ("stack", Stack("both")));
        log.Extend("closing", options => options.Path == "alone" ? alone : both);
        foreach (var name in (string[])["alone", "both", "stack"])
            log.Channel(name).Info("line");
        log.ForgetChannel("both");
        log.ForgetChannel("alone");
        await alone.Closed.Task.WaitAsync(Token);
        Assert.Equal("line\n", alone.Text);
        log.Channel("stack").Info("more");
        await log.FlushAsync(Token);
        Assert.Equal("line\nline\nmore\n", both.Text);
        Assert.False(both.Closed.Task.IsCompleted);
    }

    [Fact]
    public async Task Old_files_that_cannot_be_deleted_lose_no_line_and_are_tried_again()
    {
        var isBusy = true;
        await using var log = Manager(("main", new LogChannelOptions { Driver = "old", Formatter = new LineFormatter("%message%\n") }));
        log.Extend("old", _ => new DailyFileTarget(Path.Combine(_directory, "app.log"), 1, _error.WriteLine, path =>
        {
            if (isBusy)
                throw new IOException("The file is busy");
            File.Delete(path);
        }));
        var old = Path.Combine(_directory, "app-2025-03-01.log");
        await File.WriteAllTextAsync(old, "", Token);
        foreach (var line in (string[])["one", "two"])
        {
            log.Channel("main").Info(line);
            await log.FlushAsync(Token);
        }

        Assert.Equal(0, log.Dropped);
        Assert.Equal($"Old files of the log [{Path.Combine(_directory, "app.log")}] cannot be deleted: The file is busy\n", _error.ToString());
        isBusy = false;
        log.Channel("main").Info("three");
        await log.FlushAsync(Token);
        Assert.False(File.Exists(old));
        Assert.Equal("one\ntwo\nthree\n", await File.ReadAllTextAsync(Path.Combine(_directory, "app-2025-03-15.log"), Token));
    }

    private static LogChannelOptions Stack(params string[] channels) => new() { Driver = "stack", Channels = channels };

    private LogManager Manager(params (string Name, LogChannelOptions Options)[] channels) => new(new LogOptions
    {
        Channels = channels.ToDictionary(
            channel => channel.Name,
            channel => channel.Options.Driver == "closing" ? channel.Options with { Formatter = new LineFormatter("%message%\n") } : channel.Options,
            StringComparer.Ordinal),
        StandardError = _error,
        Time = _time,
    });

    private sealed class ClosingTarget : LogTarget
    {
        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Text { get; private set; } = "";

        public override ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
        {
            Text += string.Concat(lines.Select(line => line.Text));
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            Closed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
