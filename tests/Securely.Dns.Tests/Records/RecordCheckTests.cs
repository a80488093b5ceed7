namespace Securely.Dns.Tests.Records;

/// <summary>What named-checkzone refuses of data that has all of its fields.</summary>
public sealed class RecordCheckTests
{
    private const string Twenty = "0123456789ABCDEF0123456789ABCDEF01234567";

    [Theory]
    [InlineData("DS", "1 8 1 " + Twenty, null)]
    [InlineData("DS", "1 8 1 ABCD", "has a digest of 2 bytes, not 20")]
    [InlineData("CDS", "1 8 2 " + Twenty, "has a digest of 20 bytes, not 32")]
    [InlineData("CDS", "0 0 0 00", null)]
    [InlineData("DLV", "1 8 4 ABCD", "has a digest of 2 bytes, not 48")]
    [InlineData("TA", "1 8 2 ABCD", "has a digest of 2 bytes, not 32")]
    [InlineData("DS", "1 8 99 ABCD", null)]
    [InlineData("ZONEMD", "1 1 1 ABCD", "has a digest of 2 bytes, not 48")]
    [InlineData("ZONEMD", "1 1 2 ABCD", "has a digest of 2 bytes, not 64")]
    [InlineData("ZONEMD", "1 1 99 ABCD", "has a digest of less than 12 bytes")]
    [InlineData("ZONEMD", "1 1 99 " + Twenty, null)]
    [InlineData("SSHFP", "1 1 " + Twenty, null)]
    [InlineData("SSHFP", "1 2 " + Twenty, "has a digest of 20 bytes, not 32")]
    [InlineData("SSHFP", "1 3 ABCD", null)]
    public void A_digest_has_the_length_of_its_algorithm(string type, string data, string? error) => Check(type, data, error);

    [Theory]
    [InlineData("", true)]
    [InlineData("!a!b!", true)]
    [InlineData(@"!(a)!\\1!i", true)]
    [InlineData("!^.*$!sip:info@example.test!", true)]
    [InlineData("![])]!b!", true)]
    [InlineData("![^]()]x!b!", true)]
    [InlineData("!a", false)]
    [InlineData("!a!b", false)]
    [InlineData("!a!b!x", false)]
    [InlineData("!a!b!i!", false)]
    [InlineData("1a1b1", false)]
    [InlineData("!!b!", false)]
    [InlineData("!(a!b!", false)]
    [InlineData("!a)!b!", false)]
    [InlineData("![a!b!", false)]
    [InlineData(@"!a!\\2!", false)]
    public void A_rule_rewrites_something(string expression, bool isRight) =>
        Check("NAPTR", $"1 1 \"u\" \"x\" \"{expression}\" .", isRight ? null : "has a regular expression that is none");

    [Fact]
    public void An_update_with_such_data_is_malformed()
    {
        var edit = new ZoneEdit(InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns.other.\n"));
        var record = ResourceRecord.Parse(DomainName.Parse("x.example.test"), RecordType.Sshfp, 60, "1 1 ABCD");
        Assert.Equal(ResponseCode.Malformed, UpdateChecks.CheckForm([record], edit));
    }

    private static void Check(string type, string data, string? error)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        Assert.True(RecordCheck.Judges(known));
        Assert.Equal(error, RecordCheck.Judge(known, ResourceRecord.Parse(DomainName.Root, known, 1, data).Data.Span));
    }
}
