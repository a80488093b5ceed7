using System.Security.Cryptography.X509Certificates;
using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

public sealed class LocalAuthorityTests : IDisposable
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(_start);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => _directory.File("authority");

    private string KeyPath => Path.Combine(Folder, "ca.key");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", true)]
    [InlineData("localhost", true)]
    [InlineData("app.localhost", true)]
    [InlineData("a.b.localhost", true)]
    [InlineData("app.test", true)]
    [InlineData("a.b.c.d.test", true)]
    [InlineData("xn--bcher-kva.test", true)]
    [InlineData("1.test", true)]
    [InlineData("test", false)]
    [InlineData(".test", false)]
    [InlineData("app..test", false)]
    [InlineData("-app.test", false)]
    [InlineData("app-.test", false)]
    [InlineData("a_b.test", false)]
    [InlineData("*.test", false)]
    [InlineData("App.test", false)]
    [InlineData("b\u00fccher.test", false)]
    [InlineData("app.test.", false)]
    [InlineData("app test", false)]
    [InlineData("app.test\0.test", false)]
    [InlineData("atest", false)]
    [InlineData("app.example", false)]
    [InlineData("app.test.example", false)]
    [InlineData("127.0.0.1", false)]
    public void Signs_for_names_of_this_machine_only(string name, bool may) => Assert.Equal(may, LocalAuthority.MaySign(name));

    [Theory]
    [InlineData(63, 56, true)]
    [InlineData(63, 57, false)]
    [InlineData(64, 1, false)]
    public void Signs_for_names_that_are_not_too_long(int label, int last, bool may)
    {
        var whole = new string('a', 63);

        // 253 characters are the most, and 63 a label.
        Assert.Equal(may, LocalAuthority.MaySign($"{new string('b', label)}.{whole}.{whole}.{new string('c', last)}.test"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("app.test")]
    [InlineData("a.b.app.test")]
    [InlineData("app.localhost")]
    [InlineData("a-name-of-63-characters-is-longer-than-a-common-name-may-be-xxx.test")]
    public async Task A_client_that_trusts_it_shakes_hands(string name)
    {
        var authority = LocalAuthority.Open(Folder);
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(authority.CertificatePath);

        var shown = await PlainHandshake.RunAsync(authority, name, trusted);

        var certificate = await authority.FindAsync(name == "127.0.0.1" ? "" : name, Token);
        Assert.Equal(certificate!.Context.TargetCertificate.Thumbprint, shown);
    }

    [Fact]
    public async Task Certificates_are_short_lived_and_for_one_name()
    {
        var authority = LocalAuthority.Open(Folder, _time);
        _time.Advance(TimeSpan.FromHours(5));
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(authority.CertificatePath);

        var certificate = (await authority.FindAsync("app.test", Token))!;

        var leaf = certificate.Context.TargetCertificate;
        Assert.Equal((_start.AddHours(4), _start.AddHours(5).AddDays(90), false), (certificate.NotBefore, certificate.NotAfter, certificate.IsExpensive));
        Assert.Equal(["app.test"], certificate.Names);
        Assert.Equal("CN=app.test", leaf.Subject);
        Assert.Empty(certificate.Context.IntermediateCertificates);
        Assert.InRange(leaf.SerialNumberBytes.Length, 12, 16);
        Assert.Equal(["1.3.6.1.5.5.7.3.1"], leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Select(usage => usage.Value));
        Assert.Equal(
            trusted.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes,
            leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single().KeyIdentifier!.Value);
    }

    [Fact]
    public async Task A_client_without_a_name_gets_localhost_with_its_addresses()
    {
        var authority = LocalAuthority.Open(Folder, _time);

        var certificate = (await authority.FindAsync("", Token))!;

        Assert.Same(certificate, await authority.FindAsync("localhost", Token));
        var names = certificate.Context.TargetCertificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal(["localhost"], names.EnumerateDnsNames());
        Assert.Equal(["127.0.0.1", "::1"], names.EnumerateIPAddresses().Select(address => address.ToString()));
    }

    [Fact]
    public async Task Other_names_are_refused()
    {
        var authority = LocalAuthority.Open(Folder, _time);

        Assert.Null(await authority.FindAsync("test", Token));
        Assert.Null(await authority.FindAsync("app.example", Token));
        Assert.Equal(1, authority.Kept);
    }

    [Fact]
    public async Task A_certificate_serves_until_a_third_of_its_life_is_left()
    {
        var authority = LocalAuthority.Open(Folder, _time);
        var first = (await authority.FindAsync("app.test", Token))!;

        _time.Advance(first.NotAfter - ((first.NotAfter - first.NotBefore) / 3) - _start);
        Assert.Same(first, await authority.FindAsync("app.test", Token));
        _time.Advance(TimeSpan.FromTicks(1));
        var second = (await authority.FindAsync("app.test", Token))!;

        Assert.NotSame(first, second);
        Assert.Equal(2, authority.Kept);
        Assert.True(second.NotAfter > first.NotAfter);
    }

    [Fact]
    public async Task A_clock_that_was_set_back_has_a_new_one_made()
    {
        LocalAuthority.Open(Folder, _time);
        using var read = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "ca.pem"), KeyPath);
        var clock = new SettableTime { Now = _start.AddDays(20) };
        var authority = new LocalAuthority(read, "ca.pem", clock);
        var first = (await authority.FindAsync("app.test", Token))!;

        clock.Now = _start.AddDays(10);
        var second = (await authority.FindAsync("app.test", Token))!;

        Assert.NotSame(first, second);
        Assert.True(second.NotBefore <= clock.Now);
    }

    [Fact]
    public async Task No_certificate_outlives_the_authority()
    {
        LocalAuthority.Open(Folder, _time);
        _time.Advance(TimeSpan.FromDays(3652 - 10));
        var authority = LocalAuthority.Open(Folder, _time);

        var certificate = (await authority.FindAsync("app.test", Token))!;
        Assert.Equal(authority.NotAfter, certificate.NotAfter);
        _time.Advance(TimeSpan.FromDays(9));
        Assert.Same(certificate, await authority.FindAsync("app.test", Token));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Null(await authority.FindAsync("app.test", Token));
    }

    [Fact]
    public async Task Names_that_were_asked_for_long_ago_are_forgotten()
    {
        LocalAuthority.Open(Folder, _time);
        using var read = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "ca.pem"), KeyPath);
        var authority = new LocalAuthority(read, "ca.pem", _time, capacity: 3);
        var a = await authority.FindAsync("a.test", Token);
        var b = await authority.FindAsync("b.test", Token);
        var c = await authority.FindAsync("c.test", Token);
        Assert.Same(a, await authority.FindAsync("a.test", Token));

        var d = await authority.FindAsync("d.test", Token);

        Assert.Equal((3, 1024), (authority.Kept, LocalAuthority.DefaultCapacity));
        Assert.Same(a, await authority.FindAsync("a.test", Token));
        Assert.Same(c, await authority.FindAsync("c.test", Token));
        Assert.Same(d, await authority.FindAsync("d.test", Token));
        Assert.NotSame(b, await authority.FindAsync("b.test", Token));
    }

    [Fact]
    public async Task Endless_names_at_once_cost_no_more_than_the_capacity()
    {
        LocalAuthority.Open(Folder, _time);
        using var read = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "ca.pem"), KeyPath);
        var authority = new LocalAuthority(read, "ca.pem", _time, capacity: 4);

        var found = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => authority.FindAsync($"n{i}.test", Token).AsTask()));

        Assert.All(found, Assert.NotNull);
        Assert.Equal(40, found.Distinct().Count());
        Assert.Equal(4, authority.Kept);
    }

    [Fact]
    public async Task Those_who_ask_at_once_wait_for_one_certificate()
    {
        var authority = LocalAuthority.Open(Folder, _time);

        var found = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => authority.FindAsync("app.test", Token).AsTask()));

        Assert.Single(found.Distinct());
    }

    [Fact]
    public async Task Who_gives_up_waiting_does_not_spoil_it_for_others()
    {
        LocalAuthority.Open(Folder, _time);
        using var read = X509Certificate2.CreateFromPemFile(Path.Combine(Folder, "ca.pem"), KeyPath);
        var authority = new LocalAuthority(read, "ca.pem", _time);
        using var given = new CancellationTokenSource();
        await given.CancelAsync();

        var first = authority.FindAsync("app.test", given.Token);
        var second = authority.FindAsync("app.test", Token);

        Assert.NotNull(await second);
        if (!first.IsCompletedSuccessfully)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await first);
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_made_is_tried_again_by_the_next()
    {
        var path = LocalAuthority.Open(Folder, _time).CertificatePath;
        using var withoutKey = X509CertificateLoader.LoadCertificateFromFile(path);
        var authority = new LocalAuthority(withoutKey, path, _time);

        var error = await Assert.ThrowsAsync<CertificateException>(async () => await authority.FindAsync("app.test", Token));

        Assert.StartsWith("Certificate [app.test] could not be made: ", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, path), (authority.Kept, error.File));
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
