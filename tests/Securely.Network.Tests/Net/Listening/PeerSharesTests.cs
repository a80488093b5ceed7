using System.Net;
using System.Net.Sockets;
using Securely.Net;

namespace Securely.Network.Tests.Net.Listening;

public sealed class PeerSharesTests
{
    private readonly PeerShares _peers = new(new ConnectionLimit(1));

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("::1", "0.0.0.1", false)]
    [InlineData("::", "0.0.0.0", false)]
    public void A_peer_is_an_ipv4_address_or_an_ipv6_network(string first, string second, bool same) =>
        Assert.Equal(same, KeyOf(first) == KeyOf(second));

    [Fact]
    public void All_clients_of_unix_sockets_are_one_peer()
    {
        Assert.Equal(PeerShares.KeyOf(null), PeerShares.KeyOf(new UnixDomainSocketEndPoint("/run/a.sock")));
        Assert.NotEqual(PeerShares.KeyOf(null), KeyOf("0.0.0.0"));
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData(null, "unix")]
    public void A_peer_can_be_read(string? address, string expected) =>
        Assert.Equal(expected, PeerShares.Describe(_peers.Get(address is null ? PeerShares.KeyOf(null) : KeyOf(address))));

    [Fact]
    public void The_heaviest_is_always_known_and_nobody_stays_who_holds_nothing()
    {
        var random = new Random(11);
        var held = new Dictionary<ulong, int>();
        for (var i = 0; i < 20_000; i++)
        {
            // Rising for a while and falling for a while, so that rows fill and empty.
            var key = (ulong)random.Next(40);
            var count = held.GetValueOrDefault(key);
            if (count > 0 && random.Next(100) < (i / 2_000 % 2 == 0 ? 35 : 65))
            {
                _peers.Lower(_peers.Get(key));
                held[key] = count - 1;
            }
            else
            {
                _peers.Raise(_peers.Get(key));
                held[key] = count + 1;
            }

            var most = held.Values.Max();
            Assert.Equal(most, _peers.MostHeld);
            Assert.Equal(most, _peers.Heaviest?.Count ?? 0);
        }

        Assert.Equal(held.Values.Count(count => count > 0), _peers.Count);
        Assert.Equal(
            held.Where(pair => pair.Value == 3).Select(pair => pair.Key).Order(),
            RowOf(3).Order());
    }

    [Fact]
    public void Each_of_many_peers_is_found_again()
    {
        for (var key = 0UL; key < 10_000; key++)
            _peers.Raise(_peers.Get(key << 32));
        Assert.Equal(10_000, _peers.Count);
        for (var key = 0UL; key < 10_000; key++)
        {
            Assert.Equal(1, _peers.Get(key << 32).Count);
            if (key % 2 == 0)
                _peers.Lower(_peers.Get(key << 32));
        }

        Assert.Equal(5_000, _peers.Count);
        Assert.All(Enumerable.Range(0, 10_000), key =>
        {
            var peer = _peers.Get((ulong)key << 32);
            Assert.Equal(key % 2, peer.Count);
            _peers.Forget(peer);
        });
        Assert.Equal(5_000, _peers.Count);
    }

    private IEnumerable<ulong> RowOf(int count)
    {
        for (var peer = _peers.First(count); peer is not null; peer = peer.Next)
            yield return peer.Key;
    }

    private static ulong KeyOf(string address) => PeerShares.KeyOf(new IPEndPoint(IPAddress.Parse(address), 80));
}
