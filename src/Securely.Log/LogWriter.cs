using System.Collections.Concurrent;
using System.Globalization;

namespace Securely.Log;

/// <summary>
/// The queue in front of a target: whoever logs puts an entry into it and goes on, without a lock; a task of its own makes records and text of them, and writes. What does
/// not fit is dropped and counted, and the number is written once there is room. Waking the task costs more than an entry, so while it has work it comes by itself: only the
/// first entry after a pause, and one that finds the queue half full, wake it.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int MostAtOnce = 256;
    private const int AtWork = 0;
    private const int Lingering = 1;
    private const int Asleep = 2;

    // How long the task waits for more before it sleeps, and so what a line waits at most while lines come one by one.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _capacity;
    private readonly LogTarget _target;
    private readonly Action<string> _complain;
    private readonly List<LogLine> _batch = new(MostAtOnce);
    private readonly Task _writing;

    // Entries in the queue; counted before they are put in, so never fewer than there are.
    private int _waiting;
    // What the task does. It alone lies down; whoever wakes it sets AtWork first, so that one does.
    private int _state = AtWork;
    private volatile bool _isClosed;
    private long _dropped;
    // Of the task alone.
    private long _reported;
    private long _reportedBefore;
    private int _records;
    private bool _isFailing;

    public LogWriter(LogTarget target, ILogFormatter formatter, int capacity, Action<string> complain)
    {
        _target = target;
        _complain = complain;
        Formatter = formatter;
        _capacity = capacity;
        _writing = Task.Run(WriteAllAsync);
    }

    public ILogFormatter Formatter { get; set; }

    public long Dropped => Interlocked.Read(ref _dropped);

    public void Write(in LogEntry entry)
    {
        // Looked at first, so that a full queue is not written to by everybody who finds it full.
        if (Volatile.Read(ref _waiting) >= _capacity || !TryAdd(in entry, _capacity))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Ends when everything that was logged before has been written or given up.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (TryAdd(LogEntry.Waiting(flushed), int.MaxValue))
            WakeUp();
        // Once closed, all that is left is written, and then the task ends.
        await Task.WhenAny(flushed.Task, _writing).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        WakeUp();
        await _writing.ConfigureAwait(false);
        await _target.DisposeAsync().ConfigureAwait(false);
    }

    private bool TryAdd(in LogEntry entry, int capacity)
    {
        var waiting = Interlocked.Increment(ref _waiting);
        if (waiting > capacity || _isClosed)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        _entries.Enqueue(entry);
        // Read after the count has changed, as the task reads the count after it has said that it sleeps: one of the two sees the other.
        var state = Volatile.Read(ref _state);
        if (state == Asleep || (state == Lingering && waiting > _capacity / 2))
            WakeUp();
        return true;
    }

    private void WakeUp()
    {
        if (Interlocked.Exchange(ref _state, AtWork) != AtWork)
            _wake.Release();
    }

    private async Task WriteAllAsync()
    {
        var hadWork = false;
        while (true)
        {
            var flushed = Take(out var taken);
            await WriteBatchAsync().ConfigureAwait(false);
            flushed?.SetResult();
            if (taken == 0)
            {
                if (_isClosed && Volatile.Read(ref _waiting) == 0)
                    return;
                await RestAsync(hadWork).ConfigureAwait(false);
            }

            hadWork = taken > 0;
        }
    }

    /// <summary>Takes a batch out of the queue, up to whoever waits for it.</summary>
    private TaskCompletionSource? Take(out int taken)
    {
        TaskCompletionSource? flushed = null;
        taken = 0;
        while (flushed is null && taken < MostAtOnce && _entries.TryDequeue(out var entry))
        {
            taken++;
            flushed = entry.Message as TaskCompletionSource;
            if (flushed is null)
                Add(in entry);
        }

        if (taken > 0)
            Interlocked.Add(ref _waiting, -taken);
        return flushed;
    }

    /// <summary>Waits a little for more after work, and else until somebody wakes it.</summary>
    private async ValueTask RestAsync(bool hadWork)
    {
        Interlocked.Exchange(ref _state, hadWork ? Lingering : Asleep);
        var isAwake = false;
        if (_isClosed)
            await Task.Yield();
        else if (_entries.IsEmpty)
            // What is counted and not in the queue yet may be of somebody who saw a task at work, and wakes nobody.
            isAwake = await _wake.WaitAsync(hadWork || Volatile.Read(ref _waiting) > 0 ? Pause : Timeout.InfiniteTimeSpan).ConfigureAwait(false);

        // Somebody is waking it all the same.
        if (!isAwake && Interlocked.Exchange(ref _state, AtWork) == AtWork)
            await _wake.WaitAsync().ConfigureAwait(false);
    }

    private void Add(in LogEntry entry)
    {
        if (Dropped is var dropped && dropped > _reported)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{dropped - _reported} records were lost here; they could not be written fast enough");
            _batch.Add(Format((entry with { Severity = LogSeverity.Warning }).Record(text)));
            _reported = dropped;
        }

        _batch.Add(Format(in entry));
        _records++;
    }

    private LogLine Format(in LogEntry entry)
    {
        try
        {
            return Format(entry.ToRecord());
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A value of the context that throws when it is looked at must not cost the message.
            return Format(entry.Record((string)entry.Message, new KeyValuePair<string, object?>("not_shown", error.GetType().Name)));
        }
    }

    private LogLine Format(LogRecord record) => new(record, Formatter.Format(record));

    private async ValueTask WriteBatchAsync()
    {
        if (_batch.Count == 0)
            return;
        try
        {
            await _target.WriteAsync(_batch, CancellationToken.None).ConfigureAwait(false);
            _isFailing = false;
            _reportedBefore = _reported;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Interlocked.Add(ref _dropped, _records);
            _reported = _reportedBefore;
            // Once until it works again: the reason does not change with every line.
            if (!_isFailing)
                _complain($"The log [{_target}] cannot be written: {error.Message}");
            _isFailing = true;
        }
        finally
        {
            _batch.Clear();
            _records = 0;
        }
    }
}
