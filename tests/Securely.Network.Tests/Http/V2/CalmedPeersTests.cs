using System.Net;
using Securely.Http;
using Securely.Network.Tests.Proxy;
using Securely.Proxy;

namespace Securely.Network.Tests.Http.V2;

/// <summary>What becomes of clients that come back after they were told to calm down.</summary>
public sealed class CalmedPeersTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    public void Knows_an_address_and_its_network(string told, string asked, bool expected)
    {
        var peers = new CalmedPeers();
        peers.Add(IPAddress.Parse(told), 1_000);

        Assert.Equal(expected, peers.Contains(IPAddress.Parse(asked), 30_999));
        Assert.False(peers.Contains(IPAddress.Parse(asked), 31_000));
    }

    [Fact]
    public void Keeps_nothing_of_a_client_without_an_address()
    {
        var peers = new CalmedPeers();
        peers.Add(null, 0);

        Assert.False(peers.Contains(null, 1));
    }

    [Fact]
    public void Keeps_the_last_ones_of_many()
    {
        var peers = new CalmedPeers();
        for (byte host = 0; host < 65; host++)
            peers.Add(new IPAddress([192, 0, 2, host]), host);

        Assert.False(peers.Contains(IPAddress.Parse("192.0.2.0"), 100));
        Assert.All(Enumerable.Range(1, 64), host => Assert.True(peers.Contains(new IPAddress([192, 0, 2, (byte)host]), 100)));
    }

    [Fact]
    public async Task A_client_that_comes_back_may_have_fewer_streams()
    {
        await using var host = await RunningHttp.StartAsync(session => session.RespondAsync(200, "ok"));

        await ComeBackAsync(host, "\x08");
    }

    [Theory]
    [InlineData("127.0.0.0/8", "d")]
    [InlineData("192.0.2.0/24", "\x08")]
    public async Task Whoever_comes_through_a_trusted_proxy_does_not_suffer_for_others_who_do(string trusted, string streams)
    {
        var options = new ProxyServiceOptions { TrustedProxies = new TrustedProxies([IPNetwork.Parse(trusted)]) };
        await using var host = await RunningHttp.StartAsync(new PlainProxy(new HttpPeer(new IPEndPoint(IPAddress.Loopback, 1))), options);

        await ComeBackAsync(host, streams);
    }

    /// <summary>A client is told to calm down, and another one is told how many streams it may have.</summary>
    private static async Task ComeBackAsync(RunningHttp host, string streams)
    {
        // The preface, empty settings and their acknowledgement; then the first six bytes of the server's settings: a frame of 30 bytes and type 4,
        // whose first setting is 3, MAX_CONCURRENT_STREAMS.
        const string Begin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0";
        const string Settings = "\0\0\x1e\x04\0\0\0\0\0\0\x03\0\0\0";
        await using (var first = await host.ConnectAsync())
        {
            await first.SendAsync(Begin);
            await first.ReadUntilAsync(Settings + "d");
            await first.SendAsync(string.Concat(Enumerable.Repeat("\0\0\0\xfe\0\0\0\0\0", 1_500)));
            // GOAWAY: 8 bytes of type 7; the last stream is 0, the code 11.
            await first.ReadUntilAsync("\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b");
        }

        await using var second = await host.ConnectAsync();
        await second.SendAsync(Begin);

        await second.ReadUntilAsync(Settings + streams);
    }
}
