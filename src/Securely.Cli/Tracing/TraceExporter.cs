using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Securely.Net;

namespace Securely.Cli;

/// <summary>
/// Records spans while it runs and sends them to a receiver of OTLP, in batches and beside the requests: a receiver that is slow, or not there, costs
/// spans, which are counted, and never a request.
/// </summary>
/// <remarks>
/// Life: 1. it listens from <see cref="RunAsync"/> on; 2. it sends what has come, once a second or when there is a batch; a receiver that is busy or
/// away is asked again, later each time; 3. told to end, it sends what is left within <see cref="FlushLimit"/>, and stops listening. Whoever makes
/// spans has ended by then.
/// </remarks>
internal sealed partial class TraceExporter : IService, IDisposable
{
    /// <summary>How many spans go out in one request.</summary>
    public const int BatchSize = 512;

    /// <summary>How often a batch is sent at most.</summary>
    public const int MostTries = 5;

    /// <summary>How long a few spans wait for more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How long sending what is left may take at the end.</summary>
    public static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // Whether a trace begins is decided by the worker whose request it is. Asking for the trace's number would make one for each that does not.
    [ThreadStatic]
    private static Random? _draw;

    private readonly TracesOptions _options;
    private readonly string _source;
    private readonly SpanQueue _queue;
    private readonly OtlpWriter _writer;
    private readonly OtlpSender _sender;
    private readonly List<Activity> _batch = new(BatchSize);
    private readonly Random _random = new();
    private long _exported;
    private long _refused;
    private long _undelivered;
    private bool _isFailing;

    /// <summary>Makes an exporter; nothing is recorded before it runs.</summary>
    /// <param name="options">Where to, and what.</param>
    /// <param name="time">The clock of timeouts.</param>
    /// <param name="source">Whose spans.</param>
    /// <param name="handler">How requests are sent; over the network when null.</param>
    public TraceExporter(TracesOptions options, TimeProvider time, string source, HttpMessageHandler? handler = null)
    {
        _options = options;
        _source = source;
        _queue = new SpanQueue(options.Queue, BatchSize);
        _writer = new OtlpWriter(Resource(options.ServiceName));
        _sender = new OtlpSender(options, time, handler);
    }

    public string Name => "traces";

    /// <summary>The fewest there are; it starts none of them.</summary>
    public int? Threads => 1;

    /// <summary>Spans that the receiver has taken.</summary>
    public long Exported => Interlocked.Read(ref _exported);

    /// <summary>Spans that were lost because too many waited.</summary>
    public long DroppedByQueue => _queue.Dropped;

    /// <summary>Spans that the receiver would not have.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Spans that were lost because the receiver could not be reached, or stayed busy, for too long.</summary>
    public long Undelivered => Interlocked.Read(ref _undelivered);

    /// <summary>Adds the figures to a registry.</summary>
    public void ShowIn(MetricsRegistry registry)
    {
        registry.Counter(new MetricDefinition("securely_spans_exported_total", "Spans that the receiver of traces has taken.")).Observe(() => Exported);
        var dropped = registry.Counter(new MetricDefinition("securely_spans_dropped_total", "Spans that were lost, by why.") { Labels = ["reason"] });
        dropped.Observe(() => DroppedByQueue, "queue_full");
        dropped.Observe(() => Refused, "refused");
        dropped.Observe(() => Undelivered, "undelivered");
    }

