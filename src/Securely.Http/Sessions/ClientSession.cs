using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One request to an upstream and its response, whatever the HTTP version. It lives on its connection's worker; the writing of the request and the
/// reading of the response may overlap.
/// </summary>
public abstract class ClientSession
{
    /// <summary>The transport of the upstream.</summary>
    public abstract Connection Connection { get; }

    /// <summary>The last head that <see cref="ReadHeaderAsync"/> read. Valid until the session is released.</summary>
    public abstract ResponseHeader Response { get; }

    /// <summary>Whether the connection has served a request before this one.</summary>
    public bool IsReused { get; internal set; }

    /// <summary>Whether the kernel has taken anything of the request.</summary>
    public abstract bool HasSent { get; }

    /// <summary>Whether the request has been written to its end.</summary>
    public abstract bool IsRequestEnded { get; }

    /// <summary>Whether any byte of the response has arrived.</summary>
    public abstract bool HasReceived { get; }

    /// <summary>
    /// Whether the upstream has said that it has not looked at the request, so that any may be sent again (RFC 9113 8.7): it refused the stream, its
    /// GOAWAY came first, or it wants HTTP/1.1 and gets it from here on.
    /// </summary>
    public virtual bool IsRefused => false;

    /// <summary>Whether the response carries raw bytes from here on: 101, or 2xx to CONNECT.</summary>
    public abstract bool IsTunnel { get; }

    /// <summary>Whether the response has a body that has not been read to its end.</summary>
    public abstract bool HasMoreBody { get; }

    /// <summary>Bytes of body received.</summary>
    public abstract long BodyBytesReceived { get; }

    /// <summary>The trailers, when the body has ended and brought any.</summary>
    public abstract HeaderMap? Trailers { get; }

    /// <summary>Puts the request's head into the buffer.</summary>
    /// <param name="header">The head; hop-by-hop fields must be gone. An Upgrade field asks for an upgrade.</param>
    /// <param name="hasBody">Whether a body follows; without a Content-Length it is sent in chunks.</param>
    public abstract void WriteHeader(RequestHeader header, bool hasBody);

    /// <summary>Writes a part of the body. A small one may wait in the buffer.</summary>
    /// <param name="data">The bytes; may be empty at the end.</param>
    /// <param name="isEnd">Whether the body ends with them; the buffer is flushed then.</param>
    /// <returns>A task; the bytes may be changed when it has ended.</returns>
    public abstract ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd);

    /// <summary>Ends the body with trailers, where the upstream can take them.</summary>
    /// <param name="trailers">The trailers; null for none.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public abstract ValueTask WriteTrailersAsync(HeaderMap? trailers);

    /// <summary>Sends what waits in the buffer.</summary>
    /// <returns>A task that ends when the kernel has it.</returns>
    public abstract ValueTask FlushAsync();

    /// <summary>Reads the next head, informational ones and then the final one, as far as it has arrived.</summary>
    /// <returns>Whether it is there; <see cref="Response"/> holds it then. Else <see cref="WaitAsync"/> and try again.</returns>
    /// <exception cref="HttpProtocolException">The upstream does not speak HTTP properly.</exception>
    /// <exception cref="NetException">The upstream has gone.</exception>
    public abstract bool TryReadHeader();

    /// <summary>Waits, within the read timeout, until more has arrived.</summary>
    /// <returns>False when the connection was told to wait no longer.</returns>
    /// <exception cref="NetException">The upstream has gone or took too long.</exception>
    public abstract ValueTask<bool> WaitAsync();

    /// <summary>Reads the next head.</summary>
    /// <returns>A task; <see cref="Response"/> holds the head then.</returns>
    /// <exception cref="HttpProtocolException">The upstream does not speak HTTP properly.</exception>
    /// <exception cref="NetException">The upstream has gone or took too long.</exception>
    public async ValueTask ReadHeaderAsync()
    {
        while (!TryReadHeader())
        {
            if (!await WaitAsync())
                throw new NetException(NetErrorKind.ConnectionClosed, "The connection waits no longer", ErrorSource.Internal);
        }
    }

    /// <summary>Reads body bytes that have arrived, without suspending.</summary>
    /// <param name="chunk">The bytes.</param>
    /// <returns>False when nothing is there now.</returns>
    public abstract bool TryReadBody(out BodyChunk chunk);

    /// <summary>Reads the next part of the body.</summary>
    /// <returns>The bytes, valid until the next read.</returns>
    public abstract ValueTask<BodyChunk> ReadBodyAsync();

    /// <summary>From here on both directions carry raw bytes, within a time of silence.</summary>
    /// <param name="silence">How long nothing may come.</param>
    public abstract void BeginTunnel(TimeSpan silence);

    /// <summary>Gives the exchange up; pending operations fail with the reason.</summary>
    /// <param name="reason">Why.</param>
    public abstract void Abort(NetException reason);

    /// <summary>Whether the connection can carry another request, and for how long it may wait for one.</summary>
    /// <param name="keepAlive">What the upstream said of its own patience; null when it said nothing.</param>
    internal abstract bool CanReuse(out TimeSpan? keepAlive);

    /// <summary>Gives rented memory back.</summary>
    internal abstract void End();
}
