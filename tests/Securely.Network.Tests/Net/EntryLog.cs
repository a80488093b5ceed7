using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Securely.Network.Tests.Net;

/// <summary>Keeps what is logged, and tells when something of a kind has been.</summary>
internal sealed class EntryLog : ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = new();
    private readonly ConcurrentQueue<(Func<string, bool> Wanted, TaskCompletionSource<string> Found)> _waiters = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}";
        _entries.Enqueue((logLevel, text));
        foreach (var (wanted, found) in _waiters)
        {
            if (wanted(text))
                found.TrySetResult(text);
        }
    }

    internal IEnumerable<string> Of(LogLevel level) => _entries.Where(e => e.Level >= level).Select(e => e.Text);

    /// <summary>Ends with the first entry that is wanted, also when it is there already.</summary>
    internal Task<string> FindAsync(Func<string, bool> wanted)
    {
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Enqueue((wanted, found));
        foreach (var (_, text) in _entries)
        {
            if (wanted(text))
                found.TrySetResult(text);
        }

        return found.Task.WaitAsync(TestWorkers.Patience);
    }
}
