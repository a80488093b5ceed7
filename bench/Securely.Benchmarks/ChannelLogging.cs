using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Securely.Log;

namespace Securely.Benchmarks;

/// <summary>What a line of 200 bytes costs whoever logs it, beside a bare write to a channel; neither waits for the writer.</summary>
[MemoryDiagnoser]
public class ChannelLogging : IAsyncDisposable
{
    private static readonly string Message = new('x', 150);
    private static readonly KeyValuePair<string, object?>[] Context = [new("order", 7), new("customer", "Ann")];

    private readonly Channel<object> _bare = System.Threading.Channels.Channel.CreateBounded<object>(new BoundedChannelOptions(8192) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly string _folder = Directory.CreateTempSubdirectory("securely-").FullName;
    private LogManager _manager = null!;
    private LogChannel _file = null!;

    [GlobalSetup]
    public void Setup()
    {
        _manager = new LogManager(new LogOptions
        {
            Default = "file",
            Channels = new Dictionary<string, LogChannelOptions>(StringComparer.Ordinal) { ["file"] = new() { Driver = "single", Path = Path.Combine(_folder, "app.log"), Level = "info" } },
        });
        _file = _manager.Channel();
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _manager.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark(Baseline = true)]
    public bool BareTryWrite() => _bare.Writer.TryWrite(new object());

    [Benchmark]
    public void ToFile() => _file.Info(Message, Context);

    [Benchmark]
    public void BelowTheLevel() => _file.Debug(Message, Context);
}
