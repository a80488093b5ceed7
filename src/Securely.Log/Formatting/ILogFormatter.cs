namespace Securely.Log;

/// <summary>Makes text of a record.</summary>
public interface ILogFormatter
{
    /// <summary>The text, with the line break at its end. Called by several threads at once.</summary>
    /// <param name="record">The record.</param>
    string Format(LogRecord record);
}
