namespace Securely.Log;

/// <summary>
/// What whoever logs leaves in a queue: only references and the time. Everything that costs something (joining contexts, taking out secrets, placeholders, text) is done by
/// who takes it out, so all of it must not change any more.
/// </summary>
/// <param name="Ticks">When, in ticks of UTC.</param>
/// <param name="Severity">How grave.</param>
/// <param name="Channel">The channel; null where somebody waits until all before has been written.</param>
/// <param name="Message">The text; a <see cref="TaskCompletionSource"/> where somebody waits.</param>
/// <param name="Context">What belongs to it.</param>
/// <param name="Own">What the channel adds.</param>
/// <param name="Extra">What the flow of whoever logged knew.</param>
internal readonly record struct LogEntry(
    long Ticks,
    LogSeverity Severity,
    LogChannel? Channel,
    object Message,
    IReadOnlyList<KeyValuePair<string, object?>> Context,
    IReadOnlyList<KeyValuePair<string, object?>> Own,
    IReadOnlyList<KeyValuePair<string, object?>> Extra)
{
    /// <summary>Somebody waits until all before has been written.</summary>
    public static LogEntry Waiting(TaskCompletionSource flushed) => new(0, default, null, flushed, [], [], []);

    /// <summary>The record, without its secrets.</summary>
    public LogRecord ToRecord()
    {
        var redaction = Channel!.Redaction;
        var context = redaction.Apply(Own.Count == 0 ? Context : LogChannel.Merge(Own, Context));
        var message = (string)Message;
        return Record(Channel.ReplacesPlaceholders ? Placeholders.Replace(message, context) : message, context, redaction.Apply(Extra));
    }

    /// <summary>The record of the text alone.</summary>
    /// <param name="message">In place of its text.</param>
    /// <param name="context">In place of all that belongs to it.</param>
    public LogRecord Record(string message, params IReadOnlyList<KeyValuePair<string, object?>> context) => Record(message, context, []);

    private LogRecord Record(string message, IReadOnlyList<KeyValuePair<string, object?>> context, IReadOnlyList<KeyValuePair<string, object?>> extra) =>
        new(new DateTimeOffset(Ticks, TimeSpan.Zero), Severity, Channel!.Name, message, context, extra);
}
