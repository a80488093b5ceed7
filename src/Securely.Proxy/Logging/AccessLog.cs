using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
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
public sealed partial class AccessLog : IDisposable
{
    private const int WriteAt = 64 * 1024;
    private const int SmallestQueue = 64 * 1024;
    private const int LargestQueue = 1 << 30;

    // How long the thread rests while requests go on: it is not woken for each, and a queue holds far more than comes in that time.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly AccessLogOptions _options;
    private readonly AccessLogField[] _fields;
    private readonly AccessLogFormatter _formatter;
    private readonly AppendFile? _file;
    private readonly Stream? _stream;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly LogBuffer _buffer = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ConcurrentQueue<TaskCompletionSource> _flushes = new();
    private readonly ConcurrentQueue<TaskCompletionSource<string?>> _reopens = new();
    private readonly Lock _gate = new();
    private AccessLogRing[] _rings = [];
    private long _lines;
    private long _linesInBuffer;
    private long _notWritten;
    private long _reported;
    private long _nextReport;
    private long _nextLook;
    private int _sleeping;
    private volatile bool _ending;

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
        if (options.QueueBytes is < SmallestQueue or > LargestQueue)
            throw new ArgumentException($"Queue [{options.QueueBytes}] is out of range; it is {SmallestQueue} to {LargestQueue} bytes.", nameof(options));
        _options = options;
        _logger = logger ?? NullLogger.Instance;
        _time = time ?? TimeProvider.System;
        (_fields, _formatter) = AccessLogLayout.Compile(options);
        if (options.Path == AccessLogOptions.StandardOutput)
            _stream = standardOutput ?? StandardOutput.Open();
        else
            _file = new AppendFile(options.Path);
        _thread = new Thread(Run) { IsBackground = true, Name = "access-log" };
        _thread.UnsafeStart();
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
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Lines written.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Lines that were lost because the queue of their worker was full.</summary>
    public long DroppedByQueue => Volatile.Read(ref _rings).Sum(ring => ring.Dropped);

    /// <summary>Lines that were lost because a write failed.</summary>
    public long DroppedByWrite => Interlocked.Read(ref _notWritten);

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
    public Task<string?> ReopenAsync(CancellationToken cancellationToken = default)
    {
        var reopened = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _reopens.Enqueue(reopened);
        _wake.Set();
        if (_ending)
            reopened.TrySetResult(null);
        return reopened.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until the requests that have ended by now are written, or lost.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends with the write.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _flushes.Enqueue(written);
        _wake.Set();
        // A log that ends takes nothing more, and its thread looks at the flushes once more at its end.
        if (_ending)
            written.TrySetResult();
        return written.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Writes what waits and closes the file. A disk that takes nothing is waited for five seconds at most.</summary>
    public void Dispose()
    {
        if (_ending)
            return;
        _ending = true;
        _wake.Set();
        if (_thread.Join(Patience))
        {
            _wake.Dispose();
            _file?.Dispose();
        }

        ReportLost(isLast: true);
    }

    /// <summary>Counts lines in a registry.</summary>
    internal void ShowIn(MetricsRegistry registry)
    {
        registry.Counter(new MetricDefinition("securely_access_log_lines_total", "Lines of the access log that were written.")).Observe(() => Lines);
        var dropped = registry.Counter(new MetricDefinition("securely_access_log_dropped_total", "Lines of the access log that were lost, because a queue was full or a write failed.") { Labels = ["reason"] });
        dropped.Observe(() => DroppedByQueue, "queue_full");
        dropped.Observe(() => DroppedByWrite, "write_failed");
    }

    /// <summary>A recorder for each worker of a group.</summary>
    internal AccessLogRecorder[] Attach(WorkerGroup workers)
    {
        AccessLogRecorder[] recorders = [.. workers.Workers.Select(worker => new AccessLogRecorder(_fields, _options.Sample, worker.Index, _options.QueueBytes))];
        lock (_gate)
            Volatile.Write(ref _rings, [.. _rings, .. recorders.Select(recorder => recorder.Ring)]);
        return recorders;
    }

    /// <summary>Records a finished request; called on its worker.</summary>
    internal void Add(AccessLogRecorder recorder, ref AccessLogHead head, ServerSession? session, in RequestCourse course, EndPoint? upstream)
    {
        if (!recorder.TryAdd(ref head, session, in course, upstream, out var isUrgent))
            ReportLost(isLast: false);
        // The writer announces its sleep before it looks at the rings once more, and here it is the other way round: one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (isUrgent || (Volatile.Read(ref _sleeping) == 1 && Interlocked.Exchange(ref _sleeping, 0) == 1))
            _wake.Set();
    }

    private void Run()
    {
        while (true)
        {
            var isLast = _ending;
            var flushes = _flushes.Count;
            var any = Drain();
            while (_reopens.TryDequeue(out var reopen))
                Reopen(reopen);
            while (flushes-- > 0 && _flushes.TryDequeue(out var flush))
                flush.TrySetResult();
            if (isLast)
                break;
            if (any)
            {
                _wake.WaitOne(Rest);
                continue;
            }

            Interlocked.Exchange(ref _sleeping, 1);
            if (IsQuiet())
                _wake.WaitOne();
            Volatile.Write(ref _sleeping, 0);
        }

        while (_flushes.TryDequeue(out var late))
            late.TrySetResult();
    }

    private void Reopen(TaskCompletionSource<string?> reopened)
    {
        try
        {
            _file?.Reopen();
            reopened.TrySetResult(_file is null ? null : _options.Path);
        }
        catch (IOException e)
        {
            reopened.TrySetException(e);
        }
    }

    private bool IsQuiet() => !_ending && _flushes.IsEmpty && _reopens.IsEmpty && Array.TrueForAll(Volatile.Read(ref _rings), static ring => ring.IsEmpty);

    /// <summary>Writes what has come until now.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool Drain()
    {
        var any = false;
        foreach (var ring in Volatile.Read(ref _rings))
        {
            var end = ring.End;
            while (ring.TryPeek(end, out var record))
            {
                any = true;
                _formatter.Format(record, _buffer);
                ring.Remove(record.Length);
                _linesInBuffer++;
                if (_buffer.Length >= WriteAt)
                    WriteOut();
            }
        }

        WriteOut();
        return any;
    }

    private void WriteOut()
    {
        try
        {
            if (_buffer.Length == 0)
                return;
            LookAfterFile();
            if (_file is not null)
                _file.Write(_buffer.Written);
            else
                WriteToStream();
            Interlocked.Add(ref _lines, _linesInBuffer);
        }
        catch (Exception e)
        {
            // Whatever it was: without this thread there would be no log at all.
            Interlocked.Add(ref _notWritten, _linesInBuffer);
            LogWriteFailed(_logger, _options.Path, e.Message);
            ReportLost(isLast: false);
        }
        finally
        {
            _buffer.Clear();
            _linesInBuffer = 0;
        }
    }

    private void WriteToStream()
    {
        _stream!.Write(_buffer.Written);
        _stream.Flush();
    }

    /// <summary>A file that was moved goes on where its name is now. One that cannot be opened any more is still written to.</summary>
    private void LookAfterFile()
    {
        var now = _time.GetTimestamp();
        if (_file is null || now < _nextLook)
            return;
        _nextLook = now + _time.TimestampFrequency;
        try
        {
            _file.ReopenIfMoved();
        }
        catch (IOException e)
        {
            LogReopenFailed(_logger, e.Message);
        }
    }
}
