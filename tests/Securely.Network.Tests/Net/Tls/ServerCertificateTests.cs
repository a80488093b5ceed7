using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

public sealed class ServerCertificateTests : IDisposable
{
    private const string Ed25519Key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHupzx+NxUO3DbcKC8J+CSQzNDqqKUDqhjuFlSp95ixO\n-----END PRIVATE KEY-----\n";
    private const string OldEncryptedKey =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";

    private readonly TestCertificates _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Has_the_names_and_the_life_of_its_certificate()
    {
        var made = _authority.Issue("App.Test", "*.app.test", "127.0.0.1");

        var certificate = ServerCertificate.FromPem(made.CertificatePem, made.KeyPem);

        Assert.Equal(["app.test", "*.app.test"], certificate.Names);
        Assert.Equal(made.Certificate.NotBefore.ToUniversalTime(), certificate.NotBefore.UtcDateTime);
        Assert.Equal(made.Certificate.NotAfter.ToUniversalTime(), certificate.NotAfter.UtcDateTime);
        Assert.Equal(made.Certificate.Thumbprint, certificate.Context.TargetCertificate.Thumbprint);
        Assert.True(certificate.Context.TargetCertificate.HasPrivateKey);
        Assert.Empty(certificate.Context.IntermediateCertificates);
        Assert.Null(certificate.Files);
        Assert.Equal("Certificate [app.test]", certificate.ToString());
    }

