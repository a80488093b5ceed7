using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Securely.Cli;

/// <summary>Spans that wait to be exported, and no more of them than fit. Adding never waits; many add, one takes.</summary>
/// <param name="capacity">How many fit.</param>
/// <param name="batch">From how many on it is worth taking them at once.</param>
internal sealed class SpanQueue(int capacity, int batch)
{
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly Channel<bool> _some = Channel.CreateBounded<bool>(1);
    private readonly Channel<bool> _many = Channel.CreateBounded<bool>(1);
    private int _count;
    private long _dropped;

    /// <summary>How many did not fit.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Add(Activity span)
    {
        var count = Interlocked.Increment(ref _count);
        if (count > capacity)
        {
            Interlocked.Decrement(ref _count);
            Interlocked.Increment(ref _dropped);
            return;
        }

        _spans.Enqueue(span);
        if (count == 1)
            _some.Writer.TryWrite(true);
        if (count == Math.Min(batch, capacity))
            _many.Writer.TryWrite(true);
    }

    /// <summary>Adds the oldest spans to a list until that has a batch.</summary>
    public void Take(List<Activity> taken)
    {
        while (taken.Count < batch && _spans.TryDequeue(out var span))
        {
            Interlocked.Decrement(ref _count);
            taken.Add(span);
        }
    }

    /// <summary>Ends when spans wait: as soon as there is a batch, else a while after the first one came.</summary>
    public async Task WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        while (Count == 0)
            await _some.Reader.ReadAsync(cancellationToken);
        // Of a batch that has been taken since.
        _many.Reader.TryRead(out _);
        if (Count >= Math.Min(batch, capacity))
            return;
        using var enough = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            await _many.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A few are worth sending too.
        }
    }
}
