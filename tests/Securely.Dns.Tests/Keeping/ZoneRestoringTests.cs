namespace Securely.Dns.Tests.Keeping;

/// <summary>What a journal that cannot be used costs: its own zone, and no other.</summary>
public sealed class ZoneRestoringTests : IDisposable
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";
    private readonly TemporaryDirectory _folder = new();
    private readonly LogLines _log = new();
    private readonly Catalog _catalog = new();

    public ZoneRestoringTests() => _catalog.PutAll([InProcess.Zone("broken.test", Text), InProcess.Zone("whole.test", Text)]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_journal_with_records_that_are_no_zone_costs_that_zone_alone()
    {
        WriteBroken();
        using var keeper = Load(new KeptZone(DomainName.Parse("broken.test")), new KeptZone(DomainName.Parse("whole.test")));
        Assert.Equal(ResponseCode.ServerFailure, Ask("broken.test").Code);
        Assert.Equal("192.0.2.53", Assert.Single(Ask("whole.test").Answers).DataText);
        Assert.Equal(
            $"Error Zone [broken.test.] cannot be restored, and nothing is answered from it until it is: The journal [{Journal}] holds no zone that can be served: "
            + "[www.broken.test.] has a CNAME record and other data; move it away to begin anew.",
            Assert.Single(_log.Text));
        Assert.StartsWith("The journal [", keeper.ReadStatus()[0].LastError, StringComparison.Ordinal);
        Assert.Null(keeper.ReadStatus()[0].Serial);
    }

    [Theory]
    [InlineData("something else altogether", "is no journal of this version")]
    [InlineData("SECDNSJ1", "is damaged at its beginning")]
    public void So_does_a_file_that_is_no_journal(string text, string reason)
    {
        File.WriteAllText(Journal, text);
        using var keeper = Load(new KeptZone(DomainName.Parse("broken.test")));
        Assert.Equal(ResponseCode.ServerFailure, Ask("broken.test").Code);
        Assert.Contains(reason, Assert.Single(_log.Text), StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(Journal));
    }

    [Fact]
    public async Task It_is_kept_when_the_zone_is_to_be_changed_or_its_file_is_read_again()
    {
        WriteBroken();
        var before = File.ReadAllBytes(Journal);
        using var keeper = Load(new KeptZone(DomainName.Parse("broken.test")));
        Assert.True(keeper.TryReload(InProcess.Zone("broken.test", Text.Replace("admin 7", "admin 99", StringComparison.Ordinal))));
        var change = new RecordChange(RecordAction.Add, DomainName.Parse("a.broken.test"), RecordType.A) { Data = ["192.0.2.1"] };
        await Assert.ThrowsAsync<IOException>(() => keeper.ChangeAsync(DomainName.Parse("broken.test"), [change]));
        Assert.Equal(ResponseCode.ServerFailure, Ask("broken.test").Code);
        Assert.Equal(before, File.ReadAllBytes(Journal));
        Assert.Equal(2, _log.Text.Count(line => line.StartsWith("Error Zone [broken.test.] cannot be restored", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_copy_begins_anew()
    {
        WriteBroken();
        var zone = new KeptZone(DomainName.Parse("broken.test")) { Primaries = [new ZonePeer(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1))] };
        using var keeper = Load(zone);
        var kept = keeper.Find(zone.Name)!;
        Assert.Null(kept.Current);
        kept.Replace(InProcess.Zone("broken.test", Text), keeper.Now);
        Assert.Equal("192.0.2.53", Assert.Single(Ask("broken.test").Answers).DataText);
        kept.Dispose();
        using var journal = ZoneJournal.Open(Journal, out var content);
        Assert.Equal(7u, SerialNumber.Of(content.Zone![0]));
    }

    [Theory]
    [InlineData("KEY", "256 3 13 AQID", true)]
    [InlineData("SIG", "A 13 2 300 20300101000000 20250101000000 12345 a. AQID", true)]
    [InlineData("RRSIG", "A 13 2 300 20300101000000 20250101000000 12345 a. AQID", true)]
    [InlineData("NSEC", "a. A", true)]
    [InlineData("TYPE30", @"\# 4 01610022", true)]
    [InlineData("TXT", "x", false)]
    [InlineData("TYPE65280", @"\# 0", false)]
    public void What_an_update_leaves_beside_an_alias_is_taken_by_whoever_reads_the_zone_again(string type, string data, bool stands)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        var name = DomainName.Parse("www.whole.test");
        var edit = new ZoneEdit(InProcess.Zone("whole.test", Text));
        UpdateSteps.Apply([ResourceRecord.Parse(name, RecordType.Cname, 60, "a.test."), ResourceRecord.Parse(name, known, 60, data)], edit);
        Assert.Equal(stands, edit.Types(name).Contains(known));
        edit.Finish(static soa => SerialNumber.With(soa, 8));
        var made = edit.Build();
        Assert.Equal(made.RecordCount, Zone.Build(made.Apex, made.Records()).RecordCount);
    }

    private string Journal => _folder.File("broken.test.journal");

    private void WriteBroken()
    {
        var alias = DomainName.Parse("www.broken.test");
        ResourceRecord[] wrong = [ResourceRecord.Parse(alias, RecordType.Cname, 60, "a.test."), ResourceRecord.Parse(alias, RecordType.Txt, 60, "x")];
        ZoneJournal.Create(Journal, [.. InProcess.Zone("broken.test", Text).Records(), .. wrong], [], null).Dispose();
    }

    private ZoneKeeper Load(params KeptZone[] zones)
    {
        var keeper = new ZoneKeeper(_catalog, new ZoneKeeperOptions { Directory = _folder.Path, Zones = zones });
        keeper.Load(_log);
        return keeper;
    }

    private DnsMessage Ask(string zone)
    {
        var responder = new Responder(new ServerState(_catalog, new DnsServerOptions(), TimeProvider.System), isLimited: true);
        return InProcess.Ask(responder, new DnsMessage { Id = 1, Questions = [new Question(DomainName.Parse("ns1." + zone), RecordType.A)] });
    }
}
