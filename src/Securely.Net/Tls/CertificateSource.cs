namespace Securely.Net;

/// <summary>Who a server says it is, by the name that a client asks for (SNI). Called concurrently and from any thread.</summary>
public abstract class CertificateSource
{
    /// <summary>Finds the certificate for a name.</summary>
    /// <param name="serverName">In lower case and without a final dot; empty when the client sent none.</param>
    /// <param name="cancellationToken">Cancelled when the handshake is given up.</param>
    /// <returns>Null refuses the handshake with the alert unrecognized_name.</returns>
    public abstract ValueTask<ServerCertificate?> FindAsync(string serverName, CancellationToken cancellationToken);
}
