using System.Net;

namespace Securely.Dns.Tests.Forwarding;

/// <summary>What is known without asking: names that stay within a network, names below those that do not exist, and whose parent is asked.</summary>
public sealed class UnroutedTests
{
    private const string Digest = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
    private static readonly DnsUpstream _upstream = new(new IPEndPoint(IPAddress.Loopback, 53));
    private static readonly Zone _zone = InProcess.Zone("own.example", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n");

    [Theory]
    [InlineData("x.y.invalid", "NoSuchName invalid.")]
    [InlineData("invalid", "NoSuchName invalid.")]
    [InlineData("a.Onion", "NoSuchName onion.")]
    [InlineData("home.arpa", "Success home.arpa.")]
    [InlineData("x.home.arpa", "NoSuchName home.arpa.")]
    [InlineData("1.2.3.10.in-addr.arpa", "NoSuchName 10.in-addr.arpa.")]
    [InlineData("1.2.31.172.in-addr.arpa", "NoSuchName 31.172.in-addr.arpa.")]
    [InlineData("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa", "Success")]
    [InlineData("1.2.32.172.in-addr.arpa", null)]
    [InlineData("www.example.test", null)]
    [InlineData("invalids", null)]
    [InlineData("invalid.example", null)]
    public void Names_of_a_network_go_no_further(string name, string? expected)
    {
        var answer = Ask(Make(new ForwardingOptions { Upstreams = [_upstream] }), name, RecordType.Ptr);
        if (expected is null)
        {
            Assert.Null(answer);
            return;
        }

        Assert.StartsWith(expected.ToLowerInvariant(), $"{answer!.Code} {Assert.Single(answer.Authorities).Name}".ToLowerInvariant(), StringComparison.Ordinal);
        Assert.Empty(answer.Answers);
    }

    [Fact]
    public void A_route_and_a_zone_answer_for_them()
    {
        var catalog = new Catalog();
        catalog.Put(InProcess.Zone("invalid", "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a\na A 192.0.2.1\n"));
        var responder = Make(new ForwardingOptions { Upstreams = [_upstream], Routes = [new ForwardRoute(DomainName.Parse("168.192.in-addr.arpa"), [_upstream]), new ForwardRoute(DomainName.Parse("corp.onion"), [_upstream])] }, catalog);
        Assert.Null(Ask(responder, "1.2.168.192.in-addr.arpa", RecordType.Ptr));
        Assert.Null(Ask(responder, "x.corp.onion", RecordType.A));
        Assert.Equal(ResponseCode.NoSuchName, Ask(responder, "x.onion", RecordType.A)!.Code);
        Assert.Single(Ask(responder, "a.invalid", RecordType.A)!.Answers);
    }

    [Fact]
    public void Below_a_name_that_does_not_exist_nothing_does()
    {
        var (responder, recursion) = MakeBoth(new ForwardingOptions { Upstreams = [_upstream], Routes = [new ForwardRoute(DomainName.Parse("routed.nope.example"), [_upstream])] });
        recursion.Cache.Put(Denial(recursion, "nope.example", "example 60 SOA ns.example host.mail.example 1 2 3 4 60"));
        var answer = Ask(responder, "a.B.nope.example", RecordType.Txt)!;
        Assert.Equal(ResponseCode.NoSuchName, answer.Code);
        Assert.Equal("example. 60 IN SOA ns.example. host.mail.example. 1 2 3 4 60", Assert.Single(answer.Authorities).ToString());
        Assert.Null(Ask(responder, "nope2.example", RecordType.A));
        Assert.Null(Ask(responder, "xnope.example", RecordType.A));
        // Others are asked for it than those who have denied the name above.
        Assert.Null(Ask(responder, "www.routed.nope.example", RecordType.A));
    }

    [Fact]
    public void A_client_that_may_have_recursion_is_told_so_by_zones_of_our_own()
    {
        var responder = Make(new ForwardingOptions { Upstreams = [_upstream] });
        Assert.True(Ask(responder, "ns1.own.example", RecordType.A)!.RecursionAvailable);
        Assert.True(Ask(responder, "ns1.own.example", RecordType.A, wantsRecursion: false)!.RecursionAvailable);
        Assert.False(Ask(responder, "ns1.own.example", RecordType.A, client: "192.0.2.1")!.RecursionAvailable);
    }

    [Fact]
    public void The_parent_is_asked_for_the_delegation_of_a_zone_of_our_own()
    {
        var (responder, recursion) = MakeBoth(new ForwardingOptions { Upstreams = [_upstream] });
        Assert.Null(Ask(responder, "own.example", RecordType.Ds));
        Assert.Equal((ResponseCode.Success, true), Seen(Ask(responder, "own.example", RecordType.Ds, wantsRecursion: false)));
        Assert.Equal((ResponseCode.Success, true), Seen(Ask(responder, "own.example", RecordType.Ds, client: "192.0.2.1")));
        // The internet knows no such zone, so it is one of this network, and has no delegation that could be proved.
        recursion.Cache.Put(Denial(recursion, "own.example", "example 60 SOA ns.example host.example 1 2 3 4 60"));
        var answer = Ask(responder, "own.example", RecordType.Ds);
        Assert.Equal((ResponseCode.Success, true), Seen(answer));
        Assert.Equal("own.example.", Assert.Single(answer!.Authorities).Name.ToString());
    }

    [Fact]
    public void A_parent_that_has_expired_does_not_deny_a_delegation()
    {
        var catalog = new Catalog();
        catalog.PutAll([InProcess.Zone("example", "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a\nown DS 1 13 2 " + Digest + "\nown NS a\n").WithExpiry(true), _zone]);
        var responder = new Responder(new ServerState(catalog, new DnsServerOptions(), TimeProvider.System), isLimited: false);
        Assert.Equal(ResponseCode.ServerFailure, Ask(responder, "own.example", RecordType.Ds)!.Code);
    }

    [Theory]
    [InlineData(127, ResponseCode.Success)]
    [InlineData(128, ResponseCode.Success)]
    [InlineData(248, ResponseCode.Success)]
    [InlineData(249, ResponseCode.NotImplemented)]
    [InlineData(253, ResponseCode.NotImplemented)]
    [InlineData(254, ResponseCode.NotImplemented)]
    [InlineData(256, ResponseCode.Success)]
    public void A_type_that_nobody_knows_is_one_without_data(int type, ResponseCode code) =>
        Assert.Equal(code, Ask(Make(new ForwardingOptions()), "ns1.own.example", (RecordType)type)!.Code);

    private static (ResponseCode, bool) Seen(DnsMessage? answer) => (answer!.Code, answer.IsAuthoritative);

    private static CacheEntry Denial(Recursion recursion, string name, string soa)
    {
        var parts = soa.Split(' ', 4);
        var message = new DnsMessage { IsResponse = true, Code = ResponseCode.NoSuchName, Authorities = [ResourceRecord.Parse(DomainName.Parse(parts[0]), RecordType.Soa, 60, parts[3])] };
        return new AnswerFilter(recursion.Options.Cache, null, null).Build(ForwardKey.Of(DomainName.Parse(name), RecordType.A), message, isTrusted: false, recursion.Now)!;
    }

    private static Responder Make(ForwardingOptions forwarding, Catalog? catalog = null) => MakeBoth(forwarding, catalog).Responder;

    private static (Responder Responder, Recursion Recursion) MakeBoth(ForwardingOptions forwarding, Catalog? catalog = null)
    {
        catalog ??= new Catalog();
        catalog.Put(_zone);
        var state = new ServerState(catalog, new DnsServerOptions { Forwarding = forwarding }, new ManualTimeProvider());
        return (new Responder(state, isLimited: false), state.Recursions[0]);
    }

    // Null where others would have to be asked.
    private static DnsMessage? Ask(Responder responder, string name, RecordType type, bool wantsRecursion = true, string client = "127.0.0.1")
    {
        var request = new DnsMessage { RecursionDesired = wantsRecursion, Questions = [new Question(DomainName.Parse(name), type)], Edns = new Edns() }.Encode();
        var response = new byte[1232];
        var length = responder.Respond(request, response, IPAddress.Parse(client).GetAddressBytes(), isStream: false);
        Assert.Equal(length == 0, responder.Wanted.Key is not null);
        return length == 0 ? null : DnsMessage.TryDecode(response.AsSpan(0, length), out var answer) ? answer : throw new InvalidOperationException("It is malformed.");
    }
}
