using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One connection of HTTP/2 (RFC 9113), as both sides see it: frames, windows, settings, the table of streams, and one output that all streams
/// share. What messages are is left to the side.
/// </summary>
/// <remarks>
/// Life: 1. both sides send their prefaces; 2. frames are read until none are left, and what they cause is written in one call; 3. GOAWAY, sent or
/// received, lets no further streams begin; 4. when the last has ended, or nothing can be trusted any more, the connection ends.
/// </remarks>
internal abstract partial class Http2Connection
{
    // How many streams may begin before other connections of the worker have their turn.
    private const int MostBegunInTurn = 16;

    private readonly FrameReader _reader = new();
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private readonly Http2Options _options;
    private NetException? _lost;
    private bool _isOver;

    private protected Http2Connection(Http2Options options, ErrorSource peer)
    {
        _options = options;
        PeerSource = peer;
        Decoder = new HpackDecoder(options.HeaderListSize, options.Headers);
        _flush = static connection => ((Http2Connection)connection!).FlushQueued();
        _written = OnWritten;
    }

    /// <summary>What carries the frames.</summary>
    internal Connection Transport { get; private set; } = null!;

    /// <summary>The buffers of the worker.</summary>
    internal SlabPool Pool { get; private set; } = null!;

    /// <summary>Whose fault it is when the connection breaks.</summary>
    internal ErrorSource PeerSource { get; }

    /// <summary>The streams that wait for their turn to send.</summary>
    internal WriteScheduler Scheduler { get; } = new();

    /// <summary>Whether nothing more can be sent or received: the connection is lost, or ends with an error.</summary>
    internal bool IsOver => _isOver;

    /// <summary>Why the connection was lost; null while it was not.</summary>
    internal NetException? Lost => _lost;

    /// <summary>How many streams are in the table.</summary>
    internal int StreamCount => _streams.Count;

    private protected Worker Worker { get; private set; } = null!;

    private protected Http2Options Options => _options;

    private protected HpackDecoder Decoder { get; }

    private protected HpackEncoder Encoder { get; } = new();

    /// <summary>What the peer has said of itself.</summary>
    private protected ref readonly Http2Settings PeerSettings => ref _peer;

    /// <summary>Whether the peer has sent its settings.</summary>
    private protected bool HasPeerSettings { get; private set; }

    private protected IReadOnlyDictionary<int, Http2Stream> Streams => _streams;

    /// <summary>How many streams the peer has begun since other connections had their turn.</summary>
    private protected int BegunInTurn { get; set; }

    /// <summary>Whether the side has work that outlives the table of streams.</summary>
    private protected virtual bool IsBusy => _streams.Count > 0;

    /// <summary>Whether the peer may refer to the stream at all: it has begun.</summary>
    private protected abstract bool IsIdle(int streamId);

    /// <summary>Whether the stream began after the last one that our GOAWAY names, so that nothing on it matters (RFC 9113 6.8).</summary>
    private protected virtual bool IsIgnored(int streamId) => false;

    /// <summary>What the peer sends before its first frame; empty when that is the frame itself.</summary>
    private protected abstract ReadOnlySpan<byte> PeerPreface { get; }

    /// <summary>Writes what this side sends first.</summary>
    private protected abstract void WritePreface();

    /// <summary>A whole header block has come; its decoding keeps the table in step, whatever becomes of it.</summary>
    /// <param name="streamId">Not 0.</param>
    /// <param name="block">Valid during the call.</param>
    /// <param name="isEnd">Whether END_STREAM was set.</param>
    private protected abstract void OnHeaders(int streamId, ReadOnlySpan<byte> block, bool isEnd);

    /// <summary>A stream has left the table.</summary>
    private protected abstract void OnStreamEnded(Http2Stream stream);

    /// <summary>Whether streams that come to nothing are the peer's doing, and so count against it.</summary>
    private protected virtual bool CountsResets => true;

    /// <summary>The connection is about to end with an error of the peer's.</summary>
    private protected virtual void OnFailing(Http2Exception error)
    {
    }

    /// <summary>Whether the service stops, so that the peer should learn of it in time; else a wait that is ended makes room for somebody else.</summary>
    private protected virtual bool IsStopping => true;

    /// <summary>The peer has sent settings, which hold from here on.</summary>
    private protected virtual void OnSettings()
    {
    }

    /// <summary>The peer lets no streams beyond the last one begin.</summary>
    private protected virtual void OnGoAway(int lastStreamId, Http2ErrorCode code)
    {
    }

    /// <summary>The peer has said how urgent a stream is, with PRIORITY_UPDATE.</summary>
    private protected virtual void OnPriorityUpdate(int streamId, ReadOnlySpan<byte> value)
    {
    }

