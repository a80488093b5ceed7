namespace Securely.Http;

/// <summary>
/// The streams that have something to send and a window for it (RFC 9218 10). The more urgent go first; of equally urgent ones, incremental ones
/// take turns frame by frame, and the others go one after another.
/// </summary>
internal sealed class WriteScheduler
{
    internal const int Urgencies = 8;

    private readonly Http2Stream?[] _tails = new Http2Stream?[Urgencies];
    private int _used;

    internal bool IsEmpty => _used == 0;

    /// <summary>The stream whose turn it is; null when there is none.</summary>
    internal Http2Stream? Peek() => _used == 0 ? null : _tails[int.TrailingZeroCount(_used)]!.NextReady;

    /// <summary>Puts a stream behind the others of its urgency.</summary>
    internal void Add(Http2Stream stream)
    {
        if (stream.NextReady is not null)
            return;
        ref var tail = ref _tails[stream.Urgency];
        stream.ReadyUrgency = stream.Urgency;
        if (tail is null)
        {
            stream.NextReady = stream;
        }
        else
        {
            stream.NextReady = tail.NextReady;
            tail.NextReady = stream;
        }

        tail = stream;
        _used |= 1 << stream.ReadyUrgency;
    }

    /// <summary>The stream has had its frame: an incremental one goes behind its equals.</summary>
    internal void Rotate(Http2Stream stream)
    {
        if (stream.IsIncremental && stream.NextReady is not null)
            _tails[stream.ReadyUrgency] = stream;
    }

    internal void Remove(Http2Stream stream)
    {
        if (stream.NextReady is not { } next)
            return;
        ref var tail = ref _tails[stream.ReadyUrgency];
        if (ReferenceEquals(next, stream))
        {
            tail = null;
            _used &= ~(1 << stream.ReadyUrgency);
        }
        else
        {
            var before = next;
            while (!ReferenceEquals(before.NextReady, stream))
                before = before.NextReady!;
            before.NextReady = next;
            if (ReferenceEquals(tail, stream))
                tail = before;
        }

        stream.NextReady = null;
    }

    internal void Clear()
    {
        while (Peek() is { } stream)
            Remove(stream);
    }
}
