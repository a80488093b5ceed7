using System.Text;
using Securely.Net;

namespace Securely.Http;

/// <summary>
/// One request of a client and its response, whatever the HTTP version. It lives on its connection's worker; a read of the request's body and a
/// write of the response may overlap.
/// </summary>
/// <remarks>
/// Life: 1. the request's head has been read; 2. its body is read with <see cref="ReadBodyAsync"/>; 3. informational heads; 4. one
/// <see cref="WriteHeader"/>; 5. <see cref="WriteBodyAsync"/> until the end; 6. perhaps trailers. What is written waits in a buffer until
/// <see cref="FlushAsync"/>, the end of the response, or a body that does not fit.
/// </remarks>
public abstract class ServerSession
{
    /// <summary>The request's head. Filters may change it.</summary>
    public abstract RequestHeader Request { get; }

    /// <summary>The transport of the client.</summary>
    public abstract Connection Connection { get; }

    /// <summary>Addresses, timings and figures of the client's connection.</summary>
    public ConnectionDigest Digest => Connection.Digest;

    /// <summary>Whether the connection may serve another request; setting it to false closes it after the response.</summary>
    public abstract bool KeepAlive { get; set; }

    /// <summary>Whether the request has a body, or may have one.</summary>
    public abstract bool HasRequestBody { get; }

    /// <summary>Whether the request's body has been read to its end.</summary>
    public abstract bool IsRequestBodyEnded { get; }

    /// <summary>Whether the client waits for 100 before it sends its body.</summary>
    public abstract bool ExpectsContinue { get; }

    /// <summary>Whether the client asks for another protocol on this connection (RFC 9110 7.8).</summary>
    public abstract bool WantsUpgrade { get; }

    /// <summary>Whether reading the body sends 100 first to a client that waits for it. Default: true; a proxy leaves it to the upstream.</summary>
    public bool AutoContinue { get; set; } = true;

    /// <summary>Whether informational responses are dropped, but 101, and 100 for a client that waits for it (H1S-13). Default: false.</summary>
    public bool IgnoreInformational { get; set; }

    /// <summary>The final head, once it has been written; null before. Valid until the request ends.</summary>
    public ResponseHeader? ResponseWritten { get; protected set; }

    /// <summary>Whether the response has been written to its end.</summary>
    public abstract bool IsResponseEnded { get; }

    /// <summary>Bytes of body read from the client.</summary>
    public abstract long BodyBytesRead { get; }

    /// <summary>Bytes of body written to the client, without framing.</summary>
    public long BodyBytesSent { get; protected set; }

    /// <summary>The trailers of the request, when its body has ended and brought any.</summary>
    public abstract HeaderMap? RequestTrailers { get; }

    /// <summary>How many requests this connection has served before this one.</summary>
    public int RequestsBefore { get; internal set; }

    /// <summary>Something that the handler keeps with the connection from one request to the next.</summary>
    public object? ConnectionState { get; set; }

    /// <summary>What its endpoint grants.</summary>
    internal abstract HttpEndpointSettings Settings { get; }

    /// <summary>What <see cref="HttpService.CreateSessionState"/> made for this object, which serves other requests of the same worker later.</summary>
    public object? SessionState { get; internal set; }

    /// <summary>Reads body bytes that have arrived, without suspending.</summary>
    /// <param name="chunk">The bytes.</param>
    /// <returns>False when nothing is there now.</returns>
    public abstract bool TryReadBody(out BodyChunk chunk);

    /// <summary>Reads the next part of the body; at the end an empty one.</summary>
    /// <returns>The bytes, valid until the next read.</returns>
    /// <exception cref="IOException">The body is malformed, or the client has gone.</exception>
    public abstract ValueTask<BodyChunk> ReadBodyAsync();

    /// <summary>Sends a 1xx head at once. An HTTP/1.0 client gets none.</summary>
    /// <param name="header">A status from 100 to 199, but 101. A second 100 is not sent.</param>
    /// <returns>A task that ends when the kernel has it.</returns>
    /// <exception cref="ArgumentException">It is another status.</exception>
    /// <exception cref="InvalidOperationException">A final head has been written already.</exception>
    public abstract ValueTask WriteInformationalAsync(ResponseHeader header);

