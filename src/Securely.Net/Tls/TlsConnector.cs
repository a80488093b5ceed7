using System.Net;

namespace Securely.Net;

/// <summary>Dials servers that speak TLS, whatever is spoken inside of it. Call it on a worker; the connection belongs to that worker.</summary>
public static class TlsConnector
{
    /// <summary>Dials, and has the server prove who it is.</summary>
    /// <param name="address">An <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.</param>
    /// <param name="tls">What is asked of the server.</param>
    /// <param name="options">Defaults when null. The connect timeout holds for the dialling and for the handshake, each on its own (CON-02).</param>
    /// <returns>An established connection.</returns>
    /// <exception cref="NetException">It failed; the kind says how: as <see cref="TcpConnector"/>'s, <see cref="NetErrorKind.TlsHandshakeFailed"/>,
    /// <see cref="NetErrorKind.TlsHandshakeTimedOut"/> or <see cref="NetErrorKind.InvalidCertificate"/>.</exception>
    public static async ValueTask<Connection> ConnectAsync(EndPoint address, ClientTls tls, TcpConnectOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tls);
        options ??= TcpConnectOptions.Default;
        var connection = await TcpConnector.ConnectAsync(address, options);
        return await TlsHandshake.ConnectAsync(connection, tls, options.ConnectTimeout);
    }

    /// <summary>Begins TLS on a connection that is established: over a proxy's tunnel, in memory.</summary>
    /// <param name="connection">The connection of the current worker; it must not be used directly afterwards. Closed when the handshake fails.</param>
    /// <param name="tls">What is asked of the server.</param>
    /// <param name="timeout">How long it may take; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>The connection inside of TLS.</returns>
    /// <exception cref="NetException">It failed; the kind says how.</exception>
    public static async ValueTask<Connection> HandshakeAsync(Connection connection, ClientTls tls, TimeSpan timeout)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(tls);
        return await TlsHandshake.ConnectAsync(connection, tls, timeout);
    }
}
