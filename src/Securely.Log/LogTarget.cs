namespace Securely.Log;

/// <summary>Where text goes in the end: a file, a socket. Called by one thread at a time, never by whoever logs.</summary>
public abstract class LogTarget : IAsyncDisposable
{
    /// <summary>Writes a few records that waited together.</summary>
    /// <param name="lines">The records with their texts.</param>
    /// <param name="cancellationToken">Cancelled when the log is closed and the time for it is over.</param>
    /// <exception cref="Exception">They could not be written; they are counted as dropped, and the reason goes to standard error.</exception>
    public abstract ValueTask WriteAsync(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A record and its text.</summary>
/// <param name="Record">The record.</param>
/// <param name="Text">What the formatter made of it, with the line break at its end.</param>
public readonly record struct LogLine(LogRecord Record, string Text);