    /// <summary>Runs the connection to its end. It does not throw: whoever uses a stream learns of what happens.</summary>
    /// <param name="transport">What carries the frames; whoever calls closes it.</param>
    /// <param name="received">What has been read of it already.</param>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private protected async ValueTask RunAsync(Connection transport, ReadOnlyMemory<byte> received)
    {
        Open(transport, received.Span);
        try
        {
            WritePreface();
            await ReadAsync();
        }
        catch (Http2Exception e)
        {
            EndWith(e);
        }
        catch (NetException e)
        {
            OnLost(e);
        }
        catch (Exception e)
        {
            // A fault of ours: the streams end with it, and whoever accepted the connection logs it.
            EndWith(new Http2Exception(Http2ErrorCode.InternalError, e.Message));
            await EndAsync();
            throw;
        }

        await EndAsync();
    }

    /// <summary>Puts a stream into the table.</summary>
    private protected void AddStream(Http2Stream stream, int id)
    {
        _streams.Add(id, stream);
        stream.Open(this, id, _peer.InitialWindowSize, _options.StreamWindow);
    }

    private protected bool TryGetStream(int id, out Http2Stream stream) => _streams.TryGetValue(id, out stream!);

    /// <summary>Takes a stream out of the table whose both sides have ended.</summary>
    internal void EndIfDone(Http2Stream stream)
    {
        if (stream.IsLocalEnded && stream.IsRemoteEnded)
            RemoveStream(stream, StreamEnd.Complete);
    }

    private void RemoveStream(Http2Stream stream, StreamEnd end)
    {
        if (!_streams.Remove(stream.Id))
            return;
        _ended.Add(stream.Id, end);
        OnStreamEnded(stream);
    }

    private void Open(Connection transport, ReadOnlySpan<byte> received)
    {
        Transport = transport;
        Worker = Worker.Current!;
        Pool = Worker.Buffers;
        _guard = new AbuseGuard(Worker.Now);
        _window = new ReceiveWindow(_options.ConnectionWindow);
        _reader.Open(transport, Pool, received);
        OpenLiveness();
    }

    private async ValueTask ReadAsync()
    {
        while (!_reader.TrySkip(PeerPreface))
        {
            if (await FillAsync() == 0)
                return;
        }

        while (true)
        {
            ReadFrames();
            if (IsFinished)
                return;
            if (BegunInTurn >= MostBegunInTurn)
            {
                await NextTurnAsync();
                continue;
            }

            if (!_reader.TryFill(out var count))
                count = await FillAsync();
            if (count == 0)
            {
                OnLost(new NetException(NetErrorKind.ConnectionClosed, $"Connection [{Transport.RemoteAddress?.ToString() ?? "local"}] was closed by its peer", PeerSource) { Connection = Transport });
                return;
            }
        }
    }

    /// <summary>Waits for input, and does what is due meanwhile. 0 is the peer's end, or ours.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> FillAsync()
    {
        while (true)
        {
            _reader.ReleaseIfEmpty();
            SetReadDeadline();
            try
            {
                // Without a buffer, and expendable: somebody who asks for something goes before somebody who does not.
                if (!IsBusy && !_reader.HasPart && !IsEnding)
                {
                    if (!await Transport.WaitReadableAsync())
                        OnStopWaiting();
                    else if (_reader.TryFill(out var some))
                        return some;
                }
                else
                {
                    Transport.IsExpendable = !IsBusy;
                    var count = await _reader.FillAsync();
                    Transport.IsExpendable = false;
                    return count;
                }
            }
            catch (NetException e) when (e.Kind == NetErrorKind.ReadTimedOut)
            {
                OnReadDeadline();
            }

            Flush();
            if (IsFinished)
                return 0;
        }
    }

    /// <summary>2. All whole frames that are there, unless they begin so many streams that others would wait.</summary>
    private void ReadFrames()
    {
        _isReading = true;
        BegunInTurn = 0;
        try
        {
            while (!_isOver && BegunInTurn < MostBegunInTurn && _reader.TryNext(out var header, out var payload))
            {
                _blockBy = _blockStream == 0 ? Never : _blockBy;
                OnFrame(in header, payload);
                if (_failure is not null)
                    throw _failure;
            }
        }
        finally
        {
            _isReading = false;
        }

        Flush();
    }

    private void OnLost(NetException reason)
    {
        _lost ??= reason;
        Kill(_lost);
    }

    /// <summary>All streams end, and nothing more is sent on them.</summary>
    private void Kill(NetException reason)
    {
        _isOver = true;
        Scheduler.Clear();
        while (_streams.Count > 0)
        {
            // Whatever is told may end others: the table is looked at anew each time.
            using var all = _streams.GetEnumerator();
            var stream = all.MoveNext() ? all.Current.Value : null;
            _streams.Remove(stream!.Id);
            stream.OnLost(reason);
            OnStreamEnded(stream);
        }
    }
}