    /// <summary>Puts the final head into the buffer. Framing, Connection and Date are decided here.</summary>
    /// <param name="header">The head; it must stay as it is until the request ends.</param>
    /// <param name="isEnd">Whether no body follows.</param>
    /// <exception cref="InvalidOperationException">A final head has been written already, or the status is informational and not 101.</exception>
    public abstract void WriteHeader(ResponseHeader header, bool isEnd);

    /// <summary>Writes a part of the body. A small one may wait in the buffer.</summary>
    /// <param name="data">The bytes; may be empty at the end.</param>
    /// <param name="isEnd">Whether the body ends with them; the buffer is flushed then.</param>
    /// <returns>A task; the bytes may be changed when it has ended.</returns>
    public abstract ValueTask WriteBodyAsync(ReadOnlyMemory<byte> data, bool isEnd);

    /// <summary>Ends the body with trailers, where the client can take them.</summary>
    /// <param name="trailers">The trailers; null for none.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public abstract ValueTask WriteTrailersAsync(HeaderMap? trailers);

    /// <summary>Sends what waits in the buffer.</summary>
    /// <returns>A task that ends when the kernel has it.</returns>
    public abstract ValueTask FlushAsync();

    /// <summary>Breaks the exchange so that the client cannot take what it got for a whole response.</summary>
    /// <param name="reason">Why.</param>
    public abstract void Abort(NetException reason);

    /// <summary>From here on, after 101 or a 2xx to CONNECT, both directions carry raw bytes.</summary>
    public abstract void BeginTunnel();

    /// <summary>No more of the request is wanted: what still arrives is thrown away, within bounds, so that the client can read its response.</summary>
    public abstract void DiscardBody();

    /// <summary>Lets a pending read of the request's body end soon with a timeout. Nothing of the body is lost: the next read goes on.</summary>
    public abstract void InterruptRead();

    /// <summary>Answers the whole request. A small body that the client has sent is read first, so that the connection can live on.</summary>
    /// <param name="statusCode">From 200 to 999.</param>
    /// <param name="body">The body; may be empty.</param>
    /// <param name="contentType">The body's type; null for none.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public ValueTask RespondAsync(int statusCode, ReadOnlyMemory<byte> body = default, string? contentType = null)
    {
        var header = new ResponseHeader(statusCode);
        if (contentType is not null)
            header.Headers.Set(HeaderName.ContentType, contentType);
        SetLength(header, body.Length);
        return RespondAsync(header, body);
    }

    /// <summary>The handler has failed: what is answered, if nothing has been. 0 breaks the exchange, as a response that is cut does.</summary>
    internal abstract void Fail(int statusCode, Exception error);

    /// <summary>Answers the whole request with UTF-8 text.</summary>
    /// <param name="statusCode">From 200 to 999.</param>
    /// <param name="text">The body.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public ValueTask RespondAsync(int statusCode, string text) => RespondAsync(statusCode, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    /// <summary>Answers the whole request with a head of one's own.</summary>
    /// <param name="header">The head. Without a Content-Length it gets that of the body, where a body may be; one that it has must be right.</param>
    /// <param name="body">The body; may be empty. HEAD gets none of it, but its length; an empty one says nothing of the length to HEAD.</param>
    /// <returns>A task that ends when the kernel has everything.</returns>
    public abstract ValueTask RespondAsync(ResponseHeader header, ReadOnlyMemory<byte> body);

    /// <summary>Answers a request that its handler does not see.</summary>
    internal ValueTask RespondRefusedAsync(int statusCode)
    {
        if (statusCode != 405)
            return RespondAsync(statusCode);
        // CONNECT alone gets it. What that names is no resource of ours, so that no method can be asked of it (RFC 9110 9.3.6, 15.5.6).
        var header = new ResponseHeader(405);
        header.Headers.SetKnown(KnownHeader.Allow, default);
        return RespondAsync(header, default);
    }

    /// <summary>Announces a body that is whole, so that nobody has to find its end; a status without a body is left alone.</summary>
    private protected static void SetLength(ResponseHeader header, int length)
    {
        if (header.StatusCode is < 200 or 204 or 304 || header.Headers.ContainsKnown(KnownHeader.ContentLength))
            return;
        Span<byte> digits = stackalloc byte[11];
        System.Buffers.Text.Utf8Formatter.TryFormat(length, digits, out var written);
        header.Headers.Set(HeaderName.ContentLength, digits[..written]);
    }
}
