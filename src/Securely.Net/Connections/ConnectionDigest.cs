using System.Net;

namespace Securely.Net;

/// <summary>The facts of one connection (spec section 2.8). Reading them is cheap after the first time; they stay valid after the close.</summary>
/// <param name="remote">The peer, when it is known.</param>
/// <param name="local">The own end, when it is known.</param>
public class ConnectionDigest(EndPoint? remote = null, EndPoint? local = null)
{
    /// <summary>The peer's address; null for a Unix socket's client and for a virtual connection.</summary>
    public EndPoint? RemoteEndPoint { get; } = remote;

    /// <summary>What the TLS handshake has agreed on; null for a connection without TLS.</summary>
    public virtual TlsDigest? Tls => null;

    /// <summary>The own address; null when unknown.</summary>
    public virtual EndPoint? LocalEndPoint => local;

    /// <summary>When the connection was established.</summary>
    public virtual DateTimeOffset? EstablishedAt => null;

    /// <summary>
    /// When the kernel received the bytes that were read last, by its own clock (LIS-12). Null before the first read, and unless the listener asked
    /// for it with <see cref="TcpListenOptions.ReceiveTimestamps"/>.
    /// </summary>
    public virtual DateTimeOffset? LastReceivedAt => null;

    /// <summary>Where the client wanted to go before a firewall redirected it here (SO_ORIGINAL_DST); null when it was not redirected.</summary>
    public virtual EndPoint? OriginalDestination => null;

    /// <summary>The kernel's receive buffer in bytes; null when unknown.</summary>
    public virtual int? ReceiveBufferSize => null;

    /// <summary>The kernel's send buffer in bytes; null when unknown.</summary>
    public virtual int? SendBufferSize => null;

    /// <summary>The kernel's figures of the connection, read now.</summary>
    /// <returns>Null when the platform has none or the connection is closed.</returns>
    public virtual TcpInfo? GetTcpInfo() => null;
}
