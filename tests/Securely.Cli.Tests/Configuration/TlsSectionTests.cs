using System.Security.Authentication;
using Securely.Config;
using Securely.Net;
using Securely.Testing;

namespace Securely.Cli.Tests;

public sealed class TlsSectionTests : IDisposable
{
    private readonly TestCertificates _authority = new();

    private string Directory => _authority.Directory;

    private string File => Path.Combine(Directory, "securely.yaml");

    public void Dispose() => _authority.Dispose();

    [Fact]
    public void Auto_is_the_local_authority()
    {
        var listener = Assert.Single(Read("listeners: [{address: 127.0.0.1:443, tls: auto, timeouts: {handshake: 3s}}]").Listeners);

        Assert.True(listener.Tls!.IsAutomatic);
        Assert.Equal(TimeSpan.FromSeconds(3), listener.Timeouts.Handshake);
        Assert.Equal(TimeSpan.FromSeconds(10), ListenerOptions.Default.Timeouts.Handshake);
        Assert.Null(ListenerOptions.Default.Tls);
    }

    [Fact]
    public void Every_key_of_a_listener_arrives_in_its_options()
    {
        var site = _authority.Issue("app.test");

        var tls = ReadListener($"{{cert: {Name(site.CertificatePath)}, key: {Name(site.KeyPath)}, client_ca: authority.pem, client_auth: optional, min_version: 1.3}}").Tls!;

        Assert.False(tls.IsAutomatic);
        Assert.Equal(new CertificateFiles(site.CertificatePath, site.KeyPath), Assert.Single(tls.Certificates).Files);
        Assert.Equal(ClientCertificateMode.Optional, tls.ClientCertificates);
        Assert.Equal(_authority.Authority.Thumbprint, Assert.Single(tls.ClientAuthorities).Thumbprint);
        Assert.Equal(SslProtocols.Tls13, tls.Versions);
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var site = _authority.Issue("app.test");

        var plain = ReadListener($"{{cert: {Name(site.CertificatePath)}, key: {Name(site.KeyPath)}}}").Tls!;
        var asking = ReadListener($"{{cert: {Name(site.CertificatePath)}, key: {Name(site.KeyPath)}, client_ca: authority.pem, min_version: \"1.2\"}}").Tls!;

        Assert.Equal((ClientCertificateMode.None, SslProtocols.Tls12 | SslProtocols.Tls13, 0), (plain.ClientCertificates, plain.Versions, plain.ClientAuthorities.Count));
        Assert.Equal((ClientCertificateMode.Required, SslProtocols.Tls12 | SslProtocols.Tls13), (asking.ClientCertificates, asking.Versions));
    }

    [Fact]
    public void A_list_is_chosen_from_by_name()
    {
        var (one, two) = (_authority.Issue("one.test"), _authority.Issue("two.test"));

        var tls = ReadListener($"[{{cert: {one.CertificatePath}, key: {one.KeyPath}}}, {{cert: {two.CertificatePath}, key: {two.KeyPath}}}]").Tls!;

        Assert.Equal([["one.test"], ["two.test"]], tls.Certificates.Select(certificate => certificate.Names));
    }

    [Fact]
    public void Every_key_of_an_upstream_arrives_in_its_options()
    {
        var client = _authority.Issue(new TestCertificateOptions { IsForClients = true });

        var tls = ReadUpstream(
            "{sni: app.internal, verify_cert: true, verify_hostname: false, alternative_cn: other.internal, ca: authority.pem, "
            + $"client_cert: {Name(client.CertificatePath)}, client_key: {Name(client.KeyPath)}}}")!;

        Assert.Equal(("app.internal", true, false, "other.internal"), (tls.ServerName, tls.VerifyCertificate, tls.VerifyHostName, tls.AlternativeName));
        Assert.Equal(_authority.Authority.Thumbprint, Assert.Single(tls.Authorities!).Thumbprint);
        Assert.Equal(client.Certificate.Thumbprint, tls.ClientCertificate!.TargetCertificate.Thumbprint);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("{}")]
    public void An_upstream_with_TLS_alone_verifies_everything(string yaml) => Assert.Equal(new ClientTls(), ReadUpstream(yaml));

    [Fact]
    public void An_upstream_may_be_left_unverified()
    {
        Assert.Null(ReadUpstream("false"));
        Assert.Equal(new ClientTls { VerifyCertificate = false }, ReadUpstream("{verify_cert: false}"));
    }

