namespace Securely.Log;

/// <summary>What a program logs to. Logging puts a record into the queues of the channel's targets and never waits. Safe for many threads at once.</summary>
public sealed class LogChannel
{
    private readonly LogManager _manager;
    private readonly LogHandler[] _handlers;
    private readonly Lock _changing = new();

    // Replaced under the lock, read by everybody.
    private volatile IReadOnlyList<KeyValuePair<string, object?>> _context;

    internal LogChannel(LogManager manager, string name, bool replacesPlaceholders, LogHandler[] handlers)
    {
        _manager = manager;
        Name = name;
        ReplacesPlaceholders = replacesPlaceholders;
        _handlers = handlers;
        _context = manager.SharedContext;
    }

    /// <summary>What lines call it.</summary>
    public string Name { get; }

    /// <summary>Where its records go, in order.</summary>
    public IReadOnlyList<LogHandler> Handlers => _handlers;

    /// <summary>What is added to every record; a value of the record itself goes before.</summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Context => _context;

    internal bool ReplacesPlaceholders { get; }

    internal Redaction Redaction => _manager.Redaction;

    /// <summary>Whether a record of a severity would go anywhere.</summary>
    /// <param name="severity">The severity.</param>
    public bool IsEnabled(LogSeverity severity)
    {
        foreach (var handler in _handlers)
        {
            if (severity >= handler.Level)
                return true;
        }

        return _manager.HasListeners;
    }

    /// <summary>Logs.</summary>
    /// <param name="severity">How grave.</param>
    /// <param name="message">The text.</param>
    /// <param name="context">What belongs to it; must not change afterwards.</param>
    public void Log(LogSeverity severity, string message, params IReadOnlyList<KeyValuePair<string, object?>> context)
    {
        if (!IsEnabled(severity))
            return;
        var entry = new LogEntry(_manager.Time.GetUtcNow().UtcTicks, severity, this, message, context, _context, _manager.Context.All);
        foreach (var handler in _handlers)
        {
            if (severity < handler.Level)
                continue;
            handler.Writer.Write(in entry);
            if (!handler.Bubble)
                break;
        }

        if (_manager.HasListeners)
            _manager.Announce(entry.ToRecord());
    }

    /// <summary>Logs with the name of a severity.</summary>
    /// <param name="severity">The name, in any case.</param>
    /// <param name="message">The text.</param>
    /// <param name="context">What belongs to it; must not change afterwards.</param>
    /// <exception cref="ArgumentException">Nothing has that name.</exception>
    public void Log(string severity, string message, params IReadOnlyList<KeyValuePair<string, object?>> context)
    {
        if (!LogSeverities.TryParse(severity, out var known, ignoreCase: true))
            throw new ArgumentException($"Level [{severity}] is not known; use [{string.Join("], [", LogSeverities.Names)}]", nameof(severity));
        Log(known, message, context);
    }

    /// <summary>Adds to what is added to every record; a key that is there gets the new value.</summary>
    /// <param name="context">What to add.</param>
    public void WithContext(params IReadOnlyList<KeyValuePair<string, object?>> context)
    {
        lock (_changing)
            _context = Merge(_context, context);
    }

    /// <summary>Takes away what is added to every record.</summary>
    /// <param name="keys">Only these keys; none is all.</param>
    public void WithoutContext(params IReadOnlyList<string> keys)
    {
        lock (_changing)
            _context = keys.Count == 0 ? [] : [.. _context.Where(entry => !keys.Contains(entry.Key, StringComparer.Ordinal))];
    }

    internal static IReadOnlyList<KeyValuePair<string, object?>> Merge(IReadOnlyList<KeyValuePair<string, object?>> first, IReadOnlyList<KeyValuePair<string, object?>> second)
    {
        if (second.Count == 0)
            return first;
        var merged = new List<KeyValuePair<string, object?>>(first.Count + second.Count);
        merged.AddRange(first);
        foreach (var entry in second)
        {
            var at = merged.FindIndex(other => other.Key == entry.Key);
            if (at < 0)
                merged.Add(entry);
            else
                merged[at] = entry;
        }

        return merged;
    }
}
