using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Securely.Net;

namespace Securely.Http;

/// <content>How long the peer may be silent, and the end: in two steps when all is well (RFC 9113 6.8), at once when nothing can be trusted.</content>
internal abstract partial class Http2Connection : IValueTaskSource
{
    private const long Never = long.MaxValue;

    // How long the peer has to hear of the end before it is final, and to close afterwards, in milliseconds.
    private const long DrainTime = 1_000;
    private const long LongestLinger = 2_000;
    private const int MostDiscarded = 256 * 1024;
    private const ulong AreYouThere = 1;
    private const ulong HaveYouHeard = 2;

    private InlineCompletion<byte> _resumption;
    private Http2Exception? _failure;
    private long _blockBy;
    private long _settingsBy;
    private long _idleBy;
    private long _pingBy;
    private long _drainBy;
    private long _endBy;
    private bool _endsAfterWrite;
    private bool _isDraining;
    private bool _isDisplaced;

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _resumption.GetStatus(token);

    void IValueTaskSource.GetResult(short token) => _resumption.GetResult(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _resumption.OnCompleted(continuation, state, token);

    /// <summary>Whether the end was announced, so that no new streams are taken.</summary>
    private protected bool IsGoingAway { get; private set; }

    /// <summary>The last stream of the peer that is or will be dealt with. It does not change once the end was announced.</summary>
    private protected abstract int LastStreamId { get; }

    /// <summary>Nothing more is wanted of the connection, but for what is under way.</summary>
    private bool IsEnding => _isDraining || IsGoingAway;

    private bool IsFinished => _isOver || (_endBy != Never && Worker.Now >= _endBy);

    /// <summary>3. First the peer is told to begin no more streams; what it has begun by the time it knows is still served.</summary>
    internal void BeginDrain()
    {
        if (IsEnding || _isOver)
            return;
        _isDraining = true;
        WriteGoAway(int.MaxValue, Http2ErrorCode.NoError);
        WritePing(HaveYouHeard);
        _drainBy = Worker.Now + DrainTime;
        SetReadDeadline();
    }

    /// <summary>The wait of a connection without streams was ended. One that has to make room goes at once.</summary>
    private void OnStopWaiting()
    {
        if (IsStopping)
        {
            BeginDrain();
            return;
        }

        GoAway(Http2ErrorCode.NoError);
        _endBy = Worker.Now;
        _isDisplaced = true;
    }

    /// <summary>What the connection was used for has ended: one without streams may go now, or has its idle time from here on.</summary>
    private protected void OnQuiet()
    {
        _idleBy = Worker.Now + Milliseconds(_options.IdleTimeout);
        if (IsGoingAway)
            BeginEnd();
        else if (!_isReading)
            SetReadDeadline();
    }

    /// <summary>The connection ends with an error as soon as whoever is at work has returned.</summary>
    private protected void FailSoon(Http2Exception failure)
    {
        if (_isOver || _failure is not null)
            return;
        _failure = failure;
        // Whoever reads frames looks after each one; else nobody may be at work on the streams when they end.
        if (!_isReading)
            Worker.Post(static connection => ((Http2Connection)connection!).EndNow(), this);
    }

    /// <summary>No streams after the last one are taken; the connection ends with the last of them.</summary>
    private protected void GoAway(Http2ErrorCode code)
    {
        if (IsGoingAway || _isOver)
            return;
        IsGoingAway = true;
        _drainBy = Never;
        WriteGoAway(LastStreamId, code);
        if (!IsBusy)
            BeginEnd();
    }

    private static long Milliseconds(TimeSpan span) => span == Timeout.InfiniteTimeSpan ? Never / 2 : (long)span.TotalMilliseconds;

    private void OpenLiveness()
    {
        var now = Worker.Now;
        _blockBy = now + Milliseconds(_options.HeaderTimeout);
        _settingsBy = now + Milliseconds(_options.SettingsTimeout);
        _idleBy = now + Milliseconds(_options.IdleTimeout);
        _pingBy = _drainBy = _endBy = Never;
    }

    private void OnSettingsAck() => _settingsBy = Never;

    private void WritePing(ulong content)
    {
        Span<byte> payload = stackalloc byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(payload, content);
        WriteFrame(FrameType.Ping, FrameFlags.None, 0, payload);
    }

    private void OnPong(ReadOnlySpan<byte> payload)
    {
        var content = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(payload);
        if (content == AreYouThere)
            _pingBy = Never;
        else if (content == HaveYouHeard && _isDraining)
            GoAway(Http2ErrorCode.NoError);
    }

    /// <summary>The read that is pending, or the next one, ends when the first of all deadlines has passed.</summary>
    private protected void SetReadDeadline()
    {
        var now = Worker.Now;
        if (_reader.HasPart && _blockBy == Never)
            _blockBy = now + Milliseconds(_options.HeaderTimeout);
        var by = Math.Min(Math.Min(_blockBy, _settingsBy), Math.Min(_drainBy, _endBy));
        if (!IsBusy)
            by = Math.Min(by, _idleBy);
        else
            by = Math.Min(by, _pingBy != Never ? _pingBy : now + Milliseconds(_options.PingInterval));
        if (!Transport.IsClosed)
            Transport.SetReadDeadline(by >= Never / 2 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, by - now)));
    }

    private void OnReadDeadline()
    {
        var now = Worker.Now;
        if (_isOver || now >= _endBy)
            return;
        if (now >= _blockBy)
            throw new Http2Exception(Http2ErrorCode.EnhanceYourCalm, "A frame or a header block takes too long") { IsLate = true };
        if (now >= _settingsBy)
            throw new Http2Exception(Http2ErrorCode.SettingsTimeout, "Our settings were not acknowledged");
        if (now >= _pingBy)
            throw new Http2Exception(Http2ErrorCode.NoError, "The peer does not answer");
        if (now >= _drainBy || (!IsBusy && now >= _idleBy))
            GoAway(Http2ErrorCode.NoError);
        else if (IsBusy && _pingBy == Never)
            AskWhetherThere(now);
    }

    private void AskWhetherThere(long now)
    {
        _pingBy = now + Milliseconds(_options.PingTimeout);
        WritePing(AreYouThere);
    }

    /// <summary>4. All that was asked for is done: our direction ends, and the peer has a moment to end its own.</summary>
    private void BeginEnd()
    {
        if (_endBy != Never)
            return;
        _endBy = Worker.Now + LongestLinger;
        _shutsAfterWrite = true;
        FlushSoon();
        SetReadDeadline();
    }

    private void EndNow()
    {
        if (_isOver)
            return;
        EndWith(_failure!);
        _endBy = Worker.Now + LongestLinger;
        SetReadDeadline();
        Flush();
    }

    /// <summary>Nothing can be trusted any more: the peer is told why, and all streams end.</summary>
    private void EndWith(Http2Exception error)
    {
        _failure = error;
        OnFailing(error);
        WriteGoAway(LastStreamId, error.Code);
        Kill(new NetException(NetErrorKind.ConnectionClosed, $"Connection [{Transport.RemoteAddress?.ToString() ?? "local"}]: {error.Message}", PeerSource, error) { Connection = Transport });
        _shutsAfterWrite = true;
    }

    /// <summary>What is left: the last words are sent, and what the peer still sends is read for a moment, so that it can read them.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask EndAsync()
    {
        _isReading = false;
        try
        {
            Kill(_lost ?? new NetException(NetErrorKind.ConnectionClosed, "The connection has ended", PeerSource) { Connection = Transport });
            Flush();
            await OnEndAsync();
            Flush();
            if (_isWriting)
                await WhenWrittenAsync();
            if (_lost is null && !_isDisplaced && !Transport.IsClosed)
                await LingerAsync();
        }
        catch (NetException)
        {
            // The peer has gone: nobody reads or sends the rest.
        }
        finally
        {
            Release();
        }
    }

    /// <summary>The side waits for what it has begun.</summary>
    private protected virtual ValueTask OnEndAsync() => default;

    private ValueTask NextTurnAsync()
    {
        _resumption.Reset();
        Worker.Post(static connection => ((Http2Connection)connection!)._resumption.SetResult(0), this);
        return new ValueTask(this, _resumption.Version);
    }

    private ValueTask WhenWrittenAsync()
    {
        _resumption.Reset();
        _endsAfterWrite = true;
        return new ValueTask(this, _resumption.Version);
    }

    private async ValueTask LingerAsync()
    {
        Transport.SetReadDeadline(TimeSpan.FromMilliseconds(LongestLinger));
        for (var left = MostDiscarded; left > 0;)
        {
            _reader.Discard();
            if (!_reader.TryFill(out var count))
                count = await _reader.FillAsync();
            if (count == 0)
                return;
            left -= count;
        }
    }

    private void Release()
    {
        _isShut = true;
        _reader.Close();
        ReleaseBlock();
        Decoder.Release();
        Encoder.Release();
        if (_output is not null)
            Pool.Return(_output);
        _output = null;
        _outputLength = 0;
    }
}
