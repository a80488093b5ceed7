using Securely.Config;

namespace Securely.Cli.Tests;

/// <summary>What cannot be as it is written, or has no effect, is said before the server starts: at its place, and all of it at once.</summary>
public sealed class ContradictionTests
{
    [Theory]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], max_h2_streams: 5}}", "1:57: warning: [max_h2_streams] has no meaning where [protocol] is [h1]; take it out, or write [protocol: h2]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], protocol: h1, h2_ping_interval: 5s}}", "1:73: warning: [h2_ping_interval] has no meaning where [protocol] is [h1]; take it out, or write [protocol: h2]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], timeouts: {connect: 5s}}}", "1:61: warning: [connect] has no effect: [total_connect] is shorter and ends it before; raise [total_connect], which is [3s] unless told")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {sni: a, verify_cert: false, verify_hostname: true}}}", "1:92: warning: [verify_hostname] has no meaning where [verify_cert] is [false]; take one of them out")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], tls: {sni: a, verify_cert: false, alternative_cn: b}}}", "1:91: warning: [alternative_cn] has no meaning where [verify_cert] is [false]; take one of them out")]
    public void What_has_no_effect_is_a_warning(string yaml, string expected) => Says(yaml, expected);

    [Theory]
    [InlineData("listeners: [{address: 0.0.0.0:81}, {address: 127.0.0.1:81}]", "1:46: Address [127.0.0.1:81] is taken by [0.0.0.0:81] at test.yaml:1:23; choose another port")]
    [InlineData("listeners: [{address: 127.0.0.1:81}, {address: \"*:81\"}]", "1:48: Address [*:81] is taken by [127.0.0.1:81] at test.yaml:1:23; choose another port")]
    [InlineData("listeners: [{address: 127.0.0.1:81}]\nmetrics: {address: 127.0.0.1:81}", "2:20: Address [127.0.0.1:81] is taken by [127.0.0.1:81] at test.yaml:1:23; choose another port")]
    [InlineData("listeners: [{address: 127.0.0.1:81}]\ndns: {listen: 127.0.0.1:82, doh: {listen: 127.0.0.1:81}}", "2:43: Address [127.0.0.1:81] is taken by [127.0.0.1:81] at test.yaml:1:23; choose another port")]
    [InlineData("listeners: [{address: \"unix:/run/a.sock\"}]\ncontrol_socket: /run/a.sock", "2:17: Address [unix:/run/a.sock] is taken by [unix:/run/a.sock] at test.yaml:1:23; choose another path")]
    [InlineData("listeners: [{address: 127.0.0.1:81}, {address: \"[::1]:81\"}, {address: 127.0.0.2:81}]\nmetrics: {address: 127.0.0.1:0}")]
    public void An_address_is_for_one_listener(string yaml, params string[] expected) => Says(yaml, expected);

    [Theory]
    [InlineData("listeners: [{address: 127.0.0.1:99999}]", "1:23: Port [99999] of address [127.0.0.1:99999] is out of range; it is 0 to 65535")]
    [InlineData("listeners: [{address: \":80\"}]", "1:23: Address [:80] has no host; write [*:80] for all addresses of this machine, or [127.0.0.1:80] for itself alone")]
    [InlineData("listeners: [{address: \"127.1:80\"}]", "1:23: Address [127.1:80] is not an IP address with a port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path")]
    [InlineData("listeners: [{address: \"2130706433:80\"}]", "1:23: Address [2130706433:80] is not an IP address with a port; write IP:PORT, [IPv6]:PORT, *:PORT or unix:/path")]
    [InlineData("upstreams: {a: {servers: [3000]}}", "1:27: [servers]: [3000] has no host; write IP:PORT, as in [127.0.0.1:3000]")]
    [InlineData("upstreams: {a: {servers: [\"\"]}}", "1:27: [servers]: [] has no host; write IP:PORT, as in [127.0.0.1:3000]")]
    [InlineData("dns: {listen: 127.0.0.1:0, local: {tlds: [\"*.test\"]}}", "1:43: [tlds]: [*.test] is not a domain name; write it as [test], which has all names below it")]
    [InlineData("dns: {listen: 127.0.0.1:0, local: {tlds: [\"te st\"]}}", "1:43: [tlds]: [te st] is not a domain name; write it as [test], which has all names below it")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], timeouts: {read: 601h}}}", "1:58: [read] must be between [1ms] and [576h], not [601h]")]
    [InlineData("upstreams: {a: {servers: [127.0.0.1:1], timeouts: {write: 0s}}}", "1:59: [write] must be between [1ms] and [576h], not [0s]")]
    public void A_wrong_value_is_named_with_what_to_write(string yaml, string expected) => Says(yaml, expected);

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var directory = AppContext.BaseDirectory;
        Says(
            "upstreams: {a: {servers: [127.0.0.1:1], tls: {sni: a, client_cert: no.pem, client_key: no.key}}}",
            $"1:68: Certificate [{Path.Combine(directory, "no.pem")}] does not exist; write the path of a PEM file",
            $"1:88: Key [{Path.Combine(directory, "no.key")}] does not exist; write the path of a PEM file");
        Says(
            "dns: {listen: 127.0.0.1:0, zones: [{name: a..b, file: no.zone}]}",
            "1:43: [name]: [a..b] is not a domain name",
            $"1:55: The zone file [{Path.Combine(directory, "no.zone")}] does not exist");
    }

    [Fact]
    public void A_wildcard_without_quotes_is_one_mistake()
    {
        var diagnostics = new ConfigDiagnostics();
        var root = YamlReader.Read("sites: [{hosts: [*.a.test], routes: [{respond: {}}]}]", "test.yaml", diagnostics);

        ConfigurationReader.Read(root!, "test.yaml", CliRun.Environment(), diagnostics);

        Assert.Equal("test.yaml:1:18: Alias [*.a.test] is not defined before; a text that starts with [*] needs quotes, as in [\"*.a.test\"]", diagnostics.ToString());
    }

    [Theory]
    [InlineData("access_log: {path: -}", "1:20: A text [-] cannot stand alone here; put quotes around it")]
    [InlineData("access_log:\n  path: -", "2:9: A list cannot start on the line of its key; start it on the next line, or write it as [a, b]; where the text [-] is meant, put quotes around it")]
    public void A_dash_without_quotes_is_told_to_be_put_into_them(string yaml, string expected)
    {
        var diagnostics = new ConfigDiagnostics();

        YamlReader.Read(yaml, "test.yaml", diagnostics);

        Assert.Equal("test.yaml:" + expected, diagnostics.ToString());
    }

    private static void Says(string yaml, params string[] expected)
    {
        var diagnostics = new ConfigDiagnostics();

        ConfigurationReader.Read(YamlReader.Read(yaml, "test.yaml"), "test.yaml", CliRun.Environment(), diagnostics);

        Assert.Equal(expected.Select(item => "test.yaml:" + item), diagnostics.Items.Select(item => item.ToString()));
    }
}
