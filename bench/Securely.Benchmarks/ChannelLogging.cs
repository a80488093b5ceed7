using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Securely.Log;

namespace Securely.Benchmarks;

/// <summary>
/// What a line of 200 bytes costs whoever logs it, beside a bare write to a bounded channel of as large a structure. Both have a reader that is at work meanwhile, and room
/// for all lines of an iteration: nothing is dropped, and the caller waits for nothing. What readers allocate is in the column too.
/// </summary>
[MemoryDiagnoser]
[WarmupCount(20)]
[IterationCount(60)]
public class ChannelLogging : IAsyncDisposable
{
    private const int Capacity = 8192;
    private const int Lines = 4096;

    private static readonly string Message = new('x', 130);
    private static readonly KeyValuePair<string, object?>[] Context = [new("order", 7), new("customer", "Ann")];

    private readonly Channel<Entry> _bare = Channel.CreateBounded<Entry>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly string _folder = Directory.CreateTempSubdirectory("securely-").FullName;
    private Task _reading = Task.CompletedTask;
    private LogManager _manager = null!;
    private LogChannel _file = null!;
    private long _read;

    [GlobalSetup]
    public void Setup()
    {
        _manager = new LogManager(new LogOptions
        {
            Default = "file",
            Capacity = Capacity,
            Channels = new Dictionary<string, LogChannelOptions>(StringComparer.Ordinal) { ["file"] = new() { Driver = "single", Path = Path.Combine(_folder, "app.log"), Level = "info" } },
        });
        _file = _manager.Channel();
        _reading = Task.Run(ReadAllAsync);
    }

    /// <summary>Waits for both readers, outside of what is measured.</summary>
    [IterationCleanup]
    public void Drain()
    {
        SpinWait.SpinUntil(() => _bare.Reader.Count == 0);
        _manager.FlushAsync().GetAwaiter().GetResult();
        if (_manager.Dropped > 0)
            throw new InvalidOperationException($"{_manager.Dropped} lines were dropped, so this measures something else");
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _bare.Writer.Complete();
        await _reading;
        await _manager.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lines)]
    public bool BareTryWrite()
    {
        var wasWritten = true;
        for (var i = 0; i < Lines; i++)
            wasWritten &= _bare.Writer.TryWrite(new Entry(i, i, Message, Context, Context, Context, _file));
        return wasWritten;
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public void ToFile()
    {
        for (var i = 0; i < Lines; i++)
            _file.Info(Message, Context);
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public void BelowTheLevel()
    {
        for (var i = 0; i < Lines; i++)
            _file.Debug(Message, Context);
    }

    private async Task ReadAllAsync()
    {
        await foreach (var entry in _bare.Reader.ReadAllAsync())
            _read += entry.Time;
    }

    /// <summary>As large as what the log puts into its queue.</summary>
    private readonly record struct Entry(long Time, int Severity, object Message, object Context, object Own, object Extra, object Channel);
}
