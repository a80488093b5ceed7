using System.Net;
using Securely.Http;
using Securely.Proxy;

namespace Securely.Network.Tests.Proxy;

public sealed class TrustedProxiesTests
{
    private static readonly TrustedProxies Trusted = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8"), IPNetwork.Parse("127.0.0.1/32")]);

    [Theory]
    // A peer that is not trusted is the client, whatever it claims.
    [InlineData("192.0.2.1", "203.0.113.7", "192.0.2.1")]
    [InlineData("10.0.0.1", null, "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7")]
    [InlineData("10.0.0.1", "1.1.1.1, 203.0.113.7, 10.9.9.9", "203.0.113.7")]
    [InlineData("10.0.0.1", "1.1.1.1,203.0.113.7,10.9.9.9 ,127.0.0.1", "203.0.113.7")]
    // When everybody is trusted, the first one is where it began.
    [InlineData("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3")]
    // Several lines are one list.
    [InlineData("10.0.0.1", "1.1.1.1|203.0.113.7|10.0.0.2", "203.0.113.7")]
    [InlineData("10.0.0.1", "203.0.113.7:4711", "203.0.113.7")]
    [InlineData("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("fd00::1", "2001:db8::1", "2001:db8::1")]
    [InlineData("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7")]
    // What cannot be read ends the walk at the last address that could.
    [InlineData("10.0.0.1", "203.0.113.7, unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.7, unknown, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.7,", "10.0.0.1")]
    [InlineData("10.0.0.1", "1", "10.0.0.1")]
    [InlineData("10.0.0.1", "0x7f000001", "10.0.0.1")]
    [InlineData("10.0.0.1", "[2001:db8::1", "10.0.0.1")]
    [InlineData("10.0.0.1", "[2001:db8::1]x", "10.0.0.1")]
    [InlineData("10.0.0.1", "fe80::1%eth0", "10.0.0.1")]
    [InlineData("10.0.0.1", "203.0.113.7\u00e9", "10.0.0.1")]
    public void The_client_is_the_right_most_address_that_is_not_trusted(string peer, string? forwarded, string client)
    {
        Assert.Equal(IPAddress.Parse(client), Trusted.ClientOf(IPAddress.Parse(peer), Headers(forwarded)));
    }

    [Fact]
    public void A_peer_on_a_unix_socket_is_trusted_when_it_is_named()
    {
        var headers = Headers("203.0.113.7");
        Assert.Null(Trusted.ClientOf(null, headers));
        Assert.Equal(IPAddress.Parse("203.0.113.7"), new TrustedProxies([], unix: true).ClientOf(null, headers));
        Assert.Null(new TrustedProxies([], unix: true).ClientOf(null, Headers(null)));
    }

    [Fact]
    public void Nobody_is_trusted_unless_named()
    {
        var peer = IPAddress.Parse("10.0.0.1");
        Assert.True(TrustedProxies.None.IsEmpty);
        Assert.Same(peer, TrustedProxies.None.ClientOf(peer, Headers("203.0.113.7")));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::1", "::1/128")]
    [InlineData("2001:db8::/33", "2001:db8::/33")]
    public void Reads_addresses_and_networks(string text, string network)
    {
        Assert.True(TrustedProxies.TryParse(text, out var read, out var error));
        Assert.Null(error);
        Assert.Equal(network, read.ToString());
    }

    [Theory]
    [InlineData("10.0.0.1/8", "[10.0.0.1/8] has bits behind its prefix; did you mean [10.0.0.0/8]?")]
    [InlineData("10.0.0.0/33", "[10.0.0.0/33] has no prefix length from 0 to 32 behind its slash")]
    [InlineData("10.0.0.0/", "[10.0.0.0/] has no prefix length from 0 to 32 behind its slash")]
    [InlineData("10.0.0.0/-1", "[10.0.0.0/-1] has no prefix length from 0 to 32 behind its slash")]
    [InlineData("proxy.test", "[proxy.test] is not an address or network; write it as in [10.0.0.0/8] or [::1]")]
    [InlineData("10", "[10] is not an address or network; write it as in [10.0.0.0/8] or [::1]")]
    [InlineData("", "[] is not an address or network; write it as in [10.0.0.0/8] or [::1]")]
    public void Says_what_is_wrong_with_others(string text, string expected)
    {
        Assert.False(TrustedProxies.TryParse(text, out _, out var error));
        Assert.Equal(expected, error);
    }

    private static HeaderMap Headers(string? forwarded)
    {
        var headers = new HeaderMap();
        headers.Append("X-Other", "203.0.113.99");
        foreach (var line in forwarded?.Split('|') ?? [])
            headers.Append("x-forwarded-for", line);
        headers.Append("Host", "app.test");
        return headers;
    }
}
