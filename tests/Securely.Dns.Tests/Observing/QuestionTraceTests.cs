using System.Net;

namespace Securely.Dns.Tests.Observing;

public sealed class QuestionTraceTests
{
    private static readonly DnsServer Server = Make();

    [Theory]
    [InlineData("host1.example.test", "A", "example.test. with serial 2025010101 is the closest zone of 1|host1.example.test. is there|1 record of type A, remembered for 3600 s|NOERROR with authority, 63 bytes")]
    [InlineData("web.example.test", "MX", "web.example.test. is there|None of type MX: no data, remembered for 300 s|NOERROR with authority")]
    [InlineData("ent.example.test", "A", "ent.example.test. has no records, but there are names below it|None of type A")]
    [InlineData("a.nope.example.test", "A", "a.nope.example.test. is not there; example.test. is the closest that is, and it has no wildcard: no such name, remembered for 300 s|NXDOMAIN")]
    [InlineData("a.b.wild.example.test", "A", "is not there; wild.example.test. is the closest that is, and *.wild.example.test. stands in|1 record of type A")]
    [InlineData("c1.example.test", "A", "c1.example.test. is an alias of c2.example.test., which is followed|c3.example.test. is an alias of web.example.test.|2 records of type A")]
    [InlineData("loop1.example.test", "A", "which was seen already: the aliases are a loop")]
    [InlineData("ext.example.test", "A", "is an alias of www.example.net., which is outside of the zone|NOERROR with authority")]
    [InlineData("host.deleg.example.test", "A", "deleg.example.test. is delegated, so its name servers are told|NOERROR,")]
    [InlineData("secure.example.test", "DS", "secure.example.test. is there|1 record of type DS")]
    [InlineData("x.dn.example.test", "A", "Below dn.example.test. everything is below target.example.test. (DNAME)|x.dn.example.test. is made an alias of x.target.example.test., which is followed|1 record of type A")]
    [InlineData("example.test", "ANY", "ANY gets one set over a datagram")]
    [InlineData("big.example.test", "TXT", "40 records of type TXT|it does not fit, so the client is to ask over a stream")]
    [InlineData("other.org", "A", "No zone here has other.org.|REFUSED,")]
    [InlineData("example.test", "AXFR", "A whole zone goes over streams only, to those who may have it|REFUSED,")]
    public void Says_why(string name, string type, string parts)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        var explanation = Server.Explain(new DnsMessage { Questions = [new Question(DomainName.Parse(name), known)], Edns = new Edns() }, IPAddress.Loopback);
        var text = string.Join('\n', explanation.Steps.Select(step => step.Text));
        var from = 0;
        Assert.All(parts.Split('|'), part =>
        {
            var at = text.IndexOf(part, from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"[{part}] is not behind {from} in\n{text}");
            from = at;
        });
    }

    [Theory]
    [InlineData("www.example.org", "127.0.0.1", "No zone here has www.example.org.|Others are asked, unless the answer is still known: 192.0.2.53:53|There is no answer yet")]
    [InlineData("www.corp.example", "127.0.0.1", "Others are asked, unless the answer is still known: 192.0.2.54:53")]
    [InlineData("ads.example.org", "127.0.0.1", "A list blocks it (dns.block)|NXDOMAIN,")]
    [InlineData("www.example.org", "192.0.2.1", "The client is in no network that may ask for names of others (dns.recursion)|REFUSED,")]
    [InlineData("ext.example.test", "127.0.0.1", "which is outside of the zone|Others are asked")]
    [InlineData("ext.example.test", "10.1.2.3", "The client is in the networks of view 1|which is outside of the zone|www.example.net. is in example.net., which is here too, so it is followed|NOERROR with authority")]
    public void Says_who_is_asked_for_names_of_others(string name, string client, string parts)
    {
        var names = new NamePolicy();
        names.Replace([DomainList.Read(new StringReader("ads.example.org\n"))], []);
        var (common, own) = (new Catalog(), new Catalog());
        common.Put(RunningNameServer());
        own.Put(InProcess.Zone("example.net", "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS a.other.\nwww A 192.0.2.7\n"));
        var server = new DnsServer(common, new DnsServerOptions
        {
            Forwarding = new ForwardingOptions
            {
                Upstreams = [new DnsUpstream(IPEndPoint.Parse("192.0.2.53:53"))],
                Routes = [new ForwardRoute(DomainName.Parse("corp.example"), [new DnsUpstream(IPEndPoint.Parse("192.0.2.54:53"))])],
                Names = names,
            },
            Views = [new DnsView([IPNetwork.Parse("10.0.0.0/8")], own)],
        });
        var question = new DnsMessage { RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), RecordType.A)], Edns = new Edns() };
        var text = string.Join('\n', server.Explain(question, IPAddress.Parse(client)).Steps.Select(step => step.Text));
        var from = 0;
        Assert.All(parts.Split('|'), part =>
        {
            var at = text.IndexOf(part, from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"[{part}] is not behind {from} in\n{text}");
            from = at;
        });
    }

    /// <summary>Every question of the checks and every name of the zone: what is said agrees with the answer.</summary>
    [Fact]
    public void What_is_said_agrees_with_the_answer()
    {
        var names = RunningNameServer().Records().Select(record => record.Name).SelectMany(name => (DomainName[])[name, DomainName.Parse("x." + name), DomainName.Parse("x.y." + name)]).Distinct();
        foreach (var name in names)
        {
            foreach (var type in (RecordType[])[RecordType.A, RecordType.Txt, RecordType.Ns, RecordType.Ds])
            {
                var (steps, answer) = Server.Explain(new DnsMessage { Questions = [new Question(name, type)] }, IPAddress.Loopback, isStream: true);
                var text = string.Join('\n', steps.Select(step => step.Text));
                Assert.NotNull(answer);
                Assert.Equal(answer.Code == ResponseCode.NoSuchName, text.Contains("no such name", StringComparison.Ordinal));
                Assert.Equal(answer.Answers.Any(record => record.Type == type), text.Contains($" of type {ResourceRecord.TypeName(type)}, remembered", StringComparison.Ordinal));
                Assert.Equal(answer.Answers.Count(record => record.Type == RecordType.Cname), steps.Count(step => step.Text.Contains(" alias of ", StringComparison.Ordinal)));
                Assert.Equal(answer.Authorities.Any(record => record.Type == RecordType.Ns), text.Contains("is delegated", StringComparison.Ordinal));
            }
        }
    }

    private static Zone RunningNameServer() => Serving.RunningNameServer.Fixture();

    private static DnsServer Make()
    {
        var catalog = new Catalog();
        catalog.Put(RunningNameServer());
        return new DnsServer(catalog);
    }
}
