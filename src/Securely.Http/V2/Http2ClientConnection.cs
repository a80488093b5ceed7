using Securely.Net;

namespace Securely.Http;

/// <summary>The client's side of an HTTP/2 connection to an upstream (RFC 9113), which many requests of one worker share.</summary>
internal sealed class Http2ClientConnection : Http2Connection
{
    private readonly ClientConnections _home;
    private readonly HpackBuffer _block = new();
    private int _nextStreamId = 1;
    private bool _isShared = true;
    private bool _hasServed;
    private TaskCompletionSource? _introduced;

    internal Http2ClientConnection(ClientConnections home, HttpPeer peer)
        : base(peer.Http2, ErrorSource.Upstream)
    {
        _home = home;
        Key = peer.ReuseKey;
        Peer = peer;
    }

    /// <summary>What decides which requests may share it.</summary>
    internal PoolKey Key { get; }

    /// <summary>The upstream.</summary>
    internal HttpPeer Peer { get; }

    /// <summary>How many sessions use it, begun or not.</summary>
    internal int InUse { get; private set; }

    /// <summary>Whether the upstream has said its settings.</summary>
    internal bool IsIntroduced => HasPeerSettings;

    /// <summary>Whether the upstream's settings let a stream become a WebSocket (RFC 8441 3).</summary>
    internal bool AllowsWebSockets => HasPeerSettings && PeerSettings.EnableConnectProtocol;

    private bool IsUsable => _isShared && !IsOver && !IsGoingAway;

    private protected override ReadOnlySpan<byte> PeerPreface => default;

    private protected override int LastStreamId => 0;

    /// <summary>What we cancel, and what an upstream refuses, is no attack of it.</summary>
    private protected override bool CountsResets => false;

    /// <summary>Whether it can carry another request.</summary>
    /// <param name="mostStreams">How many it may carry by our own choice.</param>
    internal bool HasRoom(int mostStreams) => IsUsable && InUse < mostStreams && (!HasPeerSettings || (uint)InUse < PeerSettings.MaxConcurrentStreams);

    /// <summary>Runs on a transport until it ends.</summary>
    internal void Start(Connection transport) => ServeAsync(transport).Forget();

