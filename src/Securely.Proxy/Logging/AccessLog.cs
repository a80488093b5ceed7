using System.Net;
using Microsoft.Extensions.Logging;
using Securely.Http;
using Securely.Net;

namespace Securely.Proxy;

/// <summary>
/// A line for each finished request. Workers copy what a line needs into a bounded queue each and go on; a thread of the log's own formats and
/// writes. A disk that is slow costs lines, which are counted, and never a request.
/// </summary>
/// <remarks>
/// Life: 1. made, which opens the file; 2. given to services with <see cref="ProxyServiceOptions.AccessLog"/>; 3. disposed after they have ended,
/// which writes what still waits. Nothing that a client sends can end a line or reach a terminal as a control character. Thread-safe.
/// </remarks>
public sealed class AccessLog : IDisposable
{
    private readonly AccessLogOptions _options;
    private readonly AccessLogField[] _fields;
    private readonly RecordLog _log;

    /// <summary>Opens the log and starts its thread.</summary>
    /// <param name="options">What is written, and where.</param>
    /// <param name="logger">Where lost lines are reported, once a second at most; nowhere when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="standardOutput">What <see cref="AccessLogOptions.StandardOutput"/> stands for; the process's own when null. It is not closed.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a field is not known.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public AccessLog(AccessLogOptions options, ILogger? logger = null, TimeProvider? time = null, Stream? standardOutput = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Sample is not (> 0 and <= 1))
            throw new ArgumentException($"Sample [{options.Sample}] is no share of requests; it is above 0 and at most 1.", nameof(options));
        _options = options;
        (_fields, var formatter) = AccessLogLayout.Compile(options);
        _log = new RecordLog(new RecordLogOptions { Name = "Access log", Path = options.Path, QueueBytes = options.QueueBytes }, formatter.Format, logger, time, standardOutput);
    }

    /// <summary>The names of all fields but those of single headers.</summary>
    public static IReadOnlyCollection<string> FieldNames => [.. AccessLogField.Named.Keys];

    /// <summary>The fields of a JSON line for whoever names none.</summary>
    public static IReadOnlyList<string> DefaultFields { get; } =
    [
        "time", "client", "method", "host", "path", "query", "protocol", "status", "bytes", "request_bytes", "duration", "site", "upstream", "upstream_address",
        "upstream_status", "upstream_time", "tries", "referer", "user_agent", "error",
    ];

    /// <summary>How long the end waits for a disk that takes nothing.</summary>
    internal TimeSpan Patience
    {
        init => _log.Patience = value;
    }

    /// <summary>Lines written.</summary>
    public long Lines => _log.Lines;

    /// <summary>Lines that were lost because the queue of their worker was full.</summary>
    public long DroppedByQueue => _log.DroppedByQueue;

    /// <summary>Lines that were lost because a write failed.</summary>
    public long DroppedByWrite => _log.DroppedByWrite;

    /// <summary>Whether there is a field of a name.</summary>
    /// <param name="name">One of <see cref="FieldNames"/>, <c>header:NAME</c> or <c>response_header:NAME</c>.</param>
    /// <returns>Whether a line can have it.</returns>
    public static bool IsField(string name) => AccessLogField.Parse(name, []) is not null;

    /// <summary>
    /// Opens the file once more, for whoever has moved it; requests that ended before are in the old one. One that is gone is noticed without it,
    /// within a second.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The path; null for standard output.</returns>
    /// <exception cref="IOException">It cannot be opened, so that the log goes on in the old file.</exception>
    public Task<string?> ReopenAsync(CancellationToken cancellationToken = default) => _log.ReopenAsync(cancellationToken);

    /// <summary>Waits until the requests that have ended by now are written, or lost.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends with the write.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _log.FlushAsync(cancellationToken);

    /// <summary>Writes what waits and closes the file. A disk that takes nothing is waited for five seconds at most.</summary>
    public void Dispose() => _log.Dispose();

    /// <summary>Counts lines in a registry.</summary>
    internal void ShowIn(MetricsRegistry registry)
    {
        registry.Counter(new MetricDefinition("securely_access_log_lines_total", "Lines of the access log that were written.")).Observe(() => Lines);
        var dropped = registry.Counter(new MetricDefinition("securely_access_log_dropped_total", "Lines of the access log that were lost, because a queue was full or a write failed.") { Labels = ["reason"] });
        dropped.Observe(() => DroppedByQueue, "queue_full");
        dropped.Observe(() => DroppedByWrite, "write_failed");
    }

    /// <summary>A recorder for each worker of a group.</summary>
    internal AccessLogRecorder[] Attach(WorkerGroup workers) => [.. workers.Workers.Select(worker => new AccessLogRecorder(_fields, _options.Sample, worker.Index, _log.AddQueue()))];

    /// <summary>Records a finished request; called on its worker.</summary>
    internal void Add(AccessLogRecorder recorder, ref AccessLogHead head, ServerSession? session, in RequestCourse course, EndPoint? upstream) =>
        _log.TryAdd(recorder.Queue, recorder.Make(ref head, session, in course, upstream));
}
