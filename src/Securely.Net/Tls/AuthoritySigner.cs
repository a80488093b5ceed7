using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>Makes certificates of the local authority: a new key on P-256 each, for one name, for servers, for 90 days. Thread-safe.</summary>
internal sealed class AuthoritySigner(X509Certificate2 authority)
{
    private const int SerialBytes = 16;

    // X.520 gives a common name no more.
    private const int LongestCommonName = 64;

    private static readonly TimeSpan Life = TimeSpan.FromDays(90);

    // A client's clock may be late, and time zones that are wrong by an hour are common.
    private static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    private readonly X509AuthorityKeyIdentifierExtension _authorityKey =
        X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false);

    /// <summary>Makes a certificate; within the life of the authority.</summary>
    /// <param name="name">The name; <c>localhost</c> has the addresses of this machine with it.</param>
    /// <param name="now">The time.</param>
    public ServerCertificate Issue(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var hasSubject = name.Length <= LongestCommonName;
        var request = new CertificateRequest(Subject(hasSubject ? name : null), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        // RFC 5280 section 4.2.1.6: where there is no subject, these names are critical.
        request.CertificateExtensions.Add(Names(name, isCritical: !hasSubject));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(_authorityKey);

        DateTimeOffset first = authority.NotBefore.ToUniversalTime(), last = authority.NotAfter.ToUniversalTime();
        var notBefore = now - Backdating > first ? now - Backdating : first;
        var notAfter = now + Life < last ? now + Life : last;
        using var signed = Sign(request, notBefore, notAfter);
        // Leaf alone is sent: who trusts the authority has its certificate.
        return new ServerCertificate(new CertificateChain(signed.CopyWithPrivateKey(key)));
    }

    private static X500DistinguishedName Subject(string? name)
    {
        var subject = new X500DistinguishedNameBuilder();
        if (name is not null)
            subject.AddCommonName(name);
        return subject.Build();
    }

    private static X509Extension Names(string name, bool isCritical)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == LocalAuthority.Localhost)
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        return names.Build(isCritical);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        // The sign bit: a serial number is positive.
        serial[0] &= 0x7F;
        // Key objects belong to one thread at a time; these are cheap handles to the same key.
        using var ec = authority.GetECDsaPrivateKey();
        using var rsa = authority.GetRSAPrivateKey();
        var generator = ec is not null ? X509SignatureGenerator.CreateForECDsa(ec) : X509SignatureGenerator.CreateForRSA(rsa!, RSASignaturePadding.Pkcs1);
        return request.Create(authority.SubjectName, generator, notBefore, notAfter, serial);
    }
}
