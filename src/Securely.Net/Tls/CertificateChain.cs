using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Securely.Net;

/// <summary>A certificate with its private key, and the certificates that came with it.</summary>
/// <param name="leaf">The certificate with its key.</param>
/// <param name="others">Its intermediates, in any order.</param>
internal sealed class CertificateChain(X509Certificate2 leaf, X509Certificate2Collection? others = null)
{
    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Leaf { get; } = leaf;

    /// <summary>Reads a certificate, its intermediates and its key.</summary>
    /// <exception cref="CertificateException">One cannot be read, or they do not belong together.</exception>
    public static CertificateChain Read(PemText certificates, PemText key)
    {
        var all = ReadCertificates(certificates, "Certificate");
        using var privateKey = PrivateKeyReader.Read(key);
        var leaf = Join(all, privateKey, certificates, key);
        all[0].Dispose();
        all.RemoveAt(0);
        return new CertificateChain(leaf, all);
    }

    /// <summary>Reads certificates; at least one.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="what">What it ought to be: <c>Certificate</c>, <c>Authority</c>.</param>
    /// <exception cref="CertificateException">There is none, or one cannot be read.</exception>
    public static X509Certificate2Collection ReadCertificates(PemText pem, string what)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPem(pem.Text);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException($"{pem.Title(what)} cannot be read: a certificate in it is damaged; copy it again from where it was issued", pem.Path, error);
        }

        if (all.Count > 0)
            return all;
        var hint = pem.Text.Contains("PRIVATE KEY-----", StringComparison.Ordinal) ? "a key and no certificate; are the two files swapped?" : "no -----BEGIN CERTIFICATE-----; write the path of a PEM file";
        throw new CertificateException($"{pem.Title(what)} has {hint}", pem.Path);
    }

    /// <summary>Makes what handshakes need. It asks no network, now or later.</summary>
    public SslStreamCertificateContext ForHandshakes() => SslStreamCertificateContext.Create(WithLastingKey(Leaf), others, offline: true);

    private static X509Certificate2 Join(X509Certificate2Collection all, AsymmetricAlgorithm privateKey, PemText certificates, PemText key)
    {
        try
        {
            return privateKey is RSA rsa ? all[0].CopyWithPrivateKey(rsa) : all[0].CopyWithPrivateKey((ECDsa)privateKey);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or CryptographicException)
        {
            var publicKey = privateKey.ExportSubjectPublicKeyInfo();
            var isLater = all.Any(certificate => certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(publicKey));
            var (wrong, whole) = certificates.Path is { } path ? ($"certificate [{path}]", $"[{path}]") : ("the certificate", "the text");
            throw new CertificateException(
                isLater
                    ? $"{key.Title("Key")} belongs to a later certificate of {whole}; put that one first"
                    : $"{key.Title("Key")} does not belong to {wrong}; name the key that the certificate was issued for",
                key.Path,
                error);
        }
    }

    /// <summary>Other platforms than Linux serve TLS only with keys that their own store has.</summary>
    private static X509Certificate2 WithLastingKey(X509Certificate2 certificate)
    {
        if (OperatingSystem.IsLinux())
            return certificate;
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
