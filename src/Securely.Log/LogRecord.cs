namespace Securely.Log;

/// <summary>One message, as it is handed to formatters and targets. They run later and on other threads, so its values must not change any more.</summary>
/// <param name="Time">When.</param>
/// <param name="Severity">How grave.</param>
/// <param name="Channel">The name of the channel, as lines show it.</param>
/// <param name="Message">The text, with placeholders as it was given.</param>
/// <param name="Context">
/// What belongs to it. Values are null, booleans, numbers, text, dates, exceptions, <see cref="LogObject"/>, and maps and lists of those; all else is shown as its text.
/// </param>
/// <param name="Extra">What the program knows beside it: <see cref="LogContext"/>.</param>
public sealed record LogRecord(
    DateTimeOffset Time,
    LogSeverity Severity,
    string Channel,
    string Message,
    IReadOnlyList<KeyValuePair<string, object?>> Context,
    IReadOnlyList<KeyValuePair<string, object?>> Extra);

/// <summary>An object as a value of a context: its type's name and its fields, because nothing is read by reflection.</summary>
/// <param name="Type">The name.</param>
/// <param name="Fields">The fields.</param>
public sealed record LogObject(string Type, IReadOnlyList<KeyValuePair<string, object?>> Fields);
