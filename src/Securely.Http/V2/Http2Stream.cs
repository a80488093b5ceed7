using System.Net;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One stream of a connection (RFC 9113 5): its states, its windows, and what waits in either direction. To whoever serves or uses it, it is a
/// connection of its own, which ends when the stream is reset or the connection is lost. The object serves one stream after another.
/// </summary>
internal sealed partial class Http2Stream : Connection
{
    private Http2Connection _owner = null!;
    private CancellationTokenSource? _closedSource;
    private NetException? _failure;
    private bool _isOpen;

    /// <summary>Its number; 0 while it serves none.</summary>
    internal int Id { get; private set; }

    /// <summary>Who reads and writes the messages of the stream: the session it belongs to.</summary>
    internal object? Session { get; init; }

    /// <summary>Whether nothing more is sent: END_STREAM was.</summary>
    internal bool IsLocalEnded { get; private set; }

    /// <summary>Whether nothing more comes: END_STREAM did.</summary>
    internal bool IsRemoteEnded { get; private set; }

    /// <summary>Why the stream is dead: it was reset, or its connection is lost. Null while it is not.</summary>
    internal NetException? Failure => _failure;

    /// <summary>Why nothing more can be sent although what came can be read; null while it can.</summary>
    internal NetException? SendFailure { get; private set; }

    /// <summary>What the peer's RST_STREAM said; null when none came.</summary>
    internal Http2ErrorCode? PeerReset { get; private set; }

    /// <summary>Whose fault it is when the stream breaks.</summary>
    internal ErrorSource Peer => _owner.PeerSource;

    public override Worker? Worker => _owner.Transport.Worker;

    public override IPAddress? RemoteAddress => _owner.Transport.RemoteAddress;

    public override ConnectionDigest Digest => _owner.Transport.Digest;

    public override bool IsEncrypted => _owner.Transport.IsEncrypted;

    public override object? EndpointSettings => _owner.Transport.EndpointSettings;

    public override bool IsClosed => _failure is not null || !_isOpen;

    public override CancellationToken Closed
    {
        get
        {
            _closedSource ??= new CancellationTokenSource();
            if (IsClosed && !_closedSource.IsCancellationRequested)
                _closedSource.Cancel();
            return _closedSource.Token;
        }
    }

    public override void ShutdownWrite()
    {
        if (!IsClosed && !IsLocalEnded && !_isWriting && HasSentHeaders)
            _owner.WriteEnd(this);
    }

    public override void Abort(NetException reason) => Reset(reason.Origin == Peer ? Http2ErrorCode.Cancel : Http2ErrorCode.InternalError, reason);

    public override void Close()
    {
        if (IsClosed || (IsLocalEnded && IsRemoteEnded))
            return;
        Reset(Http2ErrorCode.Cancel, new NetException(NetErrorKind.ConnectionClosed, $"Stream [{Id}] was closed") { Connection = this });
    }

    /// <summary>Whether the head of our message has been written, so that DATA may follow.</summary>
    internal bool HasSentHeaders { get; set; }

    /// <summary>Begins to serve a stream.</summary>
    internal void Open(Http2Connection owner, int id, int sendWindow, int receiveWindow)
    {
        _owner = owner;
        Id = id;
        _isOpen = true;
        _failure = null;
        PeerReset = null;
        SendFailure = null;
        IsLocalEnded = IsRemoteEnded = HasSentHeaders = false;
        SendWindow = new FlowWindow(sendWindow);
        _window = new ReceiveWindow(receiveWindow);
        Urgency = DefaultUrgency;
        IsIncremental = true;
        BodyBytes = 0;
        BodyTimeout = Timeout.InfiniteTimeSpan;
        WriteTimeout = Timeout.InfiniteTimeSpan;
        MinSendRate = 0;
        _expected = -1;
        _isDiscarding = _isLingering = false;
    }

    /// <summary>Ends the serving of a stream, and gives its memory back.</summary>
    internal void Release()
    {
        if (!_isOpen)
            return;
        // By now nobody reads what was given out last.
        ReturnLent();
        DropInput();
        _owner.Scheduler.Remove(this);
        _readTimer?.Detach();
        _writeTimer?.Detach();
        _isOpen = false;
        _failure = null;
        Watcher = null;
        Attachment = null;
        Id = 0;
        _pending = default;
        _closedSource?.Cancel();
        _closedSource = null;
    }

    /// <summary>Tells the peer that the stream is over, whatever of it is under way. What waits on it fails with the reason.</summary>
    internal void Reset(Http2ErrorCode code, NetException reason)
    {
        if (IsClosed)
            return;
        _owner.WriteReset(this, code);
        Die(reason, tell: false);
    }

    /// <summary>The peer has reset the stream.</summary>
    internal void OnReset(Http2ErrorCode code)
    {
        PeerReset = code;
        var reason = new NetException(NetErrorKind.ConnectionClosed, $"Stream [{Id}] was reset by the peer ({code})", Peer) { Connection = this };
        if (code == Http2ErrorCode.NoError && Peer == ErrorSource.Upstream && (IsRemoteEnded || _expected == 0))
            StopSending(reason);
        else
            Die(reason, tell: true);
    }

    /// <summary>The peer has broken the rules of the stream, which we have reset.</summary>
    internal void OnBroken(Http2ErrorCode code, string problem)
    {
        if (IsClosed)
            return;
        _owner.WriteReset(this, code);
        Die(new NetException(NetErrorKind.ReadError, $"Stream [{Id}]: {problem}", Peer) { Connection = this }, tell: true);
    }

    /// <summary>The connection is lost or ends.</summary>
    internal void OnLost(NetException reason) =>
        Die(new NetException(reason.Kind, reason.Message, reason.Origin == ErrorSource.Unset ? Peer : reason.Origin, reason) { Connection = this }, tell: true);

    /// <summary>A response that is whole stays so: only the rest of its request is not wanted any more (RFC 9113 8.1, H2C-04).</summary>
    private void StopSending(NetException reason)
    {
        SendFailure = reason;
        IsLocalEnded = IsRemoteEnded = true;
        _owner.Scheduler.Remove(this);
        if (_isWriting)
            FinishWrite(reason);
        if (_isReading)
            FinishRead(null);
    }

    private void Die(NetException reason, bool tell)
    {
        if (IsClosed)
            return;
        _failure = reason;
        _owner.Scheduler.Remove(this);
        DropInput();
        _closedSource?.Cancel();
        // Whoever watches learns first who is to blame; what waits then fails because of it.
        if (tell)
            Watcher?.OnInput(this, true);
        if (_isWriting)
            FinishWrite(reason);
        if (_isReading)
            FinishRead(reason);
    }

    private NetException Broken(NetErrorKind kind, string what) => new(kind, $"Stream [{Id}] of [{RemoteAddress?.ToString() ?? "local"}] {what}", Peer) { Connection = this };

    private static TimeSpan Least(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other : other == Timeout.InfiniteTimeSpan || one < other ? one : other;
}
