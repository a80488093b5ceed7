using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
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

    private readonly BlockingCollection<string> _lines = new(Capacity);
    private readonly TextWriter _error;
    private readonly StreamWriter? _file;
    private readonly TimeProvider _time;
    private readonly Thread _writer;
    private int _lost;

    /// <summary>Starts to log.</summary>
    /// <param name="error">Standard error.</param>
    /// <param name="file">Appended to; null for standard error alone.</param>
    /// <param name="time">The clock of the lines.</param>
    /// <exception cref="CliException">The file cannot be opened.</exception>
    public ProcessLog(TextWriter error, string? file, TimeProvider time)
    {
        _error = error;
        _time = time;
        _file = file is null ? null : Open(file);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <summary>Does nothing: the lines go where this class says.</summary>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <summary>Writes what is left and closes the file.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        _writer.Join();
        _lines.Dispose();
        _file?.Dispose();
    }

    private static StreamWriter Open(string file)
    {
        try
        {
            return new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete), new UTF8Encoding(false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The log file [{file}] cannot be opened: {error.Message}");
        }
    }

    private void Add(string line)
    {
        try
        {
            if (!_lines.TryAdd(line))
                Interlocked.Increment(ref _lost);
        }
        catch (InvalidOperationException)
        {
            // The process is ending, and the log has ended before whoever still had something to say.
        }
    }

    private void Write()
    {
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            WriteLine(line);
            if (Interlocked.Exchange(ref _lost, 0) is var lost and > 0)
                WriteLine(Format(LogLevel.Warning, nameof(ProcessLog), string.Create(CultureInfo.InvariantCulture, $"{lost} lines were lost here; the log could not be written fast enough")));
            if (_lines.Count == 0)
                _file?.Flush();
        }
    }

    private void WriteLine(string line)
    {
        try
        {
            _error.WriteLine(line);
            _file?.WriteLine(line);
        }
        catch (IOException)
        {
            // A full disk or a closed pipe must not end the server; there is nowhere left to say so.
        }
    }

    private string Format(LogLevel level, string category, string message)
    {
        var name = level switch
        {
            LogLevel.Critical => "critical",
            LogLevel.Error => "error",
            LogLevel.Warning => "warning",
            LogLevel.Information => "info",
            _ => "debug",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {name} {category}: {message}");
    }

    private sealed class Logger(ProcessLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
                return;
            var message = LogText.Escape(formatter(state, exception));
            // An error of the network is the peer's, and its message says everything; any other one may be ours.
            var details = exception switch { null => "", NetException => LogText.Escape($": {exception.Message}"), _ => Indented(exception.ToString()) };
            log.Add(log.Format(logLevel, category, message + details));
        }

        /// <summary>Further lines, which nobody can take for lines of the log: its lines begin with a time.</summary>
        private static string Indented(string text) => string.Concat(text.Split('\n').Select(line => "\n    " + LogText.Escape(line.TrimEnd('\r'))));
    }
}
