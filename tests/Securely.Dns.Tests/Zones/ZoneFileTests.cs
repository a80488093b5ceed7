using System.Globalization;

namespace Securely.Dns.Tests.Zones;

public sealed class ZoneFileTests
{
    private static readonly DomainName Apex = DomainName.Parse("example.test");

    [Fact]
    public void Reads_what_bind_reads()
    {
        var file = Read("""
            $TTL 1h
            @ IN SOA ns1 admin ( 1 ; serial
                2h 30m ; refresh, retry
                2w 5m )
              IN NS ns1
            ns1 300 IN A 192.0.2.1
            ns1 IN 400 A 192.0.2.2
            $ORIGIN sub
            www A 192.0.2.3
                AAAA 2001:db8::1 ; the same owner
            text TXT "a;b" plain \"quoted\" "two  spaces"
            unknown 60 CLASS1 TYPE65280 \# 3 01 0203
            """);
        Assert.Empty(file.Problems);
        Assert.Equal(
        [
            "example.test. 3600 IN SOA ns1.example.test. admin.example.test. 1 7200 1800 1209600 300",
            "example.test. 3600 IN NS ns1.example.test.",
            "ns1.example.test. 300 IN A 192.0.2.1",
            "ns1.example.test. 400 IN A 192.0.2.2",
            "www.sub.example.test. 3600 IN A 192.0.2.3",
            "www.sub.example.test. 3600 IN AAAA 2001:db8::1",
            "text.sub.example.test. 3600 IN TXT \"a;b\" \"plain\" \"\\\"quoted\\\"\" \"two  spaces\"",
            @"unknown.sub.example.test. 60 IN TYPE65280 \# 3 010203",
        ], file.Records.Select(record => record.ToString()));
    }

    [Theory]
    [InlineData("$GENERATE 1-3 host$ A 192.0.2.$", "host1 A 192.0.2.1|host2 A 192.0.2.2|host3 A 192.0.2.3")]
    [InlineData("$GENERATE 0-4/2 h${10,3} A 192.0.2.${1}", "h010 A 192.0.2.1|h012 A 192.0.2.3|h014 A 192.0.2.5")]
    [InlineData("$GENERATE 15-16 h${0,0,x} 60 IN CNAME h${0,2,X}.$", "hf CNAME h0F.15.example.test.|h10 CNAME h10.16.example.test.")]
    [InlineData("$GENERATE 8-9 ${0,0,o} TXT \"a $ b\"", "10 TXT \"a 8 b\"|11 TXT \"a 9 b\"")]
    [InlineData("$GENERATE 26-26 ${0,7,n} PTR a\\$$.", "a.1.0.0 PTR a\\$26.")]
    // Numbers have 32 bits, and the width counts the sign, as named-compilezone has it.
    [InlineData("$GENERATE 1-1 ${-5,1,n} A 192.0.2.1", "c.f.f.f.f.f.f.f A 192.0.2.1")]
    [InlineData("$GENERATE 1-1 ${-5,20,n}x A 192.0.2.1", "c.f.f.f.f.f.f.f.0.0.x A 192.0.2.1")]
    [InlineData("$GENERATE 1-1 d${-5,3,d} A 192.0.2.1", "d-04 A 192.0.2.1")]
    [InlineData("$GENERATE 1-1 ${-5,3,x}.${-5,3,o} A 192.0.2.1", "fffffffc.37777777774 A 192.0.2.1")]
    [InlineData("$GENERATE 26-26 ${0,8,N}x PTR a.", "A.1.0.0.x PTR a.")]
    public void Generates_records(string line, string expected)
    {
        var file = Read("$TTL 60\n" + line);
        Assert.Empty(file.Problems);
        Assert.Equal(expected.Split('|'), file.Records.Select(record => $"{record.Name.ToString()[..^".example.test.".Length]} {ResourceRecord.TypeName(record.Type)} {record.DataText}"));
    }

