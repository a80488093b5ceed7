namespace Securely.Net;

/// <summary>Who a server says it is, by the name that a client asks for (SNI, RFC 6066 section 3).</summary>
/// <remarks>One object serves all handshakes of its listeners, on all of their workers: it is called concurrently from any thread.</remarks>
public abstract class CertificateSource
{
    /// <summary>Finds the certificate for a name.</summary>
    /// <param name="serverName">The name in lower case, as an A-label (RFC 5890) and without a trailing dot; empty when the client sent none.</param>
    /// <param name="cancellationToken">Cancelled when the handshake is given up; a certificate that others wait for too is still made.</param>
    /// <returns>Null refuses the handshake with the alert <c>unrecognized_name</c>.</returns>
    /// <exception cref="CertificateException">There ought to be a certificate, but it cannot be had; the handshake fails.</exception>
    public abstract ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken);
}