    public async Task RunAsync(ServiceContext context, CancellationToken shutdown)
    {
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, context.Time);
        using var told = shutdown.UnsafeRegister(_ => end.CancelAfter(FlushLimit), null);
        using (Listen())
        {
            context.MarkReady();
            while (await TakeAsync(context.Time, shutdown))
                await ExportAsync(context, shutdown, end.Token);
        }
    }

    public void Dispose() => _sender.Dispose();

    private static List<KeyValuePair<string, object?>> Resource(string serviceName) =>
    [
        new("service.name", serviceName),
        new("service.version", ProductVersion.Text),
        new("service.instance.id", Guid.NewGuid().ToString()),
        new("host.name", Environment.MachineName),
        new("process.pid", Environment.ProcessId),
        new("telemetry.sdk.name", "securely"),
        new("telemetry.sdk.language", "dotnet"),
        new("telemetry.sdk.version", ProductVersion.Text),
    ];

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == _source,
            Sample = Sample,
            ActivityStopped = span =>
            {
                if (span.Recorded)
                    _queue.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>A trace is recorded whole: whoever began it has decided.</summary>
    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        var isChosen = options.Parent.TraceId != default
            ? (options.Parent.TraceFlags & ActivityTraceFlags.Recorded) != 0
            : _options.Sample >= 1 || (_draw ??= new Random()).NextDouble() < _options.Sample;
        return isChosen ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None;
    }

    /// <summary>Waits for spans; at the end takes what is left, and returns false when that is nothing.</summary>
    private async Task<bool> TakeAsync(TimeProvider time, CancellationToken shutdown)
    {
        _batch.Clear();
        while (_batch.Count == 0)
        {
            try
            {
                await _queue.WaitAsync(Patience, time, shutdown);
            }
            catch (OperationCanceledException)
            {
                _queue.Take(_batch);
                break;
            }

            _queue.Take(_batch);
        }

        return _batch.Count > 0;
    }

    private async Task ExportAsync(ServiceContext context, CancellationToken shutdown, CancellationToken end)
    {
        var request = _writer.Write(_batch);
        for (var tries = 1; ; tries++)
        {
            OtlpAnswer answer;
            try
            {
                answer = await _sender.SendAsync(request, end);
            }
            catch (OperationCanceledException)
            {
                answer = new OtlpAnswer(OtlpOutcome.Unreachable, "no answer before the end");
            }

            if (answer.Outcome is OtlpOutcome.Taken or OtlpOutcome.Refused)
            {
                Conclude(context.Logger, answer);
                return;
            }

            if (tries == MostTries || !await PauseAsync(answer, tries, context.Time, shutdown))
            {
                Interlocked.Add(ref _undelivered, _batch.Count);
                if (!_isFailing)
                    LogUndelivered(context.Logger, _options.Endpoint, Undelivered, answer.Reason);
                _isFailing = true;
                return;
            }
        }
    }

    private void Conclude(ILogger logger, OtlpAnswer answer)
    {
        var refused = answer.Outcome == OtlpOutcome.Refused ? _batch.Count : Math.Min(answer.Rejected, _batch.Count);
        Interlocked.Add(ref _exported, _batch.Count - refused);
        Interlocked.Add(ref _refused, refused);
        if (refused > 0 && !_isFailing)
            LogRefused(logger, _options.Endpoint, Refused, answer.Reason ?? "no reason");
        else if (refused == 0 && _isFailing)
            LogTakes(logger, _options.Endpoint, Undelivered, Refused, DroppedByQueue);
        _isFailing = refused > 0;
    }

    /// <summary>Waits until the receiver may be asked again; false when the end comes first, which waits for nobody.</summary>
    private async Task<bool> PauseAsync(OtlpAnswer answer, int tries, TimeProvider time, CancellationToken shutdown)
    {
        var pause = FirstPause * Math.Pow(2, tries - 1);
        // Many that were told the same must not come back at the same moment.
        pause *= 0.5 + (_random.NextDouble() / 2);
        if (answer.RetryAfter > pause)
            pause = answer.RetryAfter.Value;
        if (pause > LongestPause)
            pause = LongestPause;
        await Task.Delay(pause, time, shutdown).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !shutdown.IsCancellationRequested;
    }

    [LoggerMessage(9010, LogLevel.Warning, "Spans for the receiver of traces [{Endpoint}] are lost, {Lost} by now: {Reason}; no further line until it takes some")]
    private static partial void LogUndelivered(ILogger logger, Uri endpoint, long lost, string? reason);

    [LoggerMessage(9011, LogLevel.Warning, "The receiver of traces [{Endpoint}] refuses spans, {Refused} by now: {Reason}; no further line until it takes them")]
    private static partial void LogRefused(ILogger logger, Uri endpoint, long refused, string reason);

    [LoggerMessage(9012, LogLevel.Information, "The receiver of traces [{Endpoint}] takes spans again; {Undelivered} were not delivered, {Refused} refused, and {Dropped} did not fit into the queue")]
    private static partial void LogTakes(ILogger logger, Uri endpoint, long undelivered, long refused, long dropped);
}
