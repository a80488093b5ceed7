using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Securely.Cli;

/// <summary>The last messages of the process, and those that come, for <c>log:tail</c>. Bounded; who logs never waits. Thread-safe.</summary>
internal sealed class LogTail
{
    public const int Kept = 1000;

    private readonly Queue<LogTailEntry> _last = new();
    private readonly Lock _lock = new();
    private readonly List<Channel<LogTailEntry>> _readers = [];
    private long _count;

    public void Add(DateTimeOffset time, LogLevel level, string category, string message)
    {
        lock (_lock)
        {
            var entry = new LogTailEntry(_count++, time, level, category, message);
            if (_last.Count == Kept)
                _last.Dequeue();
            _last.Enqueue(entry);
            foreach (var reader in _readers)
                reader.Writer.TryWrite(entry);
        }
    }

    /// <summary>The last messages now.</summary>
    public IReadOnlyList<LogTailEntry> Last()
    {
        lock (_lock)
            return [.. _last];
    }

    /// <summary>The last messages now, and a reader of those that come; no message is in both or in neither.</summary>
    public (IReadOnlyList<LogTailEntry> Last, Channel<LogTailEntry> Next) Follow()
    {
        var next = Channel.CreateBounded<LogTailEntry>(new BoundedChannelOptions(Kept) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            _readers.Add(next);
            return ([.. _last], next);
        }
    }

    public void End(Channel<LogTailEntry> reader)
    {
        lock (_lock)
            _readers.Remove(reader);
    }
}

/// <summary>One message.</summary>
/// <param name="Number">How many there were before it; a gap means that some were lost for a slow reader.</param>
/// <param name="Time">When.</param>
/// <param name="Level">How grave.</param>
/// <param name="Category">Whose.</param>
/// <param name="Message">The text, harmless for a terminal, with the details of a failure.</param>
internal sealed record LogTailEntry(long Number, DateTimeOffset Time, LogLevel Level, string Category, string Message);
