using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

[UnsupportedOSPlatform("windows")]
public sealed class AuthorityFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(_start);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => _directory.File("authority");

    private string KeyPath => Path.Combine(Folder, "ca.key");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Is_made_once_and_read_afterwards()
    {
        var first = LocalAuthority.Open(Folder, _time);
        var pem = File.ReadAllText(first.CertificatePath);
        _time.Advance(TimeSpan.FromDays(365));
        var second = LocalAuthority.Open(Folder, _time);

        Assert.Equal(Path.Combine(Folder, "ca.pem"), first.CertificatePath);
        Assert.Equal(pem, File.ReadAllText(second.CertificatePath));
        Assert.Equal(_start.AddYears(10), first.NotAfter);
        Assert.Equal([".lock", "ca.key", "ca.pem"], Directory.EnumerateFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(KeyPath));
        Assert.Equal(OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(first.CertificatePath));
    }

    [Fact]
    public void Is_an_authority_with_a_name_that_says_what_it_is()
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(LocalAuthority.Open(Folder, _time).CertificatePath);

        Assert.Matches(@"^CN=""?Securely local authority \(.+, 2026-01-01\)""?$", certificate.Subject);
        Assert.InRange(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false).Length, 1, 64);
        Assert.Equal(_start.AddHours(-1).UtcDateTime, certificate.NotBefore.ToUniversalTime());
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.Equal((true, true, 0, true), (constraints.CertificateAuthority, constraints.HasPathLengthConstraint, constraints.PathLengthConstraint, constraints.Critical));
        var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.Equal((X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true), (usage.KeyUsages, usage.Critical));
        Assert.Single(certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>());
        var names = certificate.Extensions.Single(extension => extension.Oid!.Value == "2.5.29.30");
        Assert.True(names.Critical);
        Assert.Equal(
            "3047A045" // permittedSubtrees
            + "3006820474657374" // test
            + "300B82096C6F63616C686F7374" // localhost
            + "300A87087F000000FF000000" // 127.0.0.0/8
            + "30228720" + "00000000000000000000000000000001" + "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", // ::1
            Convert.ToHexString(names.RawData));
    }

    [Fact]
    public void A_long_host_name_is_cut()
    {
        var (pem, _) = AuthorityCertificate.Make(_start, new string('h', 63));
        using var certificate = X509Certificate2.CreateFromPem(pem);

        Assert.Equal($"Securely local authority ({new string('h', 25)}, 2026-01-01)", certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
    }

    [Fact]
    public async Task Many_that_open_at_once_get_the_same_authority()
    {
        using var gate = new ManualResetEventSlim();
        var opening = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.Wait(Token);
                return File.ReadAllText(LocalAuthority.Open(Folder, _time).CertificatePath);
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)).ToArray();
        gate.Set();

        Assert.Single((await Task.WhenAll(opening)).Distinct());
    }

    [Fact]
    public void Finishes_what_a_process_that_died_had_begun()
    {
        var path = LocalAuthority.Open(Folder, _time).CertificatePath;
        var pem = File.ReadAllText(path);

        // It died between its two last steps.
        File.Move(path, path + ".new");
        Assert.Equal(pem, File.ReadAllText(LocalAuthority.Open(Folder, _time).CertificatePath));

        // It died before them.
        File.Move(path, path + ".new");
        File.Move(KeyPath, KeyPath + ".new");
        Assert.NotEqual(pem, File.ReadAllText(LocalAuthority.Open(Folder, _time).CertificatePath));
    }

    [Fact]
    public void What_cannot_be_used_is_refused_with_the_way_out()
    {
        const string wayOut = "remove [ca.pem] and [ca.key] for a new authority, which clients have to trust anew";
        var path = LocalAuthority.Open(Folder, _time).CertificatePath;
        using var others = new TestCertificates(_time);
        var (pem, key) = (File.ReadAllText(path), File.ReadAllText(KeyPath));
        var leaf = others.Issue("app.test");

        File.Delete(path);
        Refused($"has only one of [ca.pem] and [ca.key]; put the other back, or {wayOut}");

        File.WriteAllText(path, "nothing");
        Refused($"cannot be used: Certificate [{path}] has no -----BEGIN CERTIFICATE-----; write the path of a PEM file; or {wayOut}");

        File.WriteAllText(path, leaf.CertificatePem);
        Refused($"cannot be used: Key [{KeyPath}] does not belong to certificate [{path}]; name the key that the certificate was issued for; or {wayOut}");

        File.WriteAllText(KeyPath, leaf.KeyPem);
        Refused($"has a certificate that is no authority's; {wayOut}");

        File.WriteAllText(path, pem);
        File.WriteAllText(KeyPath, key);
        File.SetUnixFileMode(KeyPath, OwnerOnly | UnixFileMode.GroupRead);
        Refused($"has a key that others may read; run chmod 600 {KeyPath}, and if somebody did read it, {wayOut}");

        File.SetUnixFileMode(KeyPath, OwnerOnly);
        File.SetUnixFileMode(Folder, OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.OtherWrite);
        Refused($"lies where others may write, so they could put their own in its place; run chmod 700 {Folder}");

        File.SetUnixFileMode(Folder, OwnerOnly | UnixFileMode.UserExecute);
        Assert.Equal(_start.AddYears(10), LocalAuthority.Open(Folder, _time).NotAfter);
        _time.Advance(TimeSpan.FromDays(3653));
        Refused($"expired on 2036-01-01; {wayOut}");
        Refused($"is not valid before 2025-12-31; look at the clock of this machine, or {wayOut}", new ManualTimeProvider(_start.AddHours(-2)));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        var file = _directory.Write("file", "");

        var error = Assert.Throws<CertificateException>(() => LocalAuthority.Open(Path.Combine(file, "authority"), _time));

        Assert.StartsWith($"Local authority [{Path.Combine(file, "authority")}] cannot be made: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_that_is_held_is_waited_for()
    {
        Directory.CreateDirectory(Folder, OwnerOnly | UnixFileMode.UserExecute);
        var held = new FileStream(Path.Combine(Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var opening = Task.Factory.StartNew(() => LocalAuthority.Open(Folder, _time), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.False(File.Exists(KeyPath));

        await held.DisposeAsync();

        Assert.True(File.Exists((await opening).CertificatePath));
    }

    [Fact]
    public async Task An_authority_with_an_RSA_key_signs_too()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=mine", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var mine = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(30));
        Directory.CreateDirectory(Folder, OwnerOnly | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(Folder, "ca.pem"), mine.ExportCertificatePem());
        File.WriteAllText(KeyPath, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(KeyPath, OwnerOnly);
        var authority = LocalAuthority.Open(Folder);

        Assert.NotEmpty(await PlainHandshake.RunAsync(authority, "app.test", mine));
    }

    private void Refused(string message, TimeProvider? time = null)
    {
        var error = Assert.Throws<CertificateException>(() => LocalAuthority.Open(Folder, time ?? _time));
        Assert.Equal(($"Local authority [{Folder}] {message}", Folder), (error.Message, error.File));
    }
}
