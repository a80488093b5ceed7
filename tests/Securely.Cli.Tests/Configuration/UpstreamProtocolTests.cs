using Securely.Config;
using Securely.Http;

namespace Securely.Cli.Tests;

/// <summary>What is spoken to the servers of an upstream.</summary>
public sealed class UpstreamProtocolTests
{
    [Theory]
    [InlineData("", PeerProtocol.H1)]
    [InlineData(", protocol: h1", PeerProtocol.H1)]
    [InlineData(", protocol: h2", PeerProtocol.H2)]
    [InlineData(", protocol: h2, tls: {sni: a.test}", PeerProtocol.H2)]
    [InlineData(", protocol: h2c", PeerProtocol.H2)]
    [InlineData(", protocol: auto, tls: {sni: a.test}", PeerProtocol.Auto)]
    public void The_name_of_the_file_is_the_version(string keys, PeerProtocol expected)
    {
        var (configuration, diagnostics) = Read(keys);
        Assert.Empty(diagnostics.Items);
        Assert.Equal(expected, Assert.Single(configuration.Proxy.Upstreams).Protocol);
    }

    [Theory]
    [InlineData(", protocol: h2c, tls: {sni: a.test}", "1:51: [h2c] is HTTP/2 without TLS; write [h2], or take [tls] out")]
    [InlineData(", protocol: h2, max_h2_streams: 0", "1:71: Streams [0] of upstream [a] are out of range; they are 1 to 10000")]
    [InlineData(", protocol: h2, h2_ping_interval: 0s", "1:73: [h2_ping_interval] must be between [1ms] and [576h], not [0s]")]
    public void What_cannot_be_is_an_error(string keys, string message)
    {
        var item = Assert.Single(Read(keys).Diagnostics.Items);
        Assert.Equal("test.yaml:" + message, $"{item.Origin}: {item.Message}");
    }

    [Fact]
    public void Nothing_can_be_agreed_on_without_TLS()
    {
        var (configuration, diagnostics) = Read(", protocol: auto");
        Assert.StartsWith("[auto] is agreed on in TLS, and there is none: HTTP/1.1 is spoken", Assert.Single(diagnostics.Items).Message, StringComparison.Ordinal);
        Assert.False(diagnostics.HasErrors);
        Assert.Equal(PeerProtocol.Auto, Assert.Single(configuration.Proxy.Upstreams).Protocol);
    }

    [Fact]
    public void Streams_and_pings_arrive_in_the_options()
    {
        var upstream = Assert.Single(Read(", protocol: h2, max_h2_streams: 7, h2_ping_interval: 5s").Configuration.Proxy.Upstreams);
        Assert.Equal((7, TimeSpan.FromSeconds(5)), (upstream.MaxHttp2Streams, upstream.Http2PingInterval));
    }

    private static (SecurelyConfiguration Configuration, ConfigDiagnostics Diagnostics) Read(string keys)
    {
        var diagnostics = new ConfigDiagnostics();
        var root = YamlReader.Read($"upstreams: {{a: {{servers: [127.0.0.1:1]{keys}}}}}", "test.yaml", diagnostics)!;
        return (ConfigurationReader.Read(root, "test.yaml", CliRun.Environment(), diagnostics)!, diagnostics);
    }
}
