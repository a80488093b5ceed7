using System.Globalization;
using System.Threading.Channels;

namespace Securely.Log;

/// <summary>
/// The queue in front of a target: whoever logs puts a record into it and goes on; a task of its own formats and writes. What does not fit is
/// dropped and counted, and the number is written once there is room.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int MostAtOnce = 256;

    // Without a bound of its own: a bounded one takes the same lock to write and to read, and those who log would wait for the reader.
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly int _capacity;
    private readonly LogTarget _target;
    private readonly Action<string> _complain;
    private readonly List<LogLine> _batch = new(MostAtOnce);
    private readonly Task _writing;
    // Records in the queue; counted before they are put in, so never fewer than there are.
    private int _waiting;
    private long _dropped;
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

    public void Write(LogRecord record)
    {
        if (Volatile.Read(ref _waiting) < _capacity)
        {
            if (Interlocked.Increment(ref _waiting) <= _capacity && _entries.Writer.TryWrite(new Entry(record, null)))
                return;
            Interlocked.Decrement(ref _waiting);
        }

        Interlocked.Increment(ref _dropped);
    }

    /// <summary>Ends when everything that was logged before has been written or given up.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _entries.Writer.WriteAsync(new Entry(null, flushed), cancellationToken).ConfigureAwait(false);
            await flushed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            // Closed meanwhile, which writes everything too.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _entries.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
        await _target.DisposeAsync().ConfigureAwait(false);
    }

    private async Task WriteAllAsync()
    {
        while (await _entries.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            TaskCompletionSource? flushed = null;
            while (flushed is null && _batch.Count < MostAtOnce && _entries.Reader.TryRead(out var entry))
            {
                flushed = entry.Flushed;
                if (entry.Record is not { } record)
                    continue;
                Interlocked.Decrement(ref _waiting);
                Add(record);
            }

            await WriteBatchAsync().ConfigureAwait(false);
            flushed?.SetResult();
        }
    }

    private void Add(LogRecord record)
    {
        if (Dropped is var dropped && dropped > _reported)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{dropped - _reported} records were lost here; they could not be written fast enough");
            _batch.Add(Format(new LogRecord(record.Time, LogSeverity.Warning, record.Channel, text, [], [])));
            _reported = dropped;
        }

        _batch.Add(Format(record));
        _records++;
    }

    private LogLine Format(LogRecord record)
    {
        try
        {
            return new LogLine(record, Formatter.Format(record));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A value of the context that throws when it is looked at must not cost the message.
            return new LogLine(record, Formatter.Format(record with { Context = [new("not_shown", error.GetType().Name)], Extra = [] }));
        }
    }

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

    /// <summary>A record to write, or somebody who waits until all before are written.</summary>
    private readonly record struct Entry(LogRecord? Record, TaskCompletionSource? Flushed);
}
