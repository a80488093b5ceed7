using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>The program with TLS on both sides of it.</summary>
public sealed class TlsServeTests : IDisposable
{
    private readonly TestCertificates _authority = new();

    private string Directory => _authority.Directory;

    private string AuthorityOfData => Path.Combine(Directory, "data", "authority", "ca.pem");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Auto_serves_names_of_this_machine_and_says_where_the_authority_is()
    {
        Write("securely.yaml", """
            listeners: [{address: 127.0.0.1:0, tls: auto}, {address: 127.0.0.1:0}]
            data_dir: data
            sites: [{hosts: [app.test, localhost, 127.0.0.1], routes: [{respond: {body: hello}}]}]
            """);
        await using var program = await RunningProgram.StartAsync(Directory, "serve");

        Assert.Matches("^https://127\\.0\\.0\\.1:[1-9][0-9]*/$", program.Lines[0]);
        Assert.Matches("^http://127\\.0\\.0\\.1:[1-9][0-9]*/$", program.Lines[1]);
        Assert.Equal($"The local authority is {AuthorityOfData}", program.Lines[^2]);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(Directory, "data")));
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(AuthorityOfData);
        Assert.Equal("hello", await GetAsync(program, "app.test", trusted));
        Assert.Equal("hello", await GetAsync(program, "localhost", trusted));
        Assert.Equal("hello", await GetAsync(program, "127.0.0.1", trusted));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(program, "app.example", trusted));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(program, "app.test", _authority.Authority));
    }

    [Fact]
    public async Task Certificates_of_files_are_chosen_by_name_and_the_first_is_the_default()
    {
        var (one, two) = (_authority.Issue("one.test", "127.0.0.1"), _authority.Issue(new TestCertificateOptions { Names = ["*.two.test"], Key = TestKey.Rsa2048, Intermediates = 1 }));
        Write("securely.yaml", $$$"""
            listeners: [{address: 127.0.0.1:0, tls: [{cert: {{{one.CertificatePath}}}, key: {{{one.KeyPath}}}}, {cert: {{{two.CertificatePath}}}, key: {{{two.KeyPath}}}}]}]
            sites: [{hosts: ["*"], routes: [{respond: {body: hello}}]}]
            """);
        await using var program = await RunningProgram.StartAsync(Directory, "serve");

        Assert.Equal("hello", await GetAsync(program, "one.test", _authority.Authority));
        Assert.Equal("hello", await GetAsync(program, "a.two.test", _authority.Authority));
        Assert.Equal("hello", await GetAsync(program, "127.0.0.1", _authority.Authority));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(program, "other.test", _authority.Authority));
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_serves_without_a_restart()
    {
        var (old, next) = (_authority.Issue("old.test"), _authority.Issue("new.test"));
        Write("site.pem", old.CertificatePem + old.KeyPem);
        Write("securely.yaml", """
            listeners: [{address: 127.0.0.1:0, tls: {cert: site.pem, key: site.pem}}]
            sites: [{hosts: ["*"], routes: [{respond: {body: hello}}]}]
            """);
        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var program = await RunningProgram.StartAsync(time, Directory, "serve");
        Assert.Equal("hello", await GetAsync(program, "old.test", _authority.Authority));

        Write("site.pem", next.CertificatePem + next.KeyPem);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        string? answer = null;
        while (answer is null)
        {
            patience.Token.ThrowIfCancellationRequested();
            // The file is looked at on another thread than the one that moves the clock.
            time.Advance(TimeSpan.FromSeconds(10));
            answer = await TryGetAsync(program, "new.test");
        }

        Assert.Equal("hello", answer);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(program, "old.test", _authority.Authority));
    }

    [Fact]
    public async Task Clients_show_certificates_where_they_are_asked_for()
    {
        var (site, client) = (_authority.Issue("app.test"), _authority.Issue(new TestCertificateOptions { Names = ["somebody"], IsForClients = true }));
        Write("securely.yaml", $$$"""
            listeners: [{address: 127.0.0.1:0, tls: {cert: {{{site.CertificatePath}}}, key: {{{site.KeyPath}}}, client_ca: authority.pem, client_auth: require}}]
            sites: [{hosts: ["*"], routes: [{respond: {body: hello}}]}]
            """);
        await using var program = await RunningProgram.StartAsync(Directory, "serve");

        Assert.Equal("hello", await GetAsync(program, "app.test", _authority.Authority, client.Certificate));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(program, "app.test", _authority.Authority));
    }

    [Fact]
    public async Task Upstreams_are_verified_and_shown_a_certificate()
    {
        var (site, client) = (_authority.Issue("app.internal"), _authority.Issue(new TestCertificateOptions { Names = ["proxy"], IsForClients = true }));
        Write("behind.yaml", $$$"""
            listeners: [{address: 127.0.0.1:0, tls: {cert: {{{site.CertificatePath}}}, key: {{{site.KeyPath}}}, client_ca: authority.pem}}]
            sites: [{hosts: ["*"], routes: [{respond: {body: behind}}]}]
            """);
        await using var behind = await RunningProgram.StartAsync(Directory, "serve", "-c", "behind.yaml");
        Write("securely.yaml", $$$"""
            listeners: [{address: 127.0.0.1:0}]
            upstreams:
              good: {servers: [{{{behind.Address.Authority}}}], tls: {sni: app.internal, ca: authority.pem, client_cert: {{{client.CertificatePath}}}, client_key: {{{client.KeyPath}}}}}
              wrong_name: {servers: [{{{behind.Address.Authority}}}], tls: {sni: other.internal, ca: authority.pem, client_cert: {{{client.CertificatePath}}}, client_key: {{{client.KeyPath}}}}}
              alternative: {servers: [{{{behind.Address.Authority}}}], tls: {sni: other.internal, alternative_cn: app.internal, ca: authority.pem, client_cert: {{{client.CertificatePath}}}, client_key: {{{client.KeyPath}}}}}
              no_certificate: {servers: [{{{behind.Address.Authority}}}], tls: {sni: app.internal, ca: authority.pem}}
              not_trusted: {servers: [{{{behind.Address.Authority}}}], tls: {sni: app.internal, client_cert: {{{client.CertificatePath}}}, client_key: {{{client.KeyPath}}}}}
              not_verified: {servers: [{{{behind.Address.Authority}}}], tls: {verify_cert: false, client_cert: {{{client.CertificatePath}}}, client_key: {{{client.KeyPath}}}}}
            sites:
              - hosts: ["*"]
                routes:
                  - {match: {path: /good}, upstream: good}
                  - {match: {path: /wrong_name}, upstream: wrong_name}
                  - {match: {path: /alternative}, upstream: alternative}
                  - {match: {path: /no_certificate}, upstream: no_certificate}
                  - {match: {path: /not_trusted}, upstream: not_trusted}
                  - {match: {path: /not_verified}, upstream: not_verified}
            """);
        await using var program = await RunningProgram.StartAsync(Directory, "serve");

        string[] answers = [.. await Task.WhenAll(new[] { "good", "wrong_name", "alternative", "no_certificate", "not_trusted", "not_verified" }.Select(name => AnswerAsync(program, name)))];

        Assert.Equal(["good 200", "wrong_name 502", "alternative 200", "no_certificate 502", "not_trusted 502", "not_verified 200"], answers);
    }

    [Fact]
    public async Task An_authority_that_cannot_be_used_ends_the_start()
    {
        Write("securely.yaml", "listeners: [{address: 127.0.0.1:0, tls: auto}]\ndata_dir: data\n");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(AuthorityOfData)!);
        Write("data/authority/ca.pem", "nothing");

        var run = await CliRun.RunAsync(["serve"], Directory);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith($"Local authority [{Path.GetDirectoryName(AuthorityOfData)}] has only one of [ca.pem] and [ca.key]; put the other back, or ", run.Error, StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(RunningProgram program, string name)
    {
        using var response = await program.SendAsync("/" + name, "any.test");
        return $"{name} {(int)response.StatusCode}";
    }

    private async Task<string?> TryGetAsync(RunningProgram program, string host)
    {
        try
        {
            return await GetAsync(program, host, _authority.Authority);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string> GetAsync(RunningProgram program, string host, X509Certificate2 trusted, X509Certificate2? own = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.Add(trusted);
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(program.Address.Host, program.Address.Port, cancellationToken);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                ClientCertificateContext = own is null ? null : SslStreamCertificateContext.Create(own, null, offline: true),
            },
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri($"https://{host}/"), Token);
    }

    private void Write(string name, string text) => System.IO.File.WriteAllText(Path.Combine(Directory, name), text);
}
