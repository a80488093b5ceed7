using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>Reads the authorities that the other side's certificates have to come from.</summary>
public static class TrustedAuthorities
{
    /// <summary>Reads all certificates of a PEM file (RFC 7468), as <c>ca.pem</c> of a <see cref="LocalAuthority"/> or a bundle of many.</summary>
    /// <param name="path">The file.</param>
    /// <returns>At least one certificate.</returns>
    /// <exception cref="CertificateException">It cannot be read, or has none.</exception>
    public static X509Certificate2Collection FromFile(string path) => CertificateChain.ReadCertificates(PemText.Of(path, "Authority"), "Authority");
}
