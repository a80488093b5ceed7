using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using Securely.Net;

namespace Securely.Http;

/// <content>HTTP/2: which connections speak it, and what becomes of their streams.</content>
public partial class HttpService
{
    // Where clients come from that have gone too far lately.
    private readonly CalmedPeers _calmedPeers = new();
    private FreeSessions<V2ServerSession>[] _streams = [];

    /// <summary>A client of the address has gone too far.</summary>
    internal void Calm(IPAddress? address, long now)
    {
        if (!IsShared(address))
            _calmedPeers.Add(address, now);
    }

    /// <summary>Serves the request of one stream. It does not throw: what happens is answered, or the stream is reset.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask ServeStreamAsync(V2ServerSession session, CancellationToken shutdown)
    {
        try
        {
            if (session.Refusal != 0)
            {
                await session.RespondRefusedAsync(session.Refusal);
                OnRefused(session);
            }
            else
            {
                _requests.Add(Worker.Current!.Index);
                try
                {
                    await HandleAsync(session, shutdown);
                }
                catch (Exception e) when (e is not NetException error || !IsOfClient(error, session.Connection))
                {
                    OnHandlerFailed(session, e);
                }
            }

            await session.FinishAsync();
        }
        catch (NetException)
        {
            // The client has gone, or has reset the stream.
        }
        catch (Exception e)
        {
            LogHandlerFailed(Logger, e, session.Request.MethodText, session.Request.PathText);
        }
    }

    internal V2ServerSession RentStream(HttpEndpointSettings settings, Worker worker) =>
        _streams[worker.Index].TryTake(settings, out var session) ? session : new V2ServerSession(_options, settings) { SessionState = CreateSessionState() };

    internal void Return(V2ServerSession session, Worker worker) => _streams[worker.Index].Add(session);

    /// <summary>Whether the client has chosen HTTP/2 in its handshake (RFC 9113 3.2).</summary>
    private static bool HasChosenHttp2(Connection connection) =>
        connection.IsEncrypted && connection.Digest.Tls is { } tls && tls.ApplicationProtocol == SslApplicationProtocol.Http2;

    private ValueTask ServeHttp2Async(Connection connection, HttpEndpointSettings settings, ReadOnlyMemory<byte> received, CancellationToken shutdown) =>
        new V2ServerConnection(this, _options, settings, _calmedPeers.Contains(connection.RemoteAddress, connection.Worker!.Now)).ServeAsync(connection, received, shutdown);
}
