using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Cli.Tests.Tracing;

/// <summary>An exporter of a source of its own, so that tests that run beside each other do not hear each other.</summary>
internal sealed class RunningExporter : IAsyncDisposable, ILogger
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ActivitySource _source = new(Guid.NewGuid().ToString());
    private readonly CancellationTokenSource _shutdown = new();
    private readonly ListenSockets _sockets = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly WorkerGroup _workers = new("traces", 1, new WorkerGroupOptions());
    private readonly Task _running;

    public RunningExporter(ScriptedReceiver receiver, TracesOptions? options = null)
    {
        Exporter = new TraceExporter(options ?? Options, Time, _source.Name, receiver);
        var ready = new TaskCompletionSource();
        _running = Exporter.RunAsync(new ServiceContext(_workers, _sockets, this, Time, TimeSpan.FromSeconds(10), ready.SetResult), _shutdown.Token);
        Assert.True(ready.Task.IsCompleted);
    }

    public static TracesOptions Options { get; } = new() { Endpoint = new Uri("http://collector.test:4318") };

    public SteppedTime Time { get; } = new();

    public TraceExporter Exporter { get; }

    public IReadOnlyCollection<string> Log => _log;

    /// <summary>Exported, lost in the queue, refused, undelivered.</summary>
    public (long, long, long, long) Figures => (Exporter.Exported, Exporter.DroppedByQueue, Exporter.Refused, Exporter.Undelivered);

    /// <summary>Makes spans; returns how many were recorded.</summary>
    public int Make(int count = 1, ActivityContext parent = default)
    {
        var recorded = 0;
        for (var i = 0; i < count; i++)
        {
            Activity.Current = null;
            using var span = _source.StartActivity("span", ActivityKind.Server, parent);
            recorded += span is { Recorded: true } ? 1 : 0;
        }

        return recorded;
    }

    public Task TellToEndAsync() => _shutdown.CancelAsync();

    public async Task EndAsync()
    {
        await TellToEndAsync();
        await _running.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Exporter.Dispose();
        _source.Dispose();
        _shutdown.Dispose();
        _sockets.Dispose();
        await _workers.DisposeAsync();
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue($"{logLevel}: {formatter(state, exception)}");
}
