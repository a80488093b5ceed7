using System.Globalization;
using Securely.Net;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>What OpenSSL and curl think of the local authority and of what it signs.</summary>
public sealed class LocalAuthorityProgramsTests : IDisposable
{
    // Longer than a common name may be, so it stands in subjectAltName alone.
    private const string LongName = "a-label-of-56-characters-that-is-made-as-long-as-it-can.be.app.test";

    private readonly TemporaryDirectory _directory = new();
    private readonly LocalAuthority _authority;

    public LocalAuthorityProgramsTests() => _authority = LocalAuthority.Open(Folder);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => _directory.File("authority");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Openssl_reads_what_the_authority_may_do()
    {
        var text = (await OpensslAsync("x509", "-in", _authority.CertificatePath, "-noout", "-text")).Output;

        Assert.Contains("Public Key Algorithm: id-ecPublicKey", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0", text, StringComparison.Ordinal);
        Assert.Contains("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign", text, StringComparison.Ordinal);
        Assert.Contains(
            "X509v3 Name Constraints: critical\n"
            + "                Permitted:\n"
            + "                  DNS:test\n"
            + "                  DNS:localhost\n"
            + "                  IP:127.0.0.0/255.0.0.0\n"
            + "                  IP:0:0:0:0:0:0:0:1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF\n",
            text,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("app.test", "-verify_hostname", "app.test")]
    [InlineData("a.b.app.test", "-verify_hostname", "a.b.app.test")]
    [InlineData("app.localhost", "-verify_hostname", "app.localhost")]
    [InlineData("localhost", "-verify_hostname", "localhost")]
    [InlineData(LongName, "-verify_hostname", LongName)]
    [InlineData("", "-verify_ip", "127.0.0.1")]
    [InlineData("", "-verify_ip", "::1")]
    public async Task Openssl_accepts_what_it_signs(string name, string option, string expected)
    {
        var leaf = _directory.Write("leaf.pem", (await _authority.FindAsync(name, Token))!.Context.TargetCertificate.ExportCertificatePem());

        var result = await OpensslAsync("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", _authority.CertificatePath, option, expected, leaf);

        Assert.Equal((0, $"{leaf}: OK\n"), (result.ExitCode, result.Output));
    }

    /// <summary>Whoever steals the key can do no more with it than its owner: clients refuse what it signs beyond this machine.</summary>
    [Theory]
    [InlineData("DNS:app.test", true)]
    [InlineData("IP:127.1.2.3", true)]
    [InlineData("DNS:app.example", false)]
    [InlineData("DNS:test.example", false)]
    [InlineData("DNS:app.test,DNS:app.example", false)]
    [InlineData("IP:10.0.0.1", false)]
    [InlineData("IP:2001:db8::1", false)]
    public async Task Openssl_refuses_what_its_key_signs_beyond_this_machine(string names, bool isAccepted)
    {
        var leaf = _directory.File("forged.pem");
        var made = await OpensslAsync(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", _directory.File("forged.key"), "-out", leaf, "-subj", "/O=forger",
            "-addext", $"subjectAltName={names}", "-addext", "basicConstraints=critical,CA:FALSE", "-CA", _authority.CertificatePath, "-CAkey", Path.Combine(Folder, "ca.key"), "-days", "9");
        Assert.True(made.ExitCode == 0, made.Error);

        var result = await OpensslAsync("verify", "-CAfile", _authority.CertificatePath, leaf);

        Assert.Equal(isAccepted, result.ExitCode == 0);
        Assert.Equal(!isAccepted, result.Error.Contains("permitted subtree violation", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("app.test")]
    [InlineData("a.b.app.test")]
    [InlineData("localhost")]
    [InlineData("app.localhost")]
    [InlineData("127.0.0.1")]
    public async Task Curl_accepts_it_by_its_file(string host)
    {
        await using var server = new TlsAnswer(_authority);

        var result = await CurlAsync(server.Port, host, _authority.CertificatePath);

        Assert.Equal((0, "hello"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task Curl_is_refused_for_other_names_and_refuses_without_the_file()
    {
        const int handshakeFailed = 35, notTrusted = 60;
        await using var server = new TlsAnswer(_authority);
        using var stranger = new TestCertificates();

        Assert.Equal(handshakeFailed, (await CurlAsync(server.Port, "app.example", _authority.CertificatePath)).ExitCode);
        Assert.Equal(notTrusted, (await CurlAsync(server.Port, "app.test", stranger.AuthorityPath)).ExitCode);
        Assert.Equal("hello", (await CurlAsync(server.Port, "app.test", _authority.CertificatePath)).Output);
    }

    [Fact]
    public async Task Programs_that_start_at_once_share_one_authority()
    {
        var starting = Enumerable.Range(0, 3).Select(number => new CliRunner().StartAsync("is ready", "serve", "-c", _directory.Write(
            $"securely{number}.yaml",
            $"listeners: [{{address: 127.0.0.1:0, tls: auto}}]\ndata_dir: shared\ncontrol_socket: control{number}.sock\n"
            + "sites: [{hosts: [app.test], routes: [{respond: {body: hello}}]}]\n"))).ToArray();
        try
        {
            foreach (var program in await Task.WhenAll(starting))
            {
                var port = new Uri(program.Output.Split('\n')[0]).Port;
                var result = await CurlAsync(port, "app.test", _directory.File("shared/authority/ca.pem"));
                Assert.True(result.Output == "hello", result.Error);
                Assert.Contains($"The local authority is {_directory.File("shared/authority/ca.pem")}\n", program.Output, StringComparison.Ordinal);
            }
        }
        finally
        {
            foreach (var program in starting.Where(one => one.IsCompletedSuccessfully))
                await (await program).DisposeAsync();
        }
    }

    [Fact]
    public async Task Openssl_is_shown_the_intermediates_of_a_certificate_from_files()
    {
        using var authority = new TestCertificates();
        var made = authority.Issue(new TestCertificateOptions { Names = ["app.example"], Key = TestKey.Rsa2048, Intermediates = 2 });
        await using var server = new TlsAnswer(new CertificateStore(ServerCertificate.FromFiles(made.CertificatePath, made.KeyPath)));

        var client = new CliRunner { Binary = ExternalProgram.Find("openssl", "openssl"), Input = "GET / HTTP/1.1\r\n\r\n" };
        var result = await client.RunAsync(
            "s_client", "-connect", $"127.0.0.1:{server.Port.ToString(CultureInfo.InvariantCulture)}", "-servername", "app.example", "-verify_hostname", "app.example",
            "-CAfile", authority.AuthorityPath, "-verify_return_error", "-showcerts", "-ign_eof");

        Assert.Contains("Verify return code: 0 (ok)", result.Output, StringComparison.Ordinal);
        Assert.Equal(3, result.Output.Split("-----BEGIN CERTIFICATE-----").Length - 1);
        Assert.Contains("\r\n\r\nhello", result.Output, StringComparison.Ordinal);
    }

    private static async Task<CliResult> OpensslAsync(params string[] arguments) => await new CliRunner { Binary = ExternalProgram.Find("openssl", "openssl") }.RunAsync(arguments);

    private static async Task<CliResult> CurlAsync(int number, string host, string trusted)
    {
        var port = number.ToString(CultureInfo.InvariantCulture);
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = Path.GetTempPath() };
        return await new CliRunner { Binary = ExternalProgram.Find("curl", "curl"), Environment = environment }.RunAsync(
            "--silent", "--show-error", "--noproxy", "*", "--cacert", trusted, "--resolve", $"{host}:{port}:127.0.0.1", $"https://{host}:{port}/");
    }
}
