using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Securely.Dns.Tests.Forwarding;

namespace Securely.Dns.Tests.Serving;

/// <summary>Questions inside of TLS, straight (RFC 7858) and over HTTP (RFC 8484), asked by others and by our own forwarder.</summary>
public sealed class EncryptedTests
{
    private const string Soa = "1234" + "0100" + "0001000000000000" + "076578616D706C65047465737400" + "0006" + "0001";

    [Fact]
    public async Task Check_60_kdig_asks_over_tls_with_proof_of_the_name()
    {
        await using var server = await EncryptedServer.StartAsync();
        var text = await server.KdigAsync(server.Tls, "+tls-ca=" + server.Authority, "+tls-hostname=ns.example.test", "www.example.test", "A");
        Assert.Contains("status: NOERROR", text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.81", text, StringComparison.Ordinal);
        Assert.Contains("TLS1.3", text, StringComparison.Ordinal);
        var wrong = await server.KdigAsync(server.Tls, "+tls-ca=" + server.Authority, "+tls-hostname=other.example.test", "www.example.test", "A");
        Assert.DoesNotContain("192.0.2.81", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+https")]
    [InlineData("+https-get")]
    public async Task Check_60_kdig_asks_over_https(string option)
    {
        await using var server = await EncryptedServer.StartAsync();
        string[] options = option == "+https" ? ["+https"] : ["+https", option];
        var text = await server.KdigAsync(server.Https, [.. options, "+tls-ca=" + server.Authority, "+tls-hostname=ns.example.test", "www.example.test", "A"]);
        Assert.Contains("status: NOERROR", text, StringComparison.Ordinal);
        Assert.Contains("192.0.2.81", text, StringComparison.Ordinal);
        Assert.Contains("HTTP/2", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_60_dig_asks_over_https()
    {
        await using var server = await EncryptedServer.StartAsync();
        var text = await RunningNameServer.RunAsync("dig", "bind9-dnsutils", ["@127.0.0.1", "-p", $"{server.Https.Port}", "+https", "+tries=1", "+time=10", "example.test", "SOA"]);
        Assert.Contains("status: NOERROR", text, StringComparison.Ordinal);
        Assert.Contains("2025010101", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/dns-query?dns=*", "", "HTTP/2 200 application/dns-message max-age=300")]
    [InlineData("POST", "/dns-query", "application/dns-message", "HTTP/2 200 application/dns-message max-age=300")]
    [InlineData("GET", "/dns-query", "", "HTTP/2 400")]
    [InlineData("GET", "/dns-query?dns=a+b/", "", "HTTP/2 400")]
    [InlineData("GET", "/other?dns=*", "", "HTTP/2 404")]
    [InlineData("POST", "/dns-query", "text/plain", "HTTP/2 415")]
    [InlineData("PUT", "/dns-query", "application/dns-message", "HTTP/2 405")]
    public async Task Check_60_curl_asks_over_http_2(string method, string target, string type, string expected)
    {
        await using var server = await EncryptedServer.StartAsync();
        using var directory = new TemporaryDirectory();
        // www.example.test is an alias for an hour of what is known for five minutes: the least counts.
        var message = Convert.FromHexString("0000" + "0100" + "0001000000000000" + "03777777" + "076578616D706C65047465737400" + "0001" + "0001");
        await File.WriteAllBytesAsync(directory.File("question"), message, TestContext.Current.CancellationToken);
        string[] body = method == "GET" ? [] : ["--data-binary", $"@{directory.File("question")}", "-H", $"Content-Type: {type}"];
        var text = await RunningNameServer.RunAsync("curl", "curl",
        [
            "-sS", "--http2", "--noproxy", "*", "--max-time", "60", "--cacert", server.Authority, "--resolve", $"ns.example.test:{server.Https.Port}:127.0.0.1", "-X", method, .. body,
            "-o", directory.File("answer"), "-w", "HTTP/%{http_version} %{http_code} %{content_type} %header{cache-control}",
            $"https://ns.example.test:{server.Https.Port}{target.Replace("*", Base64Url.EncodeToString(message), StringComparison.Ordinal)}",
        ]);
        Assert.StartsWith(expected, text, StringComparison.Ordinal);
        if (!expected.Contains("200", StringComparison.Ordinal))
            return;
        Assert.True(DnsMessage.TryDecode(await File.ReadAllBytesAsync(directory.File("answer"), TestContext.Current.CancellationToken), out var answer));
        Assert.Equal((0, ResponseCode.Success, 3), (answer.Id, answer.Code, answer.Answers.Count));
    }

    [Fact]
    public async Task Check_60_a_stream_inside_of_tls_speaks_dot()
    {
        await using var server = await EncryptedServer.StartAsync();
        var text = await RunningNameServer.RunAsync("openssl", "openssl", ["s_client", "-connect", $"127.0.0.1:{server.Tls.Port}", "-alpn", "dot", "-CAfile", server.Authority, "-verify_return_error", "-servername", "ns.example.test"]);
        Assert.Contains("ALPN protocol: dot\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curl_finds_its_server_by_a_question_over_https()
    {
        await using var origin = TestOrigin.Start(OriginScripts.Ok("found"));
        await using var server = await EncryptedServer.StartAsync(zone: InProcess.Zone("example.test", "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a\na A 127.0.0.1\napp A 127.0.0.1\n"));
        var text = await RunningNameServer.RunAsync("curl", "curl",
            ["-sS", "--noproxy", "*", "--max-time", "60", "-4", "--doh-insecure", "--doh-url", $"https://127.0.0.1:{server.Https.Port}/dns-query", $"http://app.example.test:{((IPEndPoint)origin.EndPoint).Port}/"]);
        Assert.Equal("found", text);
    }

    [Theory]
    [InlineData("POST", "/dns-query", "application/dns-message", Soa, 200)]
    [InlineData("POST", "/dns-query", "Application/DNS-Message; x=y", Soa, 200)]
    [InlineData("POST", "/dns-query", "text/plain", Soa, 415)]
    [InlineData("POST", "/dns-query", "application/dns-message", "1234", 400)]
    [InlineData("POST", "/dns-query", "application/dns-message", "123481000001000000000000" + "00" + "0001" + "0001", 400)]
    [InlineData("POST", "/other", "application/dns-message", Soa, 404)]
    [InlineData("PUT", "/dns-query", "application/dns-message", Soa, 405)]
    [InlineData("GET", "/dns-query?dns=*", "", Soa, 200)]
    [InlineData("GET", "/dns-query?a=b&dns=*&c=d", "", Soa, 200)]
    [InlineData("GET", "/dns-query?dns=*", "", "1234", 400)]
    [InlineData("GET", "/dns-query?dns=a+b/", "", "", 400)]
    [InlineData("GET", "/dns-query", "", "", 400)]
    public async Task A_request_has_this_status(string method, string target, string type, string hex, int status)
    {
        await using var server = await EncryptedServer.StartAsync();
        await using var client = await RawClient.ConnectTlsAsync(server.Https, server.ClientOptions);
        var message = Convert.FromHexString(hex);
        var body = method == "GET" ? [] : message;
        target = target.Replace("*", Base64Url.EncodeToString(message), StringComparison.Ordinal);
        await client.SendAsync($"{method} {target} HTTP/1.1\r\nHost: ns.example.test\r\nContent-Length: {body.Length}\r\n" + (type.Length > 0 ? $"Content-Type: {type}\r\n" : "") + "\r\n");
        await client.SendAsync(body);
        var response = await client.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Equal(status == 405 ? "GET, POST" : null, response.Header("allow"));
        if (status != 200)
            return;
        Assert.Equal("application/dns-message", response.Header("content-type"));
        Assert.Equal("max-age=3600", response.Header("cache-control"));
        Assert.Equal("1234" + "8500" + "0001000100000000", Convert.ToHexString(response.Body[..12]));
    }

    [Fact]
    public async Task More_than_a_message_is_refused()
    {
        await using var server = await EncryptedServer.StartAsync();
        await using var client = await RawClient.ConnectTlsAsync(server.Https, server.ClientOptions);
        await client.SendAsync("POST /dns-query HTTP/1.1\r\nHost: ns.example.test\r\nContent-Length: 65536\r\nContent-Type: application/dns-message\r\n\r\n");
        await client.SendAsync(new byte[65536]);
        Assert.Equal(413, (await client.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Over_https_a_zone_is_not_given_away_and_nothing_is_updated()
    {
        await using var server = await EncryptedServer.StartAsync();
        foreach (var message in (string[])[Soa.Replace("0006" + "0001", "00FC" + "0001", StringComparison.Ordinal), Soa.Replace("1234" + "0100", "1234" + "2800", StringComparison.Ordinal)])
        {
            await using var client = await RawClient.ConnectTlsAsync(server.Https, server.ClientOptions);
            await client.SendAsync($"POST /dns-query HTTP/1.1\r\nHost: ns.example.test\r\nContent-Length: {message.Length / 2}\r\nContent-Type: application/dns-message\r\n\r\n");
            await client.SendAsync(Convert.FromHexString(message));
            var response = await client.ReadResponseAsync();
            Assert.Equal((200, 5), (response.Status, response.Body[3] & 15));
        }
    }

    [Theory]
    [InlineData(DnsProtocol.Tls)]
    [InlineData(DnsProtocol.Https)]
    public async Task A_forwarder_asks_over_tls_and_https_and_keeps_the_connection(DnsProtocol protocol)
    {
        await using var server = await EncryptedServer.StartAsync();
        await using var forwarder = await StartForwarderAsync(server, protocol, "ns.example.test");
        foreach (var name in (string[])["web.example.org", "c1.example.org", "nope.example.org"])
        {
            var answer = await forwarder.AskAsync(name);
            Assert.Equal(name[0] == 'n' ? ResponseCode.NoSuchName : ResponseCode.Success, answer.Code);
            Assert.Equal(name[0] == 'n', answer.Answers.Count == 0);
        }

        Assert.InRange(server.Connections, 1, 2);
    }

    [Theory]
    [InlineData(DnsProtocol.Tls)]
    [InlineData(DnsProtocol.Https)]
    public async Task A_forwarder_believes_nobody_with_another_name(DnsProtocol protocol)
    {
        await using var server = await EncryptedServer.StartAsync();
        await using var forwarder = await StartForwarderAsync(server, protocol, "other.example.test");
        Assert.Equal("ServerFailure EDE 23: ", RunningForwarder.Summary(await forwarder.AskAsync("web.example.org")));
    }

    [Fact]
    public async Task Questions_of_others_go_all_the_way_over_https()
    {
        await using var upstream = ScriptedUpstream.Answering("@ 300 A 192.0.2.7");
        await using var server = await EncryptedServer.StartAsync(RunningForwarder.Options(upstream));
        await using var forwarder = await StartForwarderAsync(server, DnsProtocol.Https, "ns.example.test");
        Assert.Equal("Success: www.example.net. A 192.0.2.7", RunningForwarder.Summary(await forwarder.AskAsync("www.example.net")));
    }

    private static Task<RunningNameServer> StartForwarderAsync(EncryptedServer server, DnsProtocol protocol, string name) => RunningForwarder.StartAsync(new ForwardingOptions
    {
        Upstreams = [new DnsUpstream(protocol == DnsProtocol.Tls ? server.Tls : server.Https, protocol) { ServerName = name, Authorities = [X509CertificateLoader.LoadCertificateFromFile(server.Authority)] }],
        Timeout = RunningForwarder.Patience,
    });
}
