namespace Securely.Dns.Tests.Serving;

/// <summary>Chains of aliases end where they come back to a name of theirs; what NSD, Knot and BIND agree on is the bar.</summary>
public sealed class AliasChainTests
{
    private const string Head = "$TTL 60\n@ SOA a h 1 2 3 4 5\n@ NS a\n";

    [Fact]
    public void Two_dnames_that_lead_to_each_other_end_where_they_began() => Assert.Equal(
        ["dn.z.test. 60 IN DNAME dn2.z.test.", "a.dn.z.test. 60 IN CNAME a.dn2.z.test.", "dn2.z.test. 60 IN DNAME dn.z.test.", "a.dn2.z.test. 60 IN CNAME a.dn.z.test."],
        Ask("dn DNAME dn2\ndn2 DNAME dn\n", "a.dn.z.test", RecordType.A));

    [Fact]
    public void A_dname_that_is_met_twice_stands_once() => Assert.Equal(
        ["dn.z.test. 60 IN DNAME t.z.test.", "a.dn.z.test. 60 IN CNAME a.t.z.test.", "a.t.z.test. 60 IN CNAME b.dn.z.test.", "b.dn.z.test. 60 IN CNAME b.t.z.test.", "b.t.z.test. 60 IN A 192.0.2.1"],
        Ask("dn DNAME t\na.t CNAME b.dn\nb.t A 192.0.2.1\n", "a.dn.z.test", RecordType.A));

    [Fact]
    public void A_wildcard_alias_into_itself_is_followed_by_name() => Assert.Equal(
        ["q.z.test. 60 IN CNAME a.b.z.test.", "a.b.z.test. 60 IN CNAME a.b.z.test."],
        Ask("* CNAME a.b\n", "q.z.test", RecordType.A));

    [Fact]
    public void Case_does_not_hide_a_loop() => Assert.Equal(
        ["L1.z.test. 60 IN CNAME l2.z.test.", "l2.z.test. 60 IN CNAME l1.z.test."],
        Ask("l1 CNAME l2\nl2 CNAME l1\n", "L1.z.test", RecordType.A));

    [Fact]
    public void A_question_for_all_types_goes_on_through_a_dname()
    {
        const string Zone = "a DNAME b\nb DNAME c\nx.c TXT t\n";
        Assert.Equal(["a.z.test. 60 IN DNAME b.z.test.", "x.a.z.test. 60 IN CNAME x.b.z.test.", "b.z.test. 60 IN DNAME c.z.test.", "x.b.z.test. 60 IN CNAME x.c.z.test.", "x.c.z.test. 60 IN TXT \"t\""],
            Ask(Zone, "x.a.z.test", RecordType.Any));
        Assert.Equal(2, Ask(Zone, "x.a.z.test", RecordType.Cname).Length);
        Assert.Equal(ResponseCode.NoSuchName, InProcess.Ask(InProcess.Zone("z.test", Head + Zone), "y.a.z.test", RecordType.Any).Code);
    }

    [Fact]
    public void A_chain_through_two_zones_ends_where_it_began()
    {
        var catalog = new Catalog();
        catalog.PutAll([InProcess.Zone("z.test", Head + "x CNAME x.y.test.\n"), InProcess.Zone("y.test", Head + "x CNAME x.z.test.\n")]);
        var responder = new Responder(new ServerState(catalog, new DnsServerOptions(), TimeProvider.System), isLimited: true);
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse("x.z.test"), RecordType.A)], RecursionDesired = true };
        Assert.Equal(["x.z.test. 60 IN CNAME x.y.test.", "x.y.test. 60 IN CNAME x.z.test."], InProcess.Ask(responder, question).Answers.Select(record => record.ToString()));
    }

    private static string[] Ask(string zone, string name, RecordType type)
    {
        var answer = InProcess.Ask(InProcess.Zone("z.test", Head + zone), name, type);
        Assert.True(answer.IsAuthoritative);
        return [.. answer.Answers.Select(record => record.ToString())];
    }
}
