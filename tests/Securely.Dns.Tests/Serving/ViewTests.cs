using System.Net;

namespace Securely.Dns.Tests.Serving;

/// <summary>Clients of different networks see different zones (split horizon).</summary>
public sealed class ViewTests
{
    private const string Start = "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a\na A 192.0.2.1\n";

    [Theory]
    [InlineData("10.1.2.3", "www.example.test", "10.0.0.80")]
    [InlineData("192.0.2.9", "www.example.test", "192.0.2.80")]
    [InlineData("10.1.2.3", "www.other.test", "192.0.2.81")]
    [InlineData("10.1.2.3", "www.deep.example.test", "192.0.2.82")]
    [InlineData("10.1.2.3", "www.inside.test", "10.0.0.81")]
    [InlineData("192.0.2.9", "www.inside.test", "Refused")]
    [InlineData("10.9.0.1", "www.example.test", "10.9.0.80")]
    public void The_network_decides(string client, string name, string expected)
    {
        var catalog = Catalog(("example.test", "192.0.2.80"), ("other.test", "192.0.2.81"), ("deep.example.test", "192.0.2.82"));
        var special = new DnsView([IPNetwork.Parse("10.9.0.0/16")], Catalog(("example.test", "10.9.0.80")));
        var inside = new DnsView([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")], Catalog(("example.test", "10.0.0.80"), ("inside.test", "10.0.0.81")));
        var responder = new Responder(new ServerState(catalog, new DnsServerOptions { Views = [special, inside] }, TimeProvider.System), isLimited: true);
        var response = new byte[4096];
        var length = responder.Respond(new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse(name), RecordType.A)] }.Encode(), response, IPAddress.Parse(client).GetAddressBytes(), isStream: false);
        Assert.True(DnsMessage.TryDecode(response.AsSpan(0, length), out var answer));
        Assert.Equal(expected, answer.Answers.Count == 0 ? answer.Code.ToString() : answer.Answers[0].DataText);
    }

    [Fact]
    public void A_view_keeps_answers_of_its_own_upstreams_apart()
    {
        var inside = new DnsView([IPNetwork.Parse("10.0.0.0/8")], new Catalog()) { Forwarding = new ForwardingOptions() };
        var state = new ServerState(new Catalog(), new DnsServerOptions { Views = [inside], Forwarding = new ForwardingOptions() }, TimeProvider.System);
        Assert.Equal(2, state.Recursions.Count);
        Assert.NotSame(state.ViewOf([10, 0, 0, 1]).Recursion, state.ViewOf([192, 168, 0, 1]).Recursion);
        var shared = new ServerState(new Catalog(), new DnsServerOptions { Views = [inside with { Forwarding = null }], Forwarding = new ForwardingOptions() }, TimeProvider.System);
        Assert.Same(shared.ViewOf([10, 0, 0, 1]).Recursion, shared.ViewOf([192, 168, 0, 1]).Recursion);
    }

    private static Catalog Catalog(params (string Apex, string Address)[] zones)
    {
        var catalog = new Catalog();
        catalog.PutAll(zones.Select(zone => InProcess.Zone(zone.Apex, $"{Start}www A {zone.Address}\n")));
        return catalog;
    }
}
