namespace Securely.Dns.Tests.Zones;

public sealed class ZoneTests
{
    private const string Head = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n";

    [Theory]
    [InlineData("$TTL 1\n@ NS ns1\nns1 A 192.0.2.1", "The zone [example.test.] has no SOA record")]
    [InlineData("$TTL 1\n@ SOA a b 1 2 3 4 5\n", "The zone [example.test.] has no NS record")]
    [InlineData(Head + "@ SOA ns1 admin 8 2 3 4 5", "The zone [example.test.] has more than one SOA record")]
    [InlineData(Head + "www CNAME a\nwww A 192.0.2.1", "[www.example.test.] has a CNAME record and other data")]
    [InlineData(Head + "www CNAME a\nwww CNAME b", "[www.example.test.] has more than one CNAME record")]
    [InlineData(Head + "www DNAME a\nwww DNAME b", "[www.example.test.] has more than one DNAME record")]
    [InlineData(Head + "www SOA ns1 admin 8 2 3 4 5", "[www.example.test.] has a SOA record, but the zone is [example.test.]")]
    public void Refuses_what_is_no_zone(string text, string message)
    {
        var file = ZoneFileReader.ReadText(text, "x", DomainName.Parse("example.test"));
        Assert.False(Zone.TryBuild(file, out _));
        Assert.Contains(file.Problems, problem => problem.Severity == ZoneProblemSeverity.Error && problem.Message == message);
    }

    [Theory]
    [InlineData("www.other.test. A 192.0.2.1", "[www.other.test.] is not in the zone [example.test.] and is left out")]
    [InlineData("a 1 A 192.0.2.1\na 2 A 192.0.2.2", "The TTL [2] of [a.example.test.] A differs from [1] of the same set, which is taken")]
    [InlineData("@ MX 10 nowhere", "The MX of [example.test.] names [nowhere.example.test.], which has no address")]
    [InlineData("@ MX 10 alias\nalias CNAME ns1", "The MX of [example.test.] names [alias.example.test.], which is an alias")]
    [InlineData("d NS ns1\nx.d TXT a", "[x.d.example.test.] is never answered: it is below the delegation of [d.example.test.]")]
    [InlineData("d DNAME a\nx.d TXT a", "[x.d.example.test.] is never answered: it is below the DNAME of [d.example.test.]")]
    [InlineData("d DS 1 13 2 ABCD", "[d.example.test.] has a DS record, but is no delegation")]
    public void Warns_of_what_is_hardly_meant(string text, string message)
    {
        var file = ZoneFileReader.ReadText(Head + text, "x", DomainName.Parse("example.test"));
        Assert.True(Zone.TryBuild(file, out _));
        Assert.Equal(message, Assert.Single(file.Problems).Message);
    }

    [Fact]
    public void Equal_records_count_once()
    {
        var zone = InProcess.Zone("example.test", Head + "a CNAME WWW\na CNAME www\nb A 192.0.2.1\nb A 192.0.2.1\n");
        Assert.Equal(5, zone.RecordCount);
        Assert.Equal(7u, zone.Serial);
    }

    [Fact]
    public void Keeps_the_bytes_of_a_record_and_the_canonical_order()
    {
        var zone = InProcess.Zone("example.test", Head + "m MX 20 MAIL.Example.test.\nm MX 10 b.other.\nm MX 10 a.other.\n");
        Assert.Equal(["10 a.other.", "10 b.other.", "20 MAIL.Example.test."], zone.Records().Where(record => record.Type == RecordType.Mx).Select(record => record.DataText));
    }

    [Fact]
    public void A_catalog_finds_the_zone_with_the_longest_name()
    {
        var catalog = new Catalog();
        catalog.PutAll([InProcess.Zone("example.test", Head), InProcess.Zone("sub.example.test", Head), InProcess.Zone("other.test", Head)]);
        var key = new NameKey();
        Assert.Equal("sub.example.test.", Find("a.b.sub.example.test"));
        Assert.Equal("sub.example.test.", Find("SUB.example.test"));
        Assert.Equal("example.test.", Find("asub.example.test"));
        Assert.Null(Find("test"));
        Assert.True(catalog.Remove(DomainName.Parse("sub.example.test")));
        Assert.False(catalog.Remove(DomainName.Parse("sub.example.test")));
        Assert.Equal("example.test.", Find("a.b.sub.example.test"));

        string? Find(string name)
        {
            key.TryLoad(DomainName.Parse(name).Wire);
            return catalog.Table.Find(key)?.Apex.ToString();
        }
    }

    [Fact]
    public void A_zone_of_the_root_answers()
    {
        var zone = InProcess.Zone(".", "$TTL 60\n@ SOA a.root b.root 1 2 3 4 5\n@ NS a.root\na.root A 192.0.2.1\ntest NS ns.test\nns.test A 192.0.2.2\n");
        Assert.Equal("192.0.2.1", Assert.Single(InProcess.Ask(zone, "a.root", RecordType.A).Answers).DataText);
        var referral = InProcess.Ask(zone, "www.test", RecordType.A);
        Assert.False(referral.IsAuthoritative);
        Assert.Equal("ns.test. 60 IN A 192.0.2.2", Assert.Single(referral.Additionals).ToString());
        Assert.Equal(ResponseCode.NoSuchName, InProcess.Ask(zone, "nope", RecordType.A).Code);
    }
}
