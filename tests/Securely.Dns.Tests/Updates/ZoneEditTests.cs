namespace Securely.Dns.Tests.Updates;

public sealed class ZoneEditTests
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\nmail MX 10 ns1\na.b.ent A 192.0.2.7\n*.wild TXT \"w\"\n";
    private readonly Zone _zone = InProcess.Zone("example.test", Text);

    [Fact]
    public void A_new_snapshot_has_the_change_and_the_old_one_does_not()
    {
        var edit = new ZoneEdit(_zone);
        edit.Add(Record("www.sub", RecordType.A, 30, "192.0.2.1"));
        edit.Remove(Name("a.b.ent"), RecordType.A);
        edit.Finish(Step);
        var zone = edit.Build();

        Assert.Equal((8u, 7u), (zone.Serial, _zone.Serial));
        Assert.Equal("192.0.2.1", Assert.Single(InProcess.Ask(zone, "www.sub.example.test", RecordType.A).Answers).DataText);
        Assert.Equal(ResponseCode.Success, InProcess.Ask(zone, "sub.example.test", RecordType.A).Code);
        Assert.Equal(ResponseCode.NoSuchName, InProcess.Ask(zone, "ent.example.test", RecordType.A).Code);
        Assert.Equal(ResponseCode.NoSuchName, InProcess.Ask(_zone, "www.sub.example.test", RecordType.A).Code);
        Assert.Equal("192.0.2.7", Assert.Single(InProcess.Ask(_zone, "a.b.ent.example.test", RecordType.A).Answers).DataText);
        // What was not touched is linked with the new snapshot: the exchange's address is an additional one.
        Assert.Equal("192.0.2.53", Assert.Single(InProcess.Ask(zone, "mail.example.test", RecordType.Mx).Additionals).DataText);
        Assert.Equal("x.wild.example.test.", Assert.Single(InProcess.Ask(zone, "x.wild.example.test", RecordType.Txt).Answers).Name.ToString());
        Assert.Equal(zone.Records().Count(), zone.RecordCount);
    }

    [Fact]
    public void A_snapshot_made_by_changes_is_the_one_that_would_have_been_read()
    {
        var edit = new ZoneEdit(_zone);
        edit.Add(Record("ns1", RecordType.A, 60, "192.0.2.54"));
        edit.Remove(Name("mail"), RecordType.Mx);
        edit.Finish(Step);
        var made = edit.Build();
        var read = InProcess.Zone("example.test", Text.Replace("admin 7", "admin 8", StringComparison.Ordinal).Replace("mail MX 10 ns1\n", "ns1 A 192.0.2.54\n", StringComparison.Ordinal));
        Assert.Equal(read.Records().Select(record => record.ToString()), made.Records().Select(record => record.ToString()));
        Assert.Equal((read.NameCount, read.RecordCount), (made.NameCount, made.RecordCount));
    }

    [Fact]
    public void What_is_added_and_taken_away_again_is_no_change()
    {
        var edit = new ZoneEdit(_zone);
        edit.Add(Record("www", RecordType.A, 60, "192.0.2.1"));
        edit.Remove(Name("www"), RecordType.A);
        Assert.Null(edit.Finish(Step));
        Assert.Empty(edit.Changes);
    }

    [Fact]
    public void A_change_that_is_taken_back_leaves_those_before_it()
    {
        var edit = new ZoneEdit(_zone);
        edit.Add(Record("www", RecordType.A, 60, "192.0.2.1"));
        edit.Finish(Step);
        edit.Add(Record("www", RecordType.A, 60, "192.0.2.2"));
        edit.Undo();
        Assert.Null(edit.Finish(Step));
        Assert.Equal("192.0.2.1", Assert.Single(edit.Get(Name("www"), RecordType.A)).DataText);
    }

    [Fact]
    public void The_difference_of_two_snapshots_leads_from_one_to_the_other()
    {
        var other = InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 9 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\nns1 A 192.0.2.54\nmail 30 MX 10 ns1\nnew TXT \"x\"\n");
        var change = ZoneDifference.Between(_zone, other)!;
        Assert.Equal((7u, 9u), (change.From, change.To));
        var edit = new ZoneEdit(_zone);
        Assert.True(edit.TryApply(change));
        Assert.Equal(other.Records().Select(record => record.ToString()), edit.Build().Records().Select(record => record.ToString()));
        Assert.Null(ZoneDifference.Between(_zone, _zone));
    }

    [Fact]
    public void A_change_that_does_not_fit_is_not_made_at_all()
    {
        var soa = _zone.Soa.Records(_zone.Apex).First();
        var next = Step(soa);
        var edit = new ZoneEdit(_zone);
        Assert.False(edit.TryApply(new ZoneChange(next, [], Step(next), [])));
        Assert.False(edit.TryApply(new ZoneChange(soa, [Record("ns1", RecordType.A, 60, "192.0.2.53"), Record("no", RecordType.A, 60, "192.0.2.1")], next, [])));
        Assert.Single(edit.Get(Name("ns1"), RecordType.A));
        Assert.Empty(edit.Changes);
    }

    private static ResourceRecord Step(ResourceRecord soa) => SerialNumber.With(soa, SerialNumber.Next(SerialNumber.Of(soa)));

    private static DomainName Name(string name) => DomainName.Parse(name + ".example.test");

    private static ResourceRecord Record(string name, RecordType type, uint ttl, string data) => ResourceRecord.Parse(Name(name), type, ttl, data);
}
