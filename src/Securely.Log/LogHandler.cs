namespace Securely.Log;

/// <summary>One way out of a channel: from which severity on, with which formatter, to which target. Taps may change it before the first record.</summary>
public sealed class LogHandler
{
    private readonly LogWriter _writer;

    internal LogHandler(LogWriter writer, LogSeverity level, bool bubble)
    {
        _writer = writer;
        Level = level;
        Bubble = bubble;
    }

    /// <summary>From which severity on.</summary>
    public LogSeverity Level { get; set; }

    /// <summary>Whether later handlers of a stack get what this one has taken.</summary>
    public bool Bubble { get; set; }

    /// <summary>Writes the text of a record.</summary>
    public ILogFormatter Formatter { get => _writer.Formatter; set => _writer.Formatter = value; }

    /// <summary>How many records were dropped because too many waited, or could not be written.</summary>
    public long Dropped => _writer.Dropped;

    internal LogWriter Writer => _writer;
}
