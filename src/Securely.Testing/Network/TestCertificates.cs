using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Testing;

/// <summary>A little certificate authority for tests, with everything as PEM files in a directory of its own. Not thread-safe.</summary>
/// <remarks>A pair that does not match is the certificate of one and the key of another.</remarks>
public sealed class TestCertificates : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly TemporaryDirectory _directory = new();
    private readonly TimeProvider _time;
    private readonly List<X509Certificate2> _made = [];

    /// <summary>Makes the authority, which is valid from ten years ago until ten years from now.</summary>
    /// <param name="time">The clock; the system's when null, which is what other programs look at.</param>
    public TestCertificates(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest("Test authority", key);
        var now = _time.GetUtcNow();
        Authority = Keep(request.CreateSelfSigned(now.AddYears(-10), now.AddYears(10)));
        AuthorityPath = _directory.Write("authority.pem", Authority.ExportCertificatePem() + "\n");
    }

    /// <summary>The authority's certificate with its key: what the other side has to trust.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The authority's certificate as a PEM file.</summary>
    public string AuthorityPath { get; }

    /// <summary>Where the files are; a test may write more into it.</summary>
    public string Directory => _directory.Path;

    /// <summary>Makes a server's certificate with an EC key, valid from yesterday for ninety days.</summary>
    /// <param name="names">Host names, wildcards and IP addresses.</param>
    public TestCertificate Issue(params string[] names) => Issue(new TestCertificateOptions { Names = names });

    /// <summary>Makes a certificate.</summary>
    /// <param name="options">What it is like.</param>
    public TestCertificate Issue(TestCertificateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var issuer = Authority;
        var intermediates = new List<X509Certificate2>();
        for (var i = 0; i < options.Intermediates; i++)
        {
            issuer = MakeIntermediate(issuer);
            intermediates.Insert(0, issuer);
        }

        using AsymmetricAlgorithm key = options.Key switch
        {
            TestKey.Rsa2048 => RSA.Create(2048),
            TestKey.Rsa1024 => RSA.Create(1024),
            TestKey.P384 => ECDsa.Create(ECCurve.NamedCurves.nistP384),
            _ => ECDsa.Create(ECCurve.NamedCurves.nistP256),
        };
        var leaf = Sign(LeafRequest(options, key), issuer, options.NotBefore ?? _time.GetUtcNow().AddDays(-1), options.NotAfter ?? _time.GetUtcNow().AddDays(89));
        return Save(Keep(key is RSA rsa ? leaf.CopyWithPrivateKey(rsa) : leaf.CopyWithPrivateKey((ECDsa)key)), intermediates, key);
    }

    /// <summary>Removes the files; the certificates can no longer be used.</summary>
    public void Dispose()
    {
        _made.ForEach(certificate => certificate.Dispose());
        _directory.Dispose();
    }

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static CertificateRequest LeafRequest(TestCertificateOptions options, AsymmetricAlgorithm key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(options.CommonName ?? (options.Names.Count > 0 ? options.Names[0] : "nobody"));
        var request = key is RSA rsa
            ? new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject.Build(), (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(options.IsForClients ? ClientAuthentication : ServerAuthentication)], critical: false));
        if (options.Names.Count == 0)
            return request;
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in options.Names)
        {
            if (IPAddress.TryParse(name, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 issuer, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = issuer.GetECDsaPrivateKey()!;
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        return request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(key), notBefore, notAfter, serial);
    }

    private X509Certificate2 MakeIntermediate(X509Certificate2 issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AuthorityRequest(string.Create(CultureInfo.InvariantCulture, $"Test intermediate {_made.Count}"), key);
        using var signed = Sign(request, issuer, _time.GetUtcNow().AddYears(-9), _time.GetUtcNow().AddYears(9));
        return Keep(signed.CopyWithPrivateKey(key));
    }

    private TestCertificate Save(X509Certificate2 leaf, List<X509Certificate2> intermediates, AsymmetricAlgorithm key)
    {
        var number = _made.Count.ToString(CultureInfo.InvariantCulture);
        var certificatePem = string.Concat(intermediates.Prepend(leaf).Select(certificate => certificate.ExportCertificatePem() + "\n"));
        var keyPem = key.ExportPkcs8PrivateKeyPem() + "\n";
        return new TestCertificate
        {
            Certificate = leaf,
            Intermediates = intermediates,
            CertificatePem = certificatePem,
            KeyPem = keyPem,
            CertificatePath = _directory.Write($"{number}.pem", certificatePem),
            KeyPath = _directory.Write($"{number}.key", keyPem),
        };
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _made.Add(certificate);
        return certificate;
    }
}

/// <summary>What a certificate of <see cref="TestCertificates"/> is like.</summary>
public sealed record TestCertificateOptions
{
    /// <summary>Host names, wildcards and IP addresses (subjectAltName). Default: <c>localhost</c>. Without any it has no such extension.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["localhost"];

    /// <summary>The common name of its subject. Default: the first of <see cref="Names"/>.</summary>
    public string? CommonName { get; init; }

    /// <summary>Its key. Default: P-256.</summary>
    public TestKey Key { get; init; }

    /// <summary>Default: a day ago.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Default: in 89 days.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Whether it is for clients (clientAuth) and not for servers. Default: false.</summary>
    public bool IsForClients { get; init; }

    /// <summary>How many authorities stand between it and the authority. Default: none.</summary>
    public int Intermediates { get; init; }
}

/// <summary>The key of a certificate.</summary>
public enum TestKey
{
    /// <summary>EC on P-256.</summary>
    P256,

    /// <summary>EC on P-384.</summary>
    P384,

    /// <summary>RSA with 2048 bits.</summary>
    Rsa2048,

    /// <summary>RSA with 1024 bits, which nobody accepts any more.</summary>
    Rsa1024,
}

/// <summary>A certificate, its key and its files; they live as long as the <see cref="TestCertificates"/> that made them.</summary>
public sealed record TestCertificate
{
    /// <summary>The certificate with its private key.</summary>
    public required X509Certificate2 Certificate { get; init; }

    /// <summary>Who signed it, up to but without the authority; each signed the one before it.</summary>
    public required IReadOnlyList<X509Certificate2> Intermediates { get; init; }

    /// <summary>The certificate and its intermediates.</summary>
    public required string CertificatePem { get; init; }

    /// <summary>The key (PKCS #8).</summary>
    public required string KeyPem { get; init; }

    /// <summary>The file of <see cref="CertificatePem"/>.</summary>
    public required string CertificatePath { get; init; }

    /// <summary>The file of <see cref="KeyPem"/>.</summary>
    public required string KeyPath { get; init; }
}
