using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

public sealed class CertificateStoreTests : IDisposable
{
    private readonly TestCertificates _authority = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Exact_is_better_than_a_wildcard_and_the_first_is_the_default()
    {
        var first = Make("first.test");
        var wild = Make("*.app.test");
        var exact = Make("one.app.test", "app.test");
        var late = Make("app.test", "*.app.test", "*.late.test");
        var store = new CertificateStore(first, wild, exact, late);

        Assert.Equal([first, wild, exact, late], store.Certificates);
        Assert.Same(first, await store.FindAsync("first.test", Token));
        Assert.Same(exact, await store.FindAsync("one.app.test", Token));
        Assert.Same(exact, await store.FindAsync("app.test", Token));
        Assert.Same(wild, await store.FindAsync("two.app.test", Token));
        Assert.Same(late, await store.FindAsync("a.late.test", Token));
        Assert.Same(first, await store.FindAsync("a.two.app.test", Token));
        Assert.Same(first, await store.FindAsync(".app.test", Token));
        Assert.Same(first, await store.FindAsync("late.test", Token));
        Assert.Same(first, await store.FindAsync("", Token));
    }

    [Fact]
    public async Task A_store_without_certificates_refuses_until_it_has_some()
    {
        var store = new CertificateStore();
        Assert.Null(await store.FindAsync("app.test", Token));

        var certificate = Make("app.test");
        store.Replace([certificate]);

        Assert.Same(certificate, await store.FindAsync("other.test", Token));
    }

    [Fact]
    public async Task A_replacement_serves_the_next_handshake()
    {
        var old = _authority.Issue("app.test");
        var next = _authority.Issue("app.test");
        var store = new CertificateStore(ServerCertificate.FromPem(old.CertificatePem, old.KeyPem));
        Assert.Equal(old.Certificate.Thumbprint, await PlainHandshake.RunAsync(store, "app.test", _authority.Authority));

        store.Replace([ServerCertificate.FromPem(next.CertificatePem, next.KeyPem)]);

        Assert.Equal(next.Certificate.Thumbprint, await PlainHandshake.RunAsync(store, "app.test", _authority.Authority));
    }

    [Fact]
    public void A_list_that_changes_later_does_not_change_the_store()
    {
        var list = new List<ServerCertificate> { Make("one.test") };
        var store = new CertificateStore();
        store.Replace(list);

        list.Clear();

        Assert.Single(store.Certificates);
    }

    [Fact]
    public void One_certificate_is_replaced_only_while_it_is_there()
    {
        var (one, two, next) = (Make("one.test"), Make("two.test"), Make("one.test"));
        var store = new CertificateStore(one, two);

        Assert.True(store.TryReplace(one, next));
        Assert.Equal([next, two], store.Certificates);
        Assert.False(store.TryReplace(one, Make("one.test")));
        Assert.Equal([next, two], store.Certificates);
    }

    [Fact]
    public void Warns_of_all_its_certificates()
    {
        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var store = new CertificateStore(Make("one.test"), Make("two.test"));
        Assert.Empty(store.WarningsAt(time.GetUtcNow()));

        time.Advance(TimeSpan.FromDays(100));

        Assert.Collection(
            store.WarningsAt(time.GetUtcNow()),
            warning => Assert.StartsWith("Certificate [one.test] expired on ", warning, StringComparison.Ordinal),
            warning => Assert.StartsWith("Certificate [two.test] expired on ", warning, StringComparison.Ordinal));
    }

    private ServerCertificate Make(params string[] names)
    {
        var made = _authority.Issue(names);
        return ServerCertificate.FromPem(made.CertificatePem, made.KeyPem);
    }
}
