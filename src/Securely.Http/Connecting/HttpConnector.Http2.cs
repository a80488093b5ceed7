using System.Net.Security;
using Securely.Net;

namespace Securely.Http;

/// <content>HTTP/2: many requests of one worker share a connection, so that one dial serves all who wait for it.</content>
public sealed partial class HttpConnector
{
    private ClientConnections Shared => _shared[Worker.Current!.Index];

    /// <summary>Dials, unless somebody does already and theirs will do, and takes a stream.</summary>
    /// <returns>Null where the upstream wants HTTP/1.1, and nobody has a connection for that.</returns>
    private async ValueTask<ClientSession?> ConnectHttp2Async(HttpPeer peer, bool onlyNew)
    {
        var shared = Shared;
        if (onlyNew)
            return Agree(await DialAsync(peer, onlyHttp1: false), peer, shared);
        var group = shared.GroupOf(peer.ReuseKey);
        while (group.Dialling is { } dialling)
        {
            await dialling;
            if (shared.TryTake(peer) is { } stream)
                return stream;
            if (shared.WantsHttp1(peer))
                return null;
            group = shared.GroupOf(peer.ReuseKey);
        }

        group.BeginDial();
        try
        {
            return Agree(await DialAsync(peer, onlyHttp1: false), peer, shared);
        }
        finally
        {
            group.EndDial();
        }
    }

    /// <summary>Takes a stream for a WebSocket, when the upstream's settings have come and allow it (RFC 8441 3).</summary>
    /// <returns>Null where they do not, or the upstream wants HTTP/1.1.</returns>
    private async ValueTask<ClientSession?> ConnectWebSocketAsync(HttpPeer peer)
    {
        var session = Shared.TryTake(peer) ?? await ConnectHttp2Async(peer, onlyNew: false);
        if (session is not V2ClientSession stream)
            return session;
        await stream.Owner.WhenIntroducedAsync();
        // One that has ended meanwhile says so when it is used, and another try finds a better one.
        if (stream.Owner.AllowsWebSockets || stream.Owner.IsOver)
            return stream;
        stream.Owner.Return(stream);
        return null;
    }

    /// <summary>Speaks what the handshake has agreed on; without TLS it is HTTP/2 by prior knowledge.</summary>
    private static ClientSession Agree(Connection connection, HttpPeer peer, ClientConnections shared)
    {
        if (peer.Tls is not null && connection.Digest.Tls?.ApplicationProtocol != SslApplicationProtocol.Http2)
        {
            if (peer.Options.Protocol == PeerProtocol.Auto)
            {
                shared.PreferHttp1(peer.ReuseKey);
                return Begin(connection, peer, isReused: false);
            }

            connection.Close();
            throw new NetException(
                NetErrorKind.TlsHandshakeFailed, $"Upstream [{peer}] does not agree to HTTP/2; write [protocol: auto] or [protocol: h1]", ErrorSource.Upstream);
        }

        return shared.Start(peer, connection).Take(peer.Options);
    }
}
