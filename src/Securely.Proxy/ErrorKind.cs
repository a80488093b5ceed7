namespace Securely.Proxy;

/// <summary>What went wrong with a request; the ancestor's error types.</summary>
public enum ErrorKind
{
    /// <summary>A connect did not finish within its time.</summary>
    ConnectTimedOut,

    /// <summary>The upstream refused the connection.</summary>
    ConnectRefused,

    /// <summary>There is no route to the upstream.</summary>
    ConnectNoRoute,

    /// <summary>A connect failed for another reason.</summary>
    ConnectError,

    /// <summary>A TLS handshake failed, for whatever reason but the upstream's certificate.</summary>
    TlsHandshakeFailed,

    /// <summary>A TLS handshake did not finish within its time.</summary>
    TlsHandshakeTimedOut,

    /// <summary>The upstream's certificate is not from a trusted authority, out of date, or not for the name; or it has none.</summary>
    InvalidCertificate,

    /// <summary>A local address or port could not be bound.</summary>
    BindError,

    /// <summary>A socket could not be made or configured.</summary>
    SocketError,

    /// <summary>A head that cannot be read.</summary>
    InvalidHttpHeader,

    /// <summary>A chunk that cannot be read.</summary>
    InvalidChunk,

    /// <summary>A body that ended too early.</summary>
    PrematureBodyEnd,

    /// <summary>A body over the limit.</summary>
    BodyTooLarge,

    /// <summary>A read failed.</summary>
    ReadError,

    /// <summary>A write failed.</summary>
    WriteError,

    /// <summary>Nothing arrived in time.</summary>
    ReadTimedOut,

    /// <summary>Nothing was taken in time.</summary>
    WriteTimedOut,

    /// <summary>The peer closed the connection.</summary>
    ConnectionClosed,

    /// <summary>The request is answered with <see cref="ProxyError.StatusCode"/>.</summary>
    HttpStatus,

    /// <summary>No upstream could be chosen.</summary>
    NoUpstream,

    /// <summary>A fault of this process or of a filter.</summary>
    InternalError,

    /// <summary>A kind of the user's own; the detail says which.</summary>
    Custom,
}