    [Fact]
    public void What_is_wrong_with_a_file_is_said_where_the_file_is_named()
    {
        var (one, two) = (_authority.Issue("one.test"), _authority.Issue("two.test"));
        var nothing = Path.Combine(Directory, "nothing.pem");

        Wrong($"listeners: [{{address: 127.0.0.1:1, tls: {{cert: nothing.pem, key: {Name(one.KeyPath)}}}}}]", $"1:48: Certificate [{nothing}] does not exist; write the path of a PEM file");
        Wrong($"listeners: [{{address: 127.0.0.1:1, tls: {{key: nothing.pem, cert: {Name(one.CertificatePath)}}}}}]", $"1:47: Key [{nothing}] does not exist; write the path of a PEM file");
        Wrong(
            $"listeners: [{{address: 127.0.0.1:1, tls: [{{key: {Name(two.KeyPath)}, cert: {Name(one.CertificatePath)}}}]}}]",
            $"1:48: Key [{two.KeyPath}] does not belong to certificate [{one.CertificatePath}]; name the key that the certificate was issued for");
        Wrong(
            $"listeners: [{{address: 127.0.0.1:1, tls: {{client_ca: nothing.pem, cert: {Name(one.CertificatePath)}, key: {Name(one.KeyPath)}}}}}]",
            $"1:53: Authority [{nothing}] does not exist; write the path of a PEM file");
        Wrong("upstreams: {a: {servers: [127.0.0.1:1], tls: {ca: nothing.pem}}}", $"1:51: Authority [{nothing}] does not exist; write the path of a PEM file");
        Wrong(
            $"upstreams: {{a: {{servers: [127.0.0.1:1], tls: {{client_key: nothing.pem, client_cert: {Name(one.CertificatePath)}}}}}}}",
            $"1:59: Key [{nothing}] does not exist; write the path of a PEM file");
    }

    [Theory]
    [InlineData("listeners: [{address: 127.0.0.1:1, tls: }]", "1:41: [tls] has no value; write [auto], [{cert: FILE, key: FILE}], or a list of such maps")]
    [InlineData("listeners: [{address: 127.0.0.1:1, tls: true}]", "1:41: [tls] is not known as [true]; write [auto], [{cert: FILE, key: FILE}], or a list of such maps")]
    [InlineData("listeners: [{address: 127.0.0.1:1, tls: []}]", "1:41: [tls] is empty; write [auto], [{cert: FILE, key: FILE}], or a list of such maps")]
    [InlineData("listeners: [{address: unix:/run/a.sock, tls: auto}]", "1:46: [tls] is for TCP addresses; leave it out, since a Unix socket does not leave this machine")]
    [InlineData("listeners: [{address: 127.0.0.1:1, tls: [5]}]", "1:42: [listeners.0.tls.0] must be a map of keys and values, not [5]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: }}", "1:46: [tls] has no value; write [true], or a map as in [tls: {sni: app.internal}]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: []}}", "1:46: [tls] must be [true], or a map as in [tls: {sni: app.internal}]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: auto}}", "1:46: [tls] must be [true] or [false], not [auto]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {client_key: a}}}", "1:59: [client_key] needs [client_cert]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {client_cert: a}}}", "1:60: [client_cert] needs [client_key]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {sni: https://a}}}", "1:52: Server name [https://a] of upstream [a] is not a host name; write it without scheme and port, as in [app.internal]")]
    [InlineData("upstreams: {a: {servers: [a.test:1, b.test:1], tls: true}}", "1:53: Upstream [a] does not say which name its certificates have, and the servers have different names; write [sni: NAME]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {sin: a}}}", "1:47: [sin] is unknown in [upstreams.a.tls]; did you mean [sni]?")]
    public void One_mistake_is_one_diagnostic(string yaml, string expected) => Wrong(yaml, expected);

    [Fact]
    public void Certificate_and_key_are_both_needed()
    {
        Assert.Equal(
            ["1:36: [cert] is missing in [listeners.0.tls]", "1:36: [key] is missing in [listeners.0.tls]"],
            Diagnostics("listeners: [{address: 127.0.0.1:1, tls: {}}]"));
        Assert.Equal(
            ["1:42: [cert] has no value; write one", "1:49: [key] has no value; write one"],
            Diagnostics("listeners: [{address: 127.0.0.1:1, tls: {cert:, key: }}]"));
    }