    [Theory]
    [InlineData("www A 192.0.2.256", "1:7: [192.0.2.256] is not an IPv4 address")]
    [InlineData("www A", "1:5: A data is not complete")]
    [InlineData("www 3600 IN", "1:1: The record of [www.example.test.] has no type")]
    [InlineData("www B 1", "1:5: [B] is not a record type")]
    [InlineData("www CH A 192.0.2.1", "1:5: The class [CH] is not IN")]
    [InlineData("www CLASS3 A 192.0.2.1", "1:5: The class [CLASS3] is not IN")]
    [InlineData("www CLASS1 IN A 192.0.2.1", "1:12: [IN] is not a record type")]
    [InlineData("www ANY x", "1:5: The type [ANY] cannot be in a zone")]
    [InlineData(" A 192.0.2.1", "1:2: The line has no owner, and there is none before it")]
    [InlineData("a..b A 192.0.2.1", "1:1: The name [a..b] has an empty label")]
    [InlineData("www A 192.0.2.1 x", "1:17: [x] comes after the end of A data")]
    [InlineData("www TXT \"open", "1:9: The text has no closing quote")]
    [InlineData("www TXT \"open\nx TXT closed", "1:9: The text has no closing quote on its line")]
    [InlineData("www TXT ( a", "1:9: [(] is never closed")]
    [InlineData("www TXT a )", "1:11: [)] has no [(] before it")]
    [InlineData("$TTL x", "1:6: The TTL [x] is not a time from 0 to 4294967295 seconds")]
    [InlineData("$ORIGN x.", "1:1: The directive [$ORIGN] is unknown; there are $ORIGIN, $TTL, $INCLUDE and $GENERATE")]
    [InlineData("$ORIGIN", "1:1: [$ORIGIN] has one value")]
    [InlineData("$INCLUDE x", "1:10: [x] cannot be included: this zone is no file")]
    [InlineData("$GENERATE 5-1 h$ A 192.0.2.$", "1:11: [5-1] is not a range such as 1-100 or 0-254/2")]
    [InlineData("$GENERATE 0-65536 h$ A 192.0.2.1", "1:11: The range [0-65536] makes more than 65536 records")]
    [InlineData("$GENERATE 1-1 h${2147483647} A 192.0.2.1", "1:1: A [$] of [$GENERATE] is followed by something that is not {OFFSET,WIDTH,BASE}")]
    [InlineData("x LOC 9999999999999999999999999999 N 0 E 0", "1:7: [9999999999999999999999999999] is not a position such as [52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m]")]
    [InlineData("www TXT \"open\\", "1:9: The text has no closing quote")]
    [InlineData("www TXT \"open\\\nx\"", "1:14: The line ends within an escape")]
    [InlineData("$GENERATE 1-2 h${x} A 192.0.2.1", "1:1: A [$] of [$GENERATE] is followed by something that is not {OFFSET,WIDTH,BASE}")]
    public void Names_the_place_of_an_error(string text, string expected)
    {
        var file = Read("$TTL 1\n" + text);
        var problem = file.Problems[0];
        Assert.Equal(ZoneProblemSeverity.Error, problem.Severity);
        Assert.Equal(expected, string.Create(CultureInfo.InvariantCulture, $"{problem.Line - 1}:{problem.Column}: {problem.Message}"));
        Assert.StartsWith($"x.zone:{problem.Line}:{problem.Column}: ", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_without_any_ttl_is_an_error_and_a_soa_gives_its_minimum()
    {
        Assert.Equal("The record of [www.example.test.] has no TTL, and there is no $TTL before it", Read("www A 192.0.2.1").Problems[0].Message);
        var file = Read("@ SOA a b 1 2 3 4 77\nwww A 192.0.2.1");
        Assert.All(file.Records, record => Assert.Equal(77u, record.Ttl));
        Assert.Equal(ZoneProblemSeverity.Warning, Assert.Single(file.Problems).Severity);
    }

    [Theory]
    [InlineData("$TTL 2147483648\nx A 192.0.2.1", "The TTL [2147483648] is over 2147483647 and counts as 0")]
    [InlineData("$TTL 60\nx 3551w A 192.0.2.1", "The TTL [2147644800] is over 2147483647 and counts as 0")]
    public void A_ttl_with_the_highest_bit_counts_as_0(string text, string message)
    {
        var file = Read(text);
        Assert.Equal((ZoneProblemSeverity.Warning, message), (Assert.Single(file.Problems).Severity, file.Problems[0].Message));
        Assert.Equal(0u, Assert.Single(file.Records).Ttl);
    }

    [Fact]
    public void Goes_on_after_an_error() =>
        Assert.Equal([2, 3, 5], Read("a 1 A 192.0.2.1\nb 1 A x\nc 1 A (\nx )\nd 1 Q\n").Problems.Select(problem => problem.Line).Select(line => line == 4 ? 3 : line));

    [Fact]
    public void A_file_that_is_not_there_is_a_problem() =>
        Assert.StartsWith("/nowhere/x.zone:1:1: The zone file [/nowhere/x.zone] cannot be read: ", Assert.Single(ZoneFileReader.Read("/nowhere/x.zone", Apex).Problems).ToString(), StringComparison.Ordinal);

    [Fact]
    public void What_is_written_reads_back_equal()
    {
        Assert.True(Zone.TryBuild(ZoneFileReader.Read(Path.Combine(Repository.Root, "tests", "data", "dns", "example.test.zone"), Apex), out var zone));
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        ZoneFileWriter.Write(zone, text);
        Assert.True(Zone.TryBuild(ZoneFileReader.ReadText(text.ToString(), "again", Apex), out var again));
        Assert.Equal(zone.Records(), again.Records());
        Assert.Equal(zone.Records().Select(record => record.ToString()), again.Records().Select(record => record.ToString()));
        Assert.True(zone.RecordCount > 80);
    }

    private static ZoneFile Read(string text) => ZoneFileReader.ReadText(text, "x.zone", Apex);
}