    /// <summary>Waits until the upstream has said its settings, or the connection has ended.</summary>
    internal Task WhenIntroducedAsync() => HasPeerSettings || IsOver
        ? Task.CompletedTask
        : (_introduced ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Gives a session, whose stream begins with its head.</summary>
    internal V2ClientSession Take(PeerOptions options)
    {
        InUse++;
        var session = _home.Rent();
        session.Begin(this, options, _hasServed);
        _hasServed = true;
        return session;
    }

    /// <summary>Takes a session back; a stream that has not ended is cancelled.</summary>
    internal void Return(V2ClientSession session)
    {
        InUse--;
        session.End();
        _home.Return(session);
        if (Peer.Options.IdleTimeout == TimeSpan.Zero && InUse == 0)
            StopSharing();
    }

    /// <summary>Begins a stream.</summary>
    /// <exception cref="NetException">The connection takes no more streams.</exception>
    internal void BeginStream(Http2Stream stream)
    {
        if (!IsUsable)
            throw new NetException(NetErrorKind.ConnectionClosed, $"Connection [{Transport.Digest.RemoteEndPoint}] takes no more requests", ErrorSource.Upstream);
        AddStream(stream, _nextStreamId);
        _nextStreamId += 2;
        if (_nextStreamId < 0)
            StopSharing();
        if (StreamCount == 1)
            SetReadDeadline();
    }

    /// <summary>Begins a header block; it has to be sent before the next one is begun.</summary>
    internal HpackEncoder BeginBlock()
    {
        _block.Clear();
        Encoder.Begin(_block);
        return Encoder;
    }

    /// <summary>Sends the header block that was begun last.</summary>
    internal void SendBlock(Http2Stream stream, bool isEnd)
    {
        stream.HasSentHeaders = true;
        WriteHeaders(stream.Id, _block.Written, isEnd);
        if (!isEnd)
            return;
        stream.OnLocalEnd();
        EndIfDone(stream);
    }

    /// <summary>The upstream wants HTTP/1.1: it gets it from here on, if it may choose.</summary>
    internal bool TryFallBack()
    {
        if (Peer.Options.Protocol != PeerProtocol.Auto)
            return false;
        _home.PreferHttp1(Key);
        StopSharing();
        return true;
    }

    private protected override bool IsIdle(int streamId) => (streamId & 1) == 0 || streamId >= _nextStreamId;

    private protected override void WritePreface()
    {
        WriteRaw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[3 * Http2Settings.ItemSize];
        var length = Http2Settings.Write(settings, Http2Setting.EnablePush, 0);
        length += Http2Settings.Write(settings[length..], Http2Setting.InitialWindowSize, (uint)Options.StreamWindow);
        length += Http2Settings.Write(settings[length..], Http2Setting.MaxHeaderListSize, (uint)Options.HeaderListSize);
        WriteFrame(FrameType.Settings, FrameFlags.None, 0, settings[..length]);
        if (Options.ConnectionWindow > FlowWindow.Initial)
            WriteWindowUpdate(0, Options.ConnectionWindow - FlowWindow.Initial);
    }

    private protected override void OnHeaders(int streamId, ReadOnlySpan<byte> block, bool isEnd)
    {
        if (!TryGetStream(streamId, out var stream))
        {
            var nobody = default(NoFields);
            Check(Decoder.Decode(block, ref nobody));
            OnLateFrame(streamId, "HEADERS");
            return;
        }

        var session = (V2ClientSession)stream.Session!;
        var fields = session.BeginFields();
        var status = Decoder.Decode(block, ref fields);
        Check(status);
        session.OnFields(ref fields, status == HpackStatus.TooLarge, isEnd);
    }

    private protected override void OnStreamData(Http2Stream stream, ReadOnlySpan<byte> data, int padding, bool isEnd)
    {
        if (((V2ClientSession)stream.Session!).MayHaveBody)
        {
            base.OnStreamData(stream, data, padding, isEnd);
            return;
        }

        Consumed(data.Length + padding);
        stream.OnBroken(Http2ErrorCode.ProtocolError, "a body came before its head");
    }

    private protected override void OnStreamEnded(Http2Stream stream)
    {
        if (StreamCount == 0 && !IsOver)
            OnQuiet();
    }

    private protected override void OnPriorityUpdate(int streamId, ReadOnlySpan<byte> value) => throw Wrong("PRIORITY_UPDATE came from a server");

    private protected override void OnSettings() => _introduced?.TrySetResult();

    private protected override void OnGoAway(int lastStreamId, Http2ErrorCode code)
    {
        if (code == Http2ErrorCode.Http11Required)
            TryFallBack();
        StopSharing();
        // What it has not looked at can be asked of another connection (RFC 9113 6.8).
        RefuseAfter(lastStreamId);
    }

    /// <summary>What agrees on HTTP/2 and does not speak it is asked for HTTP/1.1 from here on (H2C-05).</summary>
    private protected override void OnFailing(Http2Exception error)
    {
        if (error.Code is Http2ErrorCode.ProtocolError or Http2ErrorCode.FrameSizeError or Http2ErrorCode.CompressionError or Http2ErrorCode.SettingsTimeout)
            TryFallBack();
    }

    private async ValueTask ServeAsync(Connection transport)
    {
        try
        {
            await RunAsync(transport, default);
        }
        finally
        {
            _isShared = false;
            _home.Remove(this);
            _introduced?.TrySetResult();
            _block.Release();
            transport.Close();
        }
    }

    private void StopSharing()
    {
        if (!_isShared)
            return;
        _isShared = false;
        _home.Remove(this);
        GoAway(Http2ErrorCode.NoError);
    }

    private void Check(HpackStatus status)
    {
        if (status == HpackStatus.Error)
            throw new Http2Exception(Http2ErrorCode.CompressionError, Decoder.Problem!);
    }

    private struct NoFields : IHpackSink
    {
        public readonly void OnField(scoped HpackField field)
        {
        }
    }
}
