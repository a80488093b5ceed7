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
    [InlineData(Head + "*.w NS ns1", "[*.w.example.test.] has NS records, but a wildcard is no delegation")]
    [InlineData(Head + "d DS 1 8 2 ABCD\nd NS ns1", "The DS of [d.example.test.] has a digest of 2 bytes, not 32")]
    [InlineData(Head + "d SSHFP 1 1 ABCD", "The SSHFP of [d.example.test.] has a digest of 2 bytes, not 20")]
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
    [InlineData("d NS ns.d", "The NS of [d.example.test.] names [ns.d.example.test.], for which there is no glue")]
    [InlineData("d NS ns.d\nns.d 60 AAAA 2001:db8::1\ne NS ns2.d", "The NS of [e.example.test.] names [ns2.d.example.test.], for which there is no glue")]
    [InlineData("@ NS ns2", "The NS of [example.test.] names [ns2.example.test.], which has no address")]
    [InlineData("@ NS ns2\nns2 CNAME ns1", "The NS of [example.test.] names [ns2.example.test.], which is an alias")]
    [InlineData("@ NS ns2\nns2 TXT x\n* A 192.0.2.1", "The NS of [example.test.] names [ns2.example.test.], which has no address")]
    [InlineData("d NS ns2", "The NS of [d.example.test.] names [ns2.example.test.], which has no address")]
    [InlineData("@ NS ns.z\nz NS ns.other.", "The NS of [example.test.] names [ns.z.example.test.], for which there is no glue")]
    [InlineData("a_b A 192.0.2.1", "[a_b.example.test.] is no name of a host, but has A records")]
    [InlineData("-a A 192.0.2.1", "[-a.example.test.] is no name of a host, but has A records")]
    [InlineData("a-.b A 192.0.2.1", "[a-.b.example.test.] is no name of a host, but has A records")]
    [InlineData("$ORIGIN _x\na A 192.0.2.1", "[a._x.example.test.] is no name of a host, but has A records")]
    [InlineData("a_b TXT x\n A 192.0.2.1", "[a_b.example.test.] is no name of a host, but has A records")]
    [InlineData("_a AAAA 2001:db8::1", "[_a.example.test.] is no name of a host, but has AAAA records")]
    [InlineData("a_b MX 10 ns1", "[a_b.example.test.] is no name of a host, but has MX records")]
    [InlineData("x MX 10 a_b.other.", "The MX of [x.example.test.] names [a_b.other.], which is no name of a host")]
    [InlineData("x NS a_b.other.", "The NS of [x.example.test.] names [a_b.other.], which is no name of a host")]
    [InlineData("x SRV 1 1 1 a_b.other.", "The SRV of [x.example.test.] names [a_b.other.], which is no name of a host")]
    [InlineData("d DS 1 13 99 ABCD", "[d.example.test.] has a DS record, but is no delegation")]
    public void Warns_of_what_is_hardly_meant(string text, string message)
    {
        var file = ZoneFileReader.ReadText(Head + text, "x", DomainName.Parse("example.test"));
        Assert.True(Zone.TryBuild(file, out _));
        Assert.Equal(message, Assert.Single(file.Problems).Message);
    }

    [Theory]
    [InlineData("a_b TXT x")]
    [InlineData("_x SRV 1 1 1 ns1")]
    [InlineData("*.x A 192.0.2.1")]
    [InlineData("gc._msdcs A 192.0.2.1")]
    [InlineData("a-b.1 A 192.0.2.1")]
    [InlineData("x PTR a_b.other.")]
    [InlineData("@ NS a.w\n*.w A 192.0.2.1")]
    [InlineData("@ NS ns.other.")]
    [InlineData("@ CDS 0 0 0 00")]
    [InlineData("d NS ns.d\nns.d A 192.0.2.1")]
    public void Says_nothing_of_what_is_meant(string text)
    {
        var file = ZoneFileReader.ReadText(Head + text + "\n", "x", DomainName.Parse("example.test"));
        Assert.True(Zone.TryBuild(file, out _));
        Assert.Empty(file.Problems);
    }

    [Fact]
    public void What_another_server_sends_is_not_judged_as_a_file_is()
    {
        var file = ZoneFileReader.ReadText(Head + "@ NS ns2\n*.w NS ns1\nd SSHFP 1 1 ABCD\n", "x", DomainName.Parse("example.test"));
        Assert.Equal(6, Zone.Build(file.Apex, file.Records).RecordCount);
        Assert.False(Zone.TryBuild(file, out _));
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
