using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Securely.Net;

/// <summary>
/// A file of lines that busy threads add to without waiting: each copies what a line needs into a bounded queue of its own and goes on; a thread of the
/// log's own formats and writes. A disk that is slow costs lines, which are counted, and never a request.
/// </summary>
/// <remarks>
/// Life: 1. made, which opens the file; 2. <see cref="AddQueue"/> once for each thread that adds; 3. disposed after those have ended, which writes what
/// still waits. Every member but <see cref="TryAdd"/> may be called by any thread.
/// </remarks>
public sealed partial class RecordLog : IDisposable
{
    private const int WriteAt = 64 * 1024;

    // How long the thread rests while records come: it is not woken for each, and a queue holds far more than comes in that time.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly RecordLogOptions _options;
    private readonly LogRecordFormatter _format;
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
    private LogRing[] _rings = [];
    private long _lines;
    private long _linesInBuffer;
    private long _notWritten;
    private long _reported;
    private long _nextReport;
    private long _nextLook;
    private int _sleeping;
    private volatile bool _ending;

    /// <summary>Opens the log and starts its thread.</summary>
    /// <param name="options">Where it is written.</param>
    /// <param name="format">Makes the line of a record, on the log's own thread.</param>
    /// <param name="logger">Where lost lines are reported, once a second at most; nowhere when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="standardOutput">What <see cref="RecordLogOptions.StandardOutput"/> stands for; the process's own when null. It is not closed.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public RecordLog(RecordLogOptions options, LogRecordFormatter format, ILogger? logger = null, TimeProvider? time = null, Stream? standardOutput = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(format);
        if (options.QueueBytes is < RecordLogOptions.SmallestQueue or > RecordLogOptions.LargestQueue)
            throw new ArgumentException($"Queue [{options.QueueBytes}] is out of range; it is {RecordLogOptions.SmallestQueue} to {RecordLogOptions.LargestQueue} bytes.", nameof(options));
        _options = options;
        _format = format;
        _logger = logger ?? NullLogger.Instance;
        _time = time ?? TimeProvider.System;
        if (options.Path == RecordLogOptions.StandardOutput)
            _stream = standardOutput ?? StandardOutput.Open();
        else
            _file = new AppendFile(options.Path);
        _thread = new Thread(Run) { IsBackground = true, Name = options.Name.ToLowerInvariant().Replace(' ', '-') };
        _thread.UnsafeStart();
    }

    /// <summary>How long the end waits for a disk that takes nothing. Default: 5 s.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Lines written.</summary>
    public long Lines => Interlocked.Read(ref _lines);

    /// <summary>Records that were lost because their queue was full.</summary>
    public long DroppedByQueue => Volatile.Read(ref _rings).Sum(ring => ring.Dropped);

    /// <summary>Lines that were lost because a write failed.</summary>
    public long DroppedByWrite => Interlocked.Read(ref _notWritten);

    /// <summary>Makes a queue for one more thread that adds.</summary>
    /// <returns>The queue, which that thread alone may give to <see cref="TryAdd"/>.</returns>
    public LogRing AddQueue()
    {
        var ring = new LogRing(_options.QueueBytes);
        lock (_gate)
            Volatile.Write(ref _rings, [.. _rings, ring]);
        return ring;
    }

    /// <summary>Adds a record; called by the thread that the queue belongs to. It never waits and allocates nothing.</summary>
    /// <param name="queue">The thread's own.</param>
    /// <param name="record">The bytes that <see cref="LogRecordFormatter"/> will get; far fewer than the queue holds.</param>
    /// <returns>False when it did not fit, and was counted.</returns>
    public bool TryAdd(LogRing queue, ReadOnlySpan<byte> record)
    {
        ArgumentNullException.ThrowIfNull(queue);
        var isAdded = queue.TryAdd(record, out var isUrgent);
        if (!isAdded)
            ReportLost(isLast: false);
        // The writer announces its sleep before it looks at the rings once more, and here it is the other way round: one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (isUrgent || (Volatile.Read(ref _sleeping) == 1 && Interlocked.Exchange(ref _sleeping, 0) == 1))
            _wake.Set();
        return isAdded;
    }

    /// <summary>
    /// Opens the file once more, for whoever has moved it; records that were added before are in the old one. One that is gone is noticed without it,
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

    /// <summary>Waits until what was added by now is written, or lost.</summary>
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

    /// <summary>Writes what waits and closes the file. A disk that takes nothing is waited for as long as <see cref="Patience"/>.</summary>
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
}
