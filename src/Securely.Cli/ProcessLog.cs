using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Securely.Config;
using Securely.Net;

namespace Securely.Cli;

/// <summary>
/// The process's own log: one line a message to standard error, and to the file of <c>error_log</c> where that is given. A thread of its
/// own writes, because a worker must not wait for a terminal that somebody has stopped; what does not fit into the queue is counted and
/// the number is logged. Thread-safe.
/// </summary>
internal sealed class ProcessLog : ILoggerFactory
{
    private const int Capacity = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<Entry> _entries = new(Capacity);
    private readonly LogChannels? _channels;
    private readonly TextWriter _error;
    private readonly string? _path;
    private readonly TimeProvider _time;
    private readonly Thread _writer;

    // Only the writing thread touches it between start and end.
    private StreamWriter? _file;
    private int _lost;

    /// <summary>Starts to log.</summary>
    /// <param name="error">Standard error.</param>
    /// <param name="file">Appended to; null for standard error alone.</param>
    /// <param name="time">The clock of the lines.</param>
    /// <param name="channels">Take the messages in place of standard error; null for none. Somebody else disposes of them, afterwards.</param>
    /// <exception cref="CliException">The file cannot be opened.</exception>
    public ProcessLog(TextWriter error, string? file, TimeProvider time, LogChannels? channels = null)
    {
        _channels = channels;
        _error = error;
        _time = time;
        _path = file;
        _file = file is null ? null : Open(file);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>From which level on messages are written; info unless somebody changes it.</summary>
    public LogLevels Levels { get; } = new();

    /// <summary>The last messages, and those that come.</summary>
    public LogTail Tail { get; } = new();

    public ILogger CreateLogger(string categoryName)
    {
        Levels.Add(categoryName);
        return new Logger(this, categoryName);
    }

    /// <summary>Opens the file anew, for one that has been moved away; lines that were logged before are in the old one.</summary>
    /// <returns>The file; null when there is none.</returns>
    /// <exception cref="CliException">It cannot be opened, so the log stays in the old one; or nothing is being written.</exception>
    public Task<string?> ReopenAsync()
    {
        var reopened = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_path is null)
            reopened.SetResult(null);
        else if (!TryAdd(new Entry(null, reopened)))
            reopened.SetException(new CliException("The log is full of lines that cannot be written; see whether standard error or the disk is blocked"));
        return reopened.Task;
    }

    /// <summary>Does nothing: the lines go where this class says.</summary>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <summary>Writes what is left and closes the file. A terminal or a disk that takes nothing is waited for five seconds at most.</summary>
    public void Dispose()
    {
        _entries.CompleteAdding();
        if (!_writer.Join(Patience))
            return;
        _entries.Dispose();
        Close();
    }

    private static StreamWriter Open(string file)
    {
        try
        {
            return new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The log file [{file}] cannot be opened: {PathProblems.OfFile(file) ?? FailureText.Of(error) + "; choose another [error_log]"}");
        }
    }

    private void Add(string line)
    {
        if (!TryAdd(new Entry(line, null)))
            Interlocked.Increment(ref _lost);
    }

    private bool TryAdd(Entry entry)
    {
        try
        {
            return _entries.TryAdd(entry);
        }
        catch (InvalidOperationException)
        {
            // The process is ending, and the log has ended before whoever still had something to say.
            return false;
        }
    }

    private void Write()
    {
        foreach (var (line, reopened) in _entries.GetConsumingEnumerable())
        {
            if (line is not null)
                WriteLine(line);
            if (reopened is not null)
                Reopen(reopened);
            if (Interlocked.Exchange(ref _lost, 0) is var lost and > 0)
                WriteLine(Format(LogLevel.Warning, nameof(ProcessLog), string.Create(CultureInfo.InvariantCulture, $"{lost} lines were lost here; the log could not be written fast enough")));
            if (_entries.Count == 0)
                Flush();
        }
    }

    private void Reopen(TaskCompletionSource<string?> reopened)
    {
        try
        {
            var file = Open(_path!);
            Close();
            _file = file;
            reopened.SetResult(_path);
        }
        catch (CliException error)
        {
            reopened.SetException(error);
        }
    }

    private void WriteLine(string line)
    {
        try
        {
            if (_channels is null)
                _error.WriteLine(line);
            _file?.WriteLine(line);
        }
        catch (IOException)
        {
            // A full disk or a closed pipe must not end the server; there is nowhere left to say so.
        }
    }

    private void Close()
    {
        try
        {
            _file?.Dispose();
        }
        catch (IOException)
        {
            // As above.
        }
    }

    private void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch (IOException)
        {
            // As above.
        }
    }

    private string Format(LogLevel level, string category, string message) =>
        string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {LogLevels.NameOf(level)} {category}: {message}");

    /// <summary>A line to write, or the file to open anew.</summary>
    private readonly record struct Entry(string? Line, TaskCompletionSource<string?>? Reopened);

    private sealed class Logger(ProcessLog log, string category) : ILogger
    {
        private readonly ILogger? _channel = log._channels?.CreateLogger(category);

        // Of one moment together, read and replaced by any thread: a stale one lasts until the next message.
        private volatile Minimum _minimum = Minimum.Of(log.Levels, category);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel)
        {
            var minimum = _minimum;
            if (!ReferenceEquals(minimum.Source, log.Levels.Current))
                _minimum = minimum = Minimum.Of(log.Levels, category);
            return logLevel >= minimum.Level && logLevel != LogLevel.None;
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var message = LogText.Escape(formatter(state, exception));
            // An error of the network is the peer's, and its message says everything; any other one may be ours.
            var details = exception switch { null => "", NetException => LogText.Escape($": {exception.Message}"), _ => Indented(exception.ToString()) };
            log.Tail.Add(log._time.GetUtcNow(), logLevel, category, message + details);
            _channel?.Log(logLevel, eventId, state, exception, formatter);
            if (_channel is null || log._path is not null)
                log.Add(log.Format(logLevel, category, message + details));
        }

        /// <summary>Further lines, which nobody can take for lines of the log: its lines begin with a time.</summary>
        private static string Indented(string text) => string.Concat(text.Split('\n').Select(line => "\n    " + LogText.Escape(line.TrimEnd('\r'))));
    }

    /// <summary>The level of a logger, and what it was found in.</summary>
    private sealed record Minimum(LogLevel Level, object Source)
    {
        public static Minimum Of(LogLevels levels, string category)
        {
            // Taken first: a change in between makes the next message look again.
            var source = levels.Current;
            return new Minimum(levels.Of(category), source);
        }
    }
}
