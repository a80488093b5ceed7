using Securely.Net;
using Securely.Testing;

namespace Securely.Network.Tests.Net.Tls;

/// <summary>What a server has to prove before anything is sent to it (CON-09).</summary>
public sealed class ServerIdentityTests : IDisposable
{
    private readonly TlsStage _stage = new();

    public void Dispose() => _stage.Dispose();

    [Theory]
    [Trait("Case", "53")]
    [InlineData("app.test", "app.test", null, true, true, true)]
    [InlineData("other.test", "app.test", null, true, true, false)]
    [InlineData("other.test", "app.test", null, true, false, true)]
    [InlineData("other.test", "app.test", null, false, true, true)]
    [InlineData("other.test", "app.test", "app.test", true, true, true)]
    [InlineData("other.test", "app.test", "third.test", true, true, false)]
    [InlineData("a_b.app.test", "a-b.app.test", null, true, true, true)]
    [InlineData("a_b.test", "a-b.test", null, true, true, false)]
    [InlineData("x.a_b.app.test", "x.a-b.app.test", null, true, true, false)]
    [InlineData("other.test", "a-b.app.test", "a_b.app.test", true, true, true)]
    [InlineData("sub.app.test", "*.app.test", null, true, true, true)]
    [InlineData("a.sub.app.test", "*.app.test", null, true, true, false)]
    [InlineData("", "127.0.0.1", null, true, true, true)]
    [InlineData("", "app.test", null, true, true, false)]
    [InlineData("", "app.test", "app.test", true, true, true)]
    [InlineData("127.0.0.1", "127.0.0.1", null, true, true, true)]
    public async Task A_server_has_to_have_the_name(string asked, string name, string? alternative, bool verifyCertificate, bool verifyHostName, bool isGood)
    {
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(_stage.Certificate(name))));
        await using var workers = new TestWorkers();
        var tls = _stage.Trusting(asked) with { AlternativeName = alternative, VerifyCertificate = verifyCertificate, VerifyHostName = verifyHostName };
        Assert.Equal(isGood, await workers.RunAsync(() => TlsStage.IsServedAsync(host, tls)));
    }

    [Theory]
    [Trait("Case", "53")]
    [InlineData("stranger", true, false)]
    [InlineData("stranger", false, true)]
    [InlineData("expired", true, false)]
    [InlineData("expired", false, true)]
    [InlineData("client", true, false)]
    [InlineData("chain", true, true)]
    public async Task A_server_has_to_have_a_certificate_that_is_trusted(string kind, bool verify, bool isGood)
    {
        using var strangers = new TestCertificates();
        var issued = kind switch
        {
            "stranger" => strangers.Issue("app.test"),
            "expired" => _stage.Certificates.Issue(new TestCertificateOptions { Names = ["app.test"], NotAfter = DateTimeOffset.UnixEpoch.AddYears(50), NotBefore = DateTimeOffset.UnixEpoch.AddYears(49) }),
            "client" => _stage.Certificates.Issue(new TestCertificateOptions { Names = ["app.test"], IsForClients = true }),
            _ => _stage.Certificates.Issue(new TestCertificateOptions { Names = ["app.test"], Intermediates = 2 }),
        };
        await using var host = await TlsStage.StartAsync(new ServerTls(new CertificateStore(ServerCertificate.FromPem(issued.CertificatePem, issued.KeyPem))));
        await using var workers = new TestWorkers();
        var tls = _stage.Trusting("app.test") with { VerifyCertificate = verify };
        Assert.Equal(isGood, await workers.RunAsync(() => TlsStage.IsServedAsync(host, tls)));
    }
}