    // subjectAltName of one dNSName in UTF-8 (OpenSSL writes it so), and extended key usage that ends within an identifier.
    [Theory]
    [InlineData("2.5.29.17", new byte[] { 0x30, 0x08, 0x82, 0x06, (byte)'b', 0xC3, 0xBC, (byte)'.', (byte)'d', (byte)'e' })]
    [InlineData("2.5.29.37", new byte[] { 0x30, 0x02, 0x06, 0x08 })]
    public void An_extension_that_cannot_be_read_is_told(string extension, byte[] content)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=app.test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension(extension, content, critical: false));
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));

        var error = Assert.Throws<CertificateException>(() => ServerCertificate.FromPem(made.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem()));

        Assert.StartsWith("Certificate [CN=app.test] has an extension that cannot be read (", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TestKey.P256, false)]
    [InlineData(TestKey.P384, true)]
    [InlineData(TestKey.Rsa2048, true)]
    public async Task Serves_every_kind_of_key_with_its_intermediates(TestKey key, bool isExpensive)
    {
        var made = _authority.Issue(new TestCertificateOptions { Names = ["app.test"], Key = key, Intermediates = 2 });

        var certificate = ServerCertificate.FromFiles(made.CertificatePath, made.KeyPath);

        Assert.Equal(isExpensive, certificate.IsExpensive);
        Assert.Equal(made.Intermediates.Select(one => one.Thumbprint), certificate.Context.IntermediateCertificates.Select(one => one.Thumbprint));
        Assert.Equal(new CertificateFiles(made.CertificatePath, made.KeyPath), certificate.Files);
        Assert.Equal(made.Certificate.Thumbprint, await PlainHandshake.RunAsync(new CertificateStore(certificate), "app.test", _authority.Authority));
    }

    [Fact]
    public void Intermediates_come_in_any_order_and_the_root_and_strangers_are_not_sent()
    {
        var made = _authority.Issue(new TestCertificateOptions { Names = ["app.test"], Intermediates = 2 });
        var stranger = _authority.Issue("other.test");
        X509Certificate2[] order = [made.Certificate, _authority.Authority, stranger.Certificate, made.Intermediates[1], made.Intermediates[0]];

        var certificate = ServerCertificate.FromPem(string.Concat(order.Select(one => one.ExportCertificatePem() + "\n")), made.KeyPem);

        Assert.Equal(made.Intermediates.Select(one => one.Thumbprint), certificate.Context.IntermediateCertificates.Select(one => one.Thumbprint));
    }

    [Fact]
    public void Certificate_and_key_may_be_one_file_with_other_text_in_it()
    {
        var made = _authority.Issue("app.test");
        var path = Write("both.pem", "Bag Attributes\n    friendlyName: app\n" + made.KeyPem + "subject=CN = app.test\n" + made.CertificatePem);

        Assert.Equal(["app.test"], ServerCertificate.FromFiles(path, path).Names);
    }

    [Fact]
    public void Older_forms_of_keys_are_read()
    {
        var ec = _authority.Issue("app.test");
        var rsa = _authority.Issue(new TestCertificateOptions { Key = TestKey.Rsa2048 });
        using var ecKey = ec.Certificate.GetECDsaPrivateKey()!;
        using var rsaKey = rsa.Certificate.GetRSAPrivateKey()!;

        // What openssl ecparam -genkey writes: the curve first, then the key.
        var parameters = PemEncoding.WriteString("EC PARAMETERS", Convert.FromHexString("06082A8648CE3D030107"));
        Assert.NotNull(ServerCertificate.FromPem(ec.CertificatePem, parameters + "\n" + ecKey.ExportECPrivateKeyPem()));
        Assert.NotNull(ServerCertificate.FromPem(rsa.CertificatePem, rsaKey.ExportRSAPrivateKeyPem()));
    }

    [Theory]
    [InlineData("app.test", true)]
    [InlineData("APP.test", true)]
    [InlineData("a.app.test", true)]
    [InlineData("a.b.app.test", false)]
    [InlineData(".app.test", false)]
    [InlineData("*.app.test", true)]
    [InlineData("xapp.test", false)]
    [InlineData("test", false)]
    [InlineData("", false)]
    public void Covers_its_names_and_one_label_for_a_star(string name, bool isCovered)
    {
        var made = _authority.Issue("app.test", "*.app.test");

        Assert.Equal(isCovered, ServerCertificate.FromPem(made.CertificatePem, made.KeyPem).Covers(name));
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        var one = _authority.Issue("one.test");
        var two = _authority.Issue("two.test");
        var rsa = _authority.Issue(new TestCertificateOptions { Key = TestKey.Rsa2048 });

        Refused(one.CertificatePath, two.KeyPath, $"Key [{two.KeyPath}] does not belong to certificate [{one.CertificatePath}]; name the key that the certificate was issued for", two.KeyPath);
        Refused(one.CertificatePath, rsa.KeyPath, $"Key [{rsa.KeyPath}] does not belong to certificate [{one.CertificatePath}]; name the key that the certificate was issued for", rsa.KeyPath);
        var both = Write("both.pem", one.CertificatePem + two.CertificatePem);
        Refused(both, two.KeyPath, $"Key [{two.KeyPath}] belongs to a later certificate of [{both}]; put that one first", two.KeyPath);
        var error = Assert.Throws<CertificateException>(() => ServerCertificate.FromPem(one.CertificatePem, two.KeyPem));
        Assert.Equal(("The key does not belong to the certificate; name the key that the certificate was issued for", null), (error.Message, error.File));
    }

    [Fact]
    public void Files_that_hold_something_else_are_refused_with_the_way_out()
    {
        var made = _authority.Issue("app.test");
        var weak = _authority.Issue(new TestCertificateOptions { Key = TestKey.Rsa1024 });
        using var key = made.Certificate.GetECDsaPrivateKey()!;
        var encrypted = Write("encrypted.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));
        var older = Write("older.key", OldEncryptedKey);
        var empty = Write("empty.pem", "nothing\n");
        var damaged = Write("damaged.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        var damagedKey = Write("damaged.key", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
        var edwards = Write("edwards.key", Ed25519Key);
        var binary = Path.Combine(_authority.Directory, "binary.cer");
        File.WriteAllBytes(binary, made.Certificate.RawData);
        var large = Write("large.pem", new string('x', (4 << 20) + 1));
        var missing = Path.Combine(_authority.Directory, "missing.pem");

        Refused(missing, made.KeyPath, $"Certificate [{missing}] does not exist; write the path of a PEM file", missing);
        Refused(made.CertificatePath, missing, $"Key [{missing}] does not exist; write the path of a PEM file", missing);
        Refused(_authority.Directory, made.KeyPath, $"Certificate [{_authority.Directory}] is a directory; write the path of a PEM file", _authority.Directory);
        Refused(large, made.KeyPath, $"Certificate [{large}] is too large for a PEM file; name another file", large);
        Refused(binary, made.KeyPath, $"Certificate [{binary}] is binary (DER or PKCS #12), not PEM; convert it with openssl x509, openssl pkey or openssl pkcs12 -nodes", binary);
        Refused(empty, made.KeyPath, $"Certificate [{empty}] has no -----BEGIN CERTIFICATE-----; write the path of a PEM file", empty);
        Refused(made.CertificatePath, empty, $"Key [{empty}] has no -----BEGIN PRIVATE KEY-----; write the path of a PEM file", empty);
        Refused(made.KeyPath, made.CertificatePath, $"Certificate [{made.KeyPath}] has a key and no certificate; are the two files swapped?", made.KeyPath);
        Refused(made.CertificatePath, made.CertificatePath, $"Key [{made.CertificatePath}] has a certificate and no key; are the two files swapped?", made.CertificatePath);
        Refused(damaged, made.KeyPath, $"Certificate [{damaged}] cannot be read: a certificate in it is damaged; copy it again from where it was issued", damaged);
        Refused(made.CertificatePath, damagedKey, $"Key [{damagedKey}] cannot be read: it is damaged, or on a curve that is not supported; use a key of RSA or EC, as openssl ecparam -name prime256v1 -genkey -noout makes one", damagedKey);
        Refused(made.CertificatePath, encrypted, $"Key [{encrypted}] is encrypted, and nobody is there to type its password; write it without one with openssl pkey -in OLD -out NEW", encrypted);
        Refused(made.CertificatePath, older, $"Key [{older}] is encrypted, and nobody is there to type its password; write it without one with openssl pkey -in OLD -out NEW", older);
        Refused(made.CertificatePath, edwards, $"Key [{edwards}] is of the kind Ed25519, which cannot serve TLS here; use a key of RSA or EC, as openssl ecparam -name prime256v1 -genkey -noout makes one", edwards);
        Refused(weak.CertificatePath, weak.KeyPath, $"Key [{weak.KeyPath}] has 1024 bits, which clients refuse; RSA needs 2048: have the certificate issued anew for a longer key", weak.KeyPath);
    }

    [Fact]
    public void Warns_in_the_last_fourteen_days_and_afterwards()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var made = _authority.Issue(new TestCertificateOptions { NotBefore = start, NotAfter = start.AddDays(90) });
        var certificate = ServerCertificate.FromFiles(made.CertificatePath, made.KeyPath);

        Assert.Empty(certificate.WarningsAt(start));
        Assert.Empty(certificate.WarningsAt(start.AddDays(76)));
        Assert.Equal([$"Certificate [{made.CertificatePath}] expires on 2026-04-01 00:00 UTC; renew it"], certificate.WarningsAt(start.AddDays(76).AddSeconds(1)));
        Assert.Equal([$"Certificate [{made.CertificatePath}] expires on 2026-04-01 00:00 UTC; renew it"], certificate.WarningsAt(start.AddDays(90)));
        Assert.Equal([$"Certificate [{made.CertificatePath}] expired on 2026-04-01 00:00 UTC, so the other side refuses it; renew it"], certificate.WarningsAt(start.AddDays(90).AddSeconds(1)));
        Assert.Equal(
            [$"Certificate [{made.CertificatePath}] is not valid before 2026-01-01 00:00 UTC, so the other side refuses it; look at the clock of this machine, or wait"],
            certificate.WarningsAt(start.AddSeconds(-1)));
    }

    [Fact]
    public void A_short_life_is_warned_about_in_its_last_third()
    {
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var made = _authority.Issue(new TestCertificateOptions { NotBefore = start, NotAfter = start.AddDays(6) });
        var certificate = ServerCertificate.FromPem(made.CertificatePem, made.KeyPem);

        Assert.Empty(certificate.WarningsAt(start.AddDays(4)));
        Assert.Equal(["Certificate [localhost] expires on 2026-01-07 00:00 UTC; renew it"], certificate.WarningsAt(start.AddDays(4).AddSeconds(1)));
    }

    [Fact]
    public void Warns_of_what_clients_refuse_for_other_reasons()
    {
        var nameless = _authority.Issue(new TestCertificateOptions { Names = [], CommonName = "app.test" });
        var client = _authority.Issue(new TestCertificateOptions { IsForClients = true });
        var address = _authority.Issue("127.0.0.1");
        var now = TimeProvider.System.GetUtcNow();

        Assert.Equal(
            ["Certificate [CN=app.test] names no host (it has no subjectAltName), so clients refuse it; have one issued for the names of its sites"],
            ServerCertificate.FromPem(nameless.CertificatePem, nameless.KeyPem).WarningsAt(now));
        Assert.Equal(
            ["Certificate [localhost] is not meant for servers (its extended key usage lacks serverAuth), so clients refuse it; have one issued for servers"],
            ServerCertificate.FromPem(client.CertificatePem, client.KeyPem).WarningsAt(now));
        Assert.Empty(ServerCertificate.FromPem(address.CertificatePem, address.KeyPem).WarningsAt(now));
    }

    private static void Refused(string certificatePath, string keyPath, string message, string file)
    {
        var error = Assert.Throws<CertificateException>(() => ServerCertificate.FromFiles(certificatePath, keyPath));
        Assert.Equal((message, file), (error.Message, error.File));
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_authority.Directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
