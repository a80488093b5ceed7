using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>What a handshake has agreed on (spec section 2.8). Immutable.</summary>
/// <param name="Version">TLS 1.2 or 1.3.</param>
/// <param name="CipherSuite">The cipher suite.</param>
/// <param name="ApplicationProtocol">The protocol chosen by ALPN; empty when none was.</param>
/// <param name="ServerName">The name that the client asked for (SNI); empty when it asked for none.</param>
/// <param name="PeerCertificate">The peer's own certificate; null when it showed none.</param>
public sealed record TlsDigest(
    SslProtocols Version, TlsCipherSuite CipherSuite, SslApplicationProtocol ApplicationProtocol, string ServerName, X509Certificate2? PeerCertificate)
{
    /// <summary>The SHA-256 of the peer's certificate in lower-case hexadecimal digits; null when it showed none.</summary>
    public string? PeerCertificateHash => PeerCertificate is { } certificate
        ? Convert.ToHexStringLower(certificate.GetCertHash(System.Security.Cryptography.HashAlgorithmName.SHA256))
        : null;

    /// <summary>The organization (O) in the subject of the peer's certificate; null when it has none.</summary>
    public string? PeerOrganization
    {
        get
        {
            foreach (var name in PeerCertificate?.SubjectName.EnumerateRelativeDistinguishedNames() ?? [])
            {
                if (!name.HasMultipleElements && name.GetSingleElementType().Value == "2.5.4.10")
                    return name.GetSingleElementValue();
            }

            return null;
        }
    }
}
