namespace Securely.Dns.Tests.Updates;

/// <summary>What updates do and do not (RFC 2136), without a socket: each case gives prerequisites, changes, the code, and what is there afterwards.</summary>
public sealed class UpdateTests
{
    private const string Text = """
        $TTL 60
        @ SOA ns1 admin 7 2 3 4 5
        @ NS ns1
        ns1 A 192.0.2.53
        www A 192.0.2.1
        www A 192.0.2.2
        alias CNAME www
        deleg NS ns.deleg
        deleg DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        text TXT "one"

        """;

    private static readonly DomainName Apex = DomainName.Parse("example.test");

    /// <summary>What is asked before, what is changed, the code, the name and type that are looked at then, and their data.</summary>
    public static readonly TheoryData<string, string, ResponseCode, string, string> Cases = new()
    {
        // RFC 2136, 3.2: prerequisites.
        { "www ANY ANY", "", ResponseCode.Success, "", "" },
        { "no ANY ANY", "", ResponseCode.NoSuchName, "", "" },
        { "www ANY A", "", ResponseCode.Success, "", "" },
        { "www ANY TXT", "", ResponseCode.NoSuchSet, "", "" },
        { "no NONE ANY", "", ResponseCode.Success, "", "" },
        { "www NONE ANY", "", ResponseCode.NameExists, "", "" },
        { "www NONE TXT", "", ResponseCode.Success, "", "" },
        { "www NONE A", "", ResponseCode.SetExists, "", "" },
        { "www IN A 192.0.2.2|www IN A 192.0.2.1", "", ResponseCode.Success, "", "" },
        { "www IN A 192.0.2.1", "", ResponseCode.NoSuchSet, "", "" },
        { "www IN A 192.0.2.1|www IN A 192.0.2.2|www IN A 192.0.2.3", "", ResponseCode.NoSuchSet, "", "" },
        { "ALIAS IN CNAME WWW.example.test.", "", ResponseCode.Success, "", "" },
        { "www.other.test. ANY A", "", ResponseCode.NotInZone, "", "" },
        { "5 www ANY A", "", ResponseCode.Malformed, "", "" },
        { "www CH A 192.0.2.1", "", ResponseCode.Malformed, "", "" },
        // RFC 2136, 3.4.1: form. The prerequisites come first.
        { "", "60 www.other.test. IN A 192.0.2.1", ResponseCode.NotInZone, "", "" },
        { "no ANY ANY", "60 www.other.test. IN A 192.0.2.1", ResponseCode.NoSuchName, "", "" },
        { "", "60 www ANY A", ResponseCode.Malformed, "", "" },
        { "", "60 www NONE A 192.0.2.1", ResponseCode.Malformed, "", "" },
        { "", "60 www CH A 192.0.2.1", ResponseCode.Malformed, "", "" },
        { "", "www ANY AXFR", ResponseCode.Malformed, "", "" },
        { "", "60 new IN A 192.0.2.9|60 www ANY A", ResponseCode.Malformed, "new A", "" },
        // RFC 2136, 3.4.2: changes.
        { "", "60 new IN A 192.0.2.9", ResponseCode.Success, "new A", "192.0.2.9" },
        { "", "60 www IN A 192.0.2.3", ResponseCode.Success, "www A", "192.0.2.1 192.0.2.2 192.0.2.3" },
        { "", "www ANY A", ResponseCode.Success, "www A", "" },
        { "", "www ANY ANY", ResponseCode.Success, "www A", "" },
        { "", "www NONE A 192.0.2.1", ResponseCode.Success, "www A", "192.0.2.2" },
        { "", "www NONE A 192.0.2.9", ResponseCode.Success, "www A", "192.0.2.1 192.0.2.2" },
        { "", "60 alias IN CNAME ns1.example.test.", ResponseCode.Success, "alias CNAME", "ns1.example.test." },
        { "", "60 www IN CNAME ns1.example.test.", ResponseCode.Success, "www CNAME", "" },
        { "", "60 alias IN A 192.0.2.9", ResponseCode.Success, "alias A", "" },
        { "", "www ANY A|60 www IN CNAME ns1.example.test.", ResponseCode.Success, "www CNAME", "ns1.example.test." },
        { "", "60 d IN DNAME a.test.|60 d IN DNAME b.test.", ResponseCode.Success, "d DNAME", "b.test." },
        { "", "@ ANY ANY", ResponseCode.Success, "@ NS", "ns1.example.test." },
        { "", "@ ANY NS|@ ANY SOA", ResponseCode.Success, "@ NS", "ns1.example.test." },
        { "", "@ NONE NS ns1.example.test.", ResponseCode.Success, "@ NS", "ns1.example.test." },
        { "", "60 @ IN NS ns2.example.test.|@ NONE NS ns1.example.test.", ResponseCode.Success, "@ NS", "ns2.example.test." },
        { "", "60 www IN SOA a. b. 9 1 1 1 1", ResponseCode.Success, "www SOA", "" },
        { "", "60 *.w IN NS ns1.example.test.", ResponseCode.Success, "*.w NS", "" },
        { "", "60 *.w IN TXT \"x\"", ResponseCode.Success, "*.w TXT", "\"x\"" },
        { "", "60 @ IN DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", ResponseCode.Success, "@ DS", "" },
        { "", "deleg ANY NS", ResponseCode.Success, "deleg DS", "" },
        { "", "text NONE TXT \"one\"|60 text IN TXT \"two\"", ResponseCode.Success, "text TXT", "\"two\"" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Does_what_the_rfc_says(string prerequisites, string changes, ResponseCode code, string name, string data)
    {
        var edit = new ZoneEdit(InProcess.Zone("example.test", Text));
        Assert.Equal(code, Run(edit, prerequisites, changes));
        if (name.Length > 0)
            Assert.Equal(data, Show(edit, name));
    }

    [Theory]
    [InlineData("60 new IN A 192.0.2.9", 8)]
    [InlineData("60 www IN A 192.0.2.1", 7)]
    [InlineData("30 www IN A 192.0.2.1", 8)]
    [InlineData("www NONE A 192.0.2.9", 7)]
    [InlineData("60 new IN A 192.0.2.9|new ANY ANY", 7)]
    [InlineData("60 @ IN SOA ns1.example.test. admin.example.test. 20 2 3 4 5", 20)]
    [InlineData("60 @ IN SOA ns1.example.test. admin.example.test. 20 2 3 4 5|60 new IN A 192.0.2.9", 20)]
    [InlineData("60 @ IN SOA ns1.example.test. admin.example.test. 7 9 9 9 9", 7)]
    [InlineData("60 @ IN SOA ns1.example.test. admin.example.test. 6 9 9 9 9|60 new IN A 192.0.2.9", 8)]
    public void The_serial_number_steps_when_something_has_changed(string changes, uint serial)
    {
        var edit = new ZoneEdit(InProcess.Zone("example.test", Text));
        Assert.Equal(ResponseCode.Success, Run(edit, "", changes));
        Assert.Equal(serial, SerialNumber.Of(edit.Soa));
        Assert.Equal(serial, edit.Changes.Count > 0 ? edit.Build().Serial : 7);
    }

    [Fact]
    public void A_set_has_one_ttl_and_it_is_the_last_one()
    {
        var edit = new ZoneEdit(InProcess.Zone("example.test", Text));
        Run(edit, "", "30 www IN A 192.0.2.3");
        Assert.Equal([30u, 30u, 30u], edit.Get(DomainName.Parse("www.example.test"), RecordType.A).Select(record => record.Ttl));
        var change = Assert.Single(edit.Changes);
        Assert.Equal((2, 3), (change.Removed.Count, change.Added.Count));
    }

    [Theory]
    [InlineData("60 a.example.test. IN A 192.0.2.9", ResponseCode.Success)]
    [InlineData("60 a.example.test. IN TXT \"x\"", ResponseCode.Refused)]
    [InlineData("60 b.example.test. IN A 192.0.2.9", ResponseCode.Refused)]
    [InlineData("60 x.dyn.example.test. IN TXT \"x\"", ResponseCode.Success)]
    [InlineData("60 x.y.dyn.example.test. IN A 192.0.2.9", ResponseCode.Success)]
    [InlineData("60 dyn.example.test. IN TXT \"x\"", ResponseCode.Refused)]
    [InlineData("www.example.test. ANY ANY", ResponseCode.Refused)]
    [InlineData("60 x.dyn.example.test. IN A 192.0.2.9|60 b.example.test. IN A 192.0.2.9", ResponseCode.Refused)]
    // What is not in the zone is wrong before it is forbidden; RFC 2136 checks the permission of the others first.
    [InlineData("60 www.other.test. IN A 192.0.2.9", ResponseCode.NotInZone)]
    [InlineData("60 www.other.test. IN A 192.0.2.9|60 b.example.test. IN A 192.0.2.9", ResponseCode.Refused)]
    public void A_key_changes_what_its_rules_say(string changes, ResponseCode code)
    {
        var key = new TsigKey(DomainName.Parse("k"), "hmac-sha256", "s"u8);
        var policy = new UpdatePolicy(
        [
            new UpdateRule(null, key.Name) { Names = [DomainName.Parse("a.example.test")], Types = [RecordType.A] },
            new UpdateRule(null, key.Name) { Names = [DomainName.Parse("*.dyn.example.test")] },
        ]);
        var edit = new ZoneEdit(InProcess.Zone("example.test", Text));
        Assert.Equal(code, Run(edit, "", changes, (name, type) => policy.Allows([127, 0, 0, 1], key, name, type)));
        Assert.True(policy.Knows([127, 0, 0, 1], key));
        Assert.False(policy.Knows([127, 0, 0, 1], null));
    }

    [Fact]
    public void A_rule_that_names_nobody_is_for_nobody()
    {
        var policy = new UpdatePolicy([new UpdateRule(null, null)]);
        Assert.False(policy.Knows([127, 0, 0, 1], new TsigKey(DomainName.Parse("k"), "hmac-sha256", "s"u8)));
        Assert.False(policy.Allows([127, 0, 0, 1], null, Apex, RecordType.A));
    }

    private static ResponseCode Run(ZoneEdit edit, string prerequisites, string changes, Func<DomainName, RecordType, bool>? allows = null)
    {
        var wanted = Parse(prerequisites);
        var steps = Parse(changes);
        var code = UpdateChecks.CheckPrerequisites(wanted, edit);
        if (code == ResponseCode.Success)
            code = UpdateChecks.CheckPermission(steps, edit, allows ?? ((_, _) => true));
        if (code == ResponseCode.Success)
            code = UpdateChecks.CheckForm(steps, edit);
        if (code == ResponseCode.Success)
            UpdateSteps.Apply(steps, edit);
        edit.Finish(static soa => SerialNumber.With(soa, SerialNumber.Next(SerialNumber.Of(soa))));
        return code;
    }

    private static string Show(ZoneEdit edit, string name)
    {
        var words = name.Split(' ');
        Assert.True(ResourceRecord.TryParseType(words[1], out var type));
        return string.Join(' ', edit.Get(Name(words[0]), type).Select(record => record.DataText).Order(StringComparer.Ordinal));
    }

    // TTL where it is not 0, name, class, type and data, as nsupdate would send them.
    private static List<ResourceRecord> Parse(string text) => [.. text.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(ParseRecord)];

    private static ResourceRecord ParseRecord(string text)
    {
        var words = text.Split(' ').ToList();
        uint ttl = 0;
        if (uint.TryParse(words[0], out var given))
        {
            ttl = given;
            words.RemoveAt(0);
        }

        var recordClass = words[1] switch { "ANY" => RecordClass.Any, "NONE" => RecordClass.None, "CH" => RecordClass.Chaos, _ => RecordClass.In };
        Assert.True(ResourceRecord.TryParseType(words[2], out var type));
        var data = words.Count > 3 ? ResourceRecord.Parse(Apex, type, 0, string.Join(' ', words.Skip(3))).Data.Span : [];
        return new ResourceRecord(Name(words[0]), type, ttl, data, recordClass);
    }

    private static DomainName Name(string name) => name == "@" ? Apex : DomainName.Parse(name.EndsWith('.') ? name : name + ".example.test");
}
