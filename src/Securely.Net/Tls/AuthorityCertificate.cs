using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>Makes the certificate of a local authority: for ten years, and for nothing but the names and addresses of this machine.</summary>
internal static class AuthorityCertificate
{
    private const int Years = 10;
    private const int LongestCommonName = 64;
    private const string NameConstraints = "2.5.29.30";

    private static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    /// <summary>Makes a certificate and its key.</summary>
    /// <param name="now">The time.</param>
    /// <param name="host">The name of this machine; shown to those who look at what they trust.</param>
    /// <returns>Both as PEM.</returns>
    public static (string CertificatePem, string KeyPem) Make(DateTimeOffset now, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(CommonName(now, host));
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509Extension(NameConstraints, EncodeNameConstraints(), critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(now - Backdating, now.AddYears(Years));
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>
    /// NameConstraints of RFC 5280 section 4.2.1.10, permitting <c>test</c> and <c>localhost</c> with everything below them, 127.0.0.0/8 and ::1.
    /// </summary>
    internal static byte[] EncodeNameConstraints()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            // permittedSubtrees [0] SEQUENCE OF GeneralSubtree { base GeneralName }
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            {
                PermitName(writer, "test");
                PermitName(writer, LocalAuthority.Localhost);
                PermitAddresses(writer, IPAddress.Parse("127.0.0.0"), IPAddress.Parse("255.0.0.0"));
                PermitAddresses(writer, IPAddress.IPv6Loopback, IPAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
            }
        }

        return writer.Encode();
    }

    // dNSName [2] IA5String
    private static void PermitName(AsnWriter writer, string name)
    {
        using (writer.PushSequence())
            writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
    }

    // iPAddress [7] OCTET STRING: the address, then the mask
    private static void PermitAddresses(AsnWriter writer, IPAddress address, IPAddress mask)
    {
        using (writer.PushSequence())
            writer.WriteOctetString([.. address.GetAddressBytes(), .. mask.GetAddressBytes()], new Asn1Tag(TagClass.ContextSpecific, 7));
    }

    private static string CommonName(DateTimeOffset now, string host)
    {
        var date = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var room = LongestCommonName - $"Securely local authority (, {date})".Length;
        return $"Securely local authority ({(host.Length > room ? host[..room] : host)}, {date})";
    }
}
