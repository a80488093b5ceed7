using System.Threading.Channels;

namespace Securely.Events;

/// <summary>
/// A stream of the events that are dispatched after it was made, for one reader. It holds a bounded number; whoever dispatches never waits for the
/// reader: the oldest ones are dropped and counted. Ends when it is disposed of.
/// </summary>
public sealed class EventWatch : IAsyncEnumerable<EventMessage>, IDisposable
{
    private readonly Channel<EventMessage> _events;
    private readonly Action<EventWatch> _end;
    private long _dropped;

    internal EventWatch(string pattern, int capacity, Action<EventWatch> end)
    {
        Pattern = pattern;
        _end = end;
        _events = Channel.CreateBounded<EventMessage>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => Interlocked.Increment(ref _dropped));
    }

    /// <summary>The names that it sees.</summary>
    public string Pattern { get; }

    /// <summary>How many events were dropped because the reader was too slow.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public IAsyncEnumerator<EventMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        _events.Reader.ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>Ends the stream; what it holds can still be read.</summary>
    public void Dispose()
    {
        _end(this);
        _events.Writer.TryComplete();
    }

    internal ListenerInfo Info => new(Pattern, ListenerKind.Watch, "watch", ListenerFailure.LogAndContinue, IsQueued: false);

    internal void Offer(EventMessage message)
    {
        if (Wildcards.Matches(Pattern, message.Name))
            _events.Writer.TryWrite(message);
    }
}
