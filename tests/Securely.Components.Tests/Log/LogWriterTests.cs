using System.Globalization;
using System.Threading.Channels;
using Securely.Log;

namespace Securely.Components.Tests.Log;

/// <summary>The queue between who logs and who writes.</summary>
public sealed class LogWriterTests : IAsyncDisposable
{
    private static readonly KeyValuePair<string, object?>[] Context = [new("order", 7)];

    private readonly TakingTarget _target = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _target.DisposeAsync();

    [Fact]
    public async Task Each_line_is_written_without_a_flush_after_a_pause_or_none()
    {
        await using var log = Manager(capacity: 8192);
        for (var i = 0; i < 500; i++)
        {
            var line = i.ToString(CultureInfo.InvariantCulture);
            log.Channel().Info(line);
            if (i % 3 == 0)
                continue;
            // What is not written wakes nobody here: the test ends by its limit then.
            while (await _target.Lines.Reader.ReadAsync(Token) != line)
            {
            }
        }
    }

    [Fact]
    public async Task Several_threads_lose_nothing_and_each_keeps_its_order()
    {
        const int Threads = 4;
        const int Each = 5000;
        await using var log = Manager(capacity: Threads * Each);
        var channel = log.Channel();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < Each; i++)
                    channel.Info(string.Create(CultureInfo.InvariantCulture, $"{thread} {i}"));
            },
            Token)));
        await log.FlushAsync(Token);

        var next = new int[Threads];
        while (_target.Lines.Reader.TryRead(out var line))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var thread = int.Parse(line[..space], CultureInfo.InvariantCulture);
            Assert.Equal(next[thread]++, int.Parse(line[(space + 1)..], CultureInfo.InvariantCulture));
        }

        Assert.All(next, count => Assert.Equal(Each, count));
        Assert.Equal(0, log.Dropped);
    }

    [Fact]
    public async Task Whoever_logs_allocates_nothing()
    {
        await using var log = Manager(capacity: 8192);
        var channel = log.Channel();
        channel.WithContext(new KeyValuePair<string, object?>("app", "shop"));
        Repeat(channel);
        await log.FlushAsync(Token);

        // No await in between: it is this thread that is asked.
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(channel);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, allocated);
    }

    [Fact]
    public async Task Closing_writes_what_waits_and_a_flush_afterwards_ends()
    {
        var log = Manager(capacity: 8192);
        for (var i = 0; i < 1000; i++)
            log.Channel().Info("line");
        var channel = log.Channel();
        await log.DisposeAsync();
        channel.Info("too late");
        await log.FlushAsync(Token);

        Assert.Equal(1000, _target.Lines.Reader.Count);
        Assert.Equal(1, channel.Handlers[0].Dropped);
    }

    private static void Repeat(LogChannel channel)
    {
        for (var i = 0; i < 16; i++)
            channel.Info("a line", Context);
    }

    private LogManager Manager(int capacity)
    {
        var log = new LogManager(new LogOptions
        {
            Default = "main",
            Capacity = capacity,
            Channels = new Dictionary<string, LogChannelOptions>(StringComparer.Ordinal) { ["main"] = new() { Driver = "taken", Formatter = new LineFormatter("%message%") } },
        });
        log.Extend("taken", _ => _target);
        return log;
    }

    private sealed class TakingTarget : LogTarget
    {
        public Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();

        public override ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken)
        {
            foreach (var line in lines)
                Lines.Writer.TryWrite(line.Text);
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
