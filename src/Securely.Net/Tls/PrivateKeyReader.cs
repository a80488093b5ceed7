using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Securely.Net;

/// <summary>Reads private keys of PEM files: PKCS #8 (RFC 5958), PKCS #1 (RFC 8017) and SEC 1 (RFC 5915).</summary>
internal static class PrivateKeyReader
{
    private const int SmallestRsa = 2048;
    private const string Wanted = "use a key of RSA or EC, as openssl ecparam -name prime256v1 -genkey -noout makes one";

    // What exists elsewhere, so that a message can name it.
    private static readonly Dictionary<string, string> Unsupported = new(StringComparer.Ordinal)
    {
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
        ["1.2.840.10040.4.1"] = "DSA",
        ["1.2.840.113549.1.1.10"] = "RSASSA-PSS",
    };

    /// <summary>The first private key of a text.</summary>
    /// <returns>An <see cref="RSA"/> or an <see cref="ECDsa"/>, owned by the caller.</returns>
    /// <exception cref="CertificateException">There is none that can be used.</exception>
    public static AsymmetricAlgorithm Read(PemText pem)
    {
        var rest = pem.Text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var der = new byte[fields.DecodedDataLength];
            if (!Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out var length))
                break;
            var key = Import(rest[fields.Label], der.AsSpan(0, length), pem);
            CryptographicOperations.ZeroMemory(der);
            if (key is not null)
                return Checked(key, pem);
            rest = rest[fields.Location.End..];
        }

        // The older encrypted form has header lines, which RFC 7468 does not know.
        if (pem.Text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw Encrypted(pem);
        var hint = pem.Text.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal) ? "a certificate and no key; are the two files swapped?" : "no -----BEGIN PRIVATE KEY-----; write the path of a PEM file";
        throw new CertificateException($"{pem.Title("Key")} has {hint}", pem.Path);
    }

    private static AsymmetricAlgorithm? Import(ReadOnlySpan<char> label, ReadOnlySpan<byte> der, PemText pem)
    {
        try
        {
            return label switch
            {
                "PRIVATE KEY" => ImportPkcs8(der, pem),
                "RSA PRIVATE KEY" => Import(RSA.Create(), der, static (key, der) => key.ImportRSAPrivateKey(der, out _)),
                "EC PRIVATE KEY" => Import(ECDsa.Create(), der, static (key, der) => key.ImportECPrivateKey(der, out _)),
                "ENCRYPTED PRIVATE KEY" => throw Encrypted(pem),
                _ => null,
            };
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException)
        {
            throw new CertificateException($"{pem.Title("Key")} cannot be read: it is damaged, or on a curve that is not supported; {Wanted}", pem.Path, error);
        }
    }

    private static AsymmetricAlgorithm ImportPkcs8(ReadOnlySpan<byte> der, PemText pem)
    {
        // PrivateKeyInfo ::= SEQUENCE { version INTEGER, privateKeyAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, ... }, ... }
        var info = new AsnReader(der.ToArray(), AsnEncodingRules.BER).ReadSequence();
        info.ReadInteger();
        var algorithm = info.ReadSequence().ReadObjectIdentifier();
        return algorithm switch
        {
            "1.2.840.113549.1.1.1" => Import(RSA.Create(), der, static (key, der) => key.ImportPkcs8PrivateKey(der, out _)),
            "1.2.840.10045.2.1" => Import(ECDsa.Create(), der, static (key, der) => key.ImportPkcs8PrivateKey(der, out _)),
            _ => throw new CertificateException($"{pem.Title("Key")} is of the kind {Unsupported.GetValueOrDefault(algorithm, algorithm)}, which cannot serve TLS here; {Wanted}", pem.Path),
        };
    }

    private static T Import<T>(T key, ReadOnlySpan<byte> der, Importer<T> import) where T : AsymmetricAlgorithm
    {
        try
        {
            import(key, der);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static AsymmetricAlgorithm Checked(AsymmetricAlgorithm key, PemText pem)
    {
        if (key is not RSA { KeySize: < SmallestRsa })
            return key;
        var size = key.KeySize;
        key.Dispose();
        throw new CertificateException(string.Create(null, $"{pem.Title("Key")} has {size} bits, which clients refuse; RSA needs {SmallestRsa}: have the certificate issued anew for a longer key"), pem.Path);
    }

    private static CertificateException Encrypted(PemText pem) =>
        new($"{pem.Title("Key")} is encrypted, and nobody is there to type its password; write it without one with openssl pkey -in OLD -out NEW", pem.Path);

    private delegate void Importer<in T>(T key, ReadOnlySpan<byte> der);
}