    [Fact]
    public void Asking_clients_needs_to_know_whom_to_believe()
    {
        var one = _authority.Issue("one.test");

        Wrong(
            $"listeners: [{{address: 127.0.0.1:1, tls: {{client_auth: require, cert: {Name(one.CertificatePath)}, key: {Name(one.KeyPath)}}}}}]",
            "1:55: [client_auth] needs [client_ca]: a file with the authorities that sign for clients");
        Wrong(
            $"listeners: [{{address: 127.0.0.1:1, tls: {{min_version: 1.1, cert: {Name(one.CertificatePath)}, key: {Name(one.KeyPath)}}}}}]",
            "1:55: [min_version] must be one of [1.2], [1.3], not [1.1]; did you mean [1.2]?");
    }

    [Fact]
    public void Certificates_that_end_are_warnings_with_the_date()
    {
        var now = TimeProvider.System.GetUtcNow();
        var expired = _authority.Issue(new TestCertificateOptions { NotBefore = now.AddDays(-90), NotAfter = now.AddDays(-1) });
        var client = _authority.Issue(new TestCertificateOptions { IsForClients = true, NotBefore = now.AddDays(-90), NotAfter = now.AddDays(3) });

        var lines = Diagnostics(
            $"listeners: [{{address: 127.0.0.1:1, tls: {{cert: {Name(expired.CertificatePath)}, key: {Name(expired.KeyPath)}}}}}]\n"
            + $"upstreams: {{a: {{servers: [127.0.0.1:1], tls: {{client_cert: {Name(client.CertificatePath)}, client_key: {Name(client.KeyPath)}}}}}}}");

        Assert.Equal(2, lines.Count);
        Assert.Matches($@"^1:48: warning: Certificate \[{expired.CertificatePath}\] expired on [0-9-]+ [0-9:]+ UTC, so the other side refuses it; renew it$", lines[0]);
        Assert.Matches($@"^2:60: warning: Certificate \[{client.CertificatePath}\] expires on [0-9-]+ [0-9:]+ UTC; renew it$", lines[1]);
    }

    [Fact]
    public void Authorities_that_nobody_asks_are_a_warning()
    {
        var line = Assert.Single(Diagnostics("upstreams: {a: {servers: [127.0.0.1:1], tls: {verify_cert: false, ca: authority.pem}}}"));

        Assert.Equal("1:71: warning: [ca] has no meaning where [verify_cert] is [false]; take one of them out", line);
    }

    [Fact]
    public void A_certificate_that_is_never_shown_is_a_warning()
    {
        var (one, two) = (_authority.Issue("a.test", "b.test"), _authority.Issue("b.test"));

        var line = Assert.Single(Diagnostics($"listeners: [{{address: 127.0.0.1:1, tls: [{{cert: {one.CertificatePath}, key: {one.KeyPath}}}, {{key: {two.KeyPath}, cert: {two.CertificatePath}}}]}}]"));

        Assert.EndsWith($": warning: Certificate [{two.CertificatePath}] is never shown: those above it have all of its names", line, StringComparison.Ordinal);
    }

    private static string Name(string path) => Path.GetFileName(path);

    private ListenerOptions ReadListener(string tls) => Assert.Single(Read($"listeners: [{{address: 127.0.0.1:443, tls: {tls}}}]").Listeners);

    private ClientTls? ReadUpstream(string tls) => Assert.Single(Read($"upstreams: {{a: {{servers: [127.0.0.1:1], tls: {tls}}}}}").Proxy.Upstreams).Tls;

    private void Wrong(string yaml, string expected) => Assert.Equal([expected], Diagnostics(yaml));

    private SecurelyConfiguration Read(string yaml)
    {
        var diagnostics = new ConfigDiagnostics();
        var configuration = Read(yaml, diagnostics);
        Assert.Empty(diagnostics.Items);
        return configuration;
    }

    /// <summary>What is said about a file, without the file's name.</summary>
    private List<string> Diagnostics(string yaml)
    {
        var diagnostics = new ConfigDiagnostics();
        Read(yaml, diagnostics);
        return [.. diagnostics.Items.Select(item => item.ToString()[(File.Length + 1)..])];
    }

    private SecurelyConfiguration Read(string yaml, ConfigDiagnostics diagnostics) =>
        ConfigurationReader.Read(YamlReader.Read(yaml, File, diagnostics)!, File, CliRun.Environment(), diagnostics)!;
}
