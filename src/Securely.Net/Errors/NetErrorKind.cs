namespace Securely.Net;

/// <summary>What failed below HTTP. The names follow the proxy's ancestor, so that error tables can be compared (spec row CON-06).</summary>
public enum NetErrorKind
{
    /// <summary>A connect did not finish within its time.</summary>
    ConnectTimedOut,

    /// <summary>The peer refused the connection.</summary>
    ConnectRefused,

    /// <summary>There is no route to the peer.</summary>
    ConnectNoRoute,

    /// <summary>A connect failed for another reason.</summary>
    ConnectError,

    /// <summary>A TLS handshake failed, for whatever reason but the peer's certificate.</summary>
    TlsHandshakeFailed,

    /// <summary>A TLS handshake did not finish within its time.</summary>
    TlsHandshakeTimedOut,

    /// <summary>The peer's certificate is not from a trusted authority, out of date, or not for the name; or it has none.</summary>
    InvalidCertificate,

    /// <summary>A local address or port could not be bound.</summary>
    BindError,

    /// <summary>An accept failed.</summary>
    AcceptError,

    /// <summary>A socket could not be made or configured.</summary>
    SocketError,

    /// <summary>A read failed.</summary>
    ReadError,

    /// <summary>A write failed.</summary>
    WriteError,

    /// <summary>Nothing arrived before the read deadline.</summary>
    ReadTimedOut,

    /// <summary>The peer took nothing before the write deadline.</summary>
    WriteTimedOut,

    /// <summary>The peer closed the connection, or it was closed here, in the middle of an operation.</summary>
    ConnectionClosed,

    /// <summary>A fault of this process: permissions, exhausted ports, exhausted descriptors.</summary>
    Internal,
}
