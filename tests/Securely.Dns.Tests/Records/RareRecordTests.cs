namespace Securely.Dns.Tests.Records;

/// <summary>Types that few use: the bytes are those that named-compilezone makes of the same text.</summary>
public sealed class RareRecordTests
{
    [Theory]
    [InlineData("WKS", "10.0.0.1 6 0 21 25", "0A000001" + "06" + "80000440")]
    [InlineData("WKS", "10.0.0.1 17", "0A000001" + "11")]
    [InlineData("NSAP", "0x47000580005a0000000001e133ffffff00016200", "47000580005A0000000001E133FFFFFF00016200")]
    [InlineData("NSAP-PTR", "a.b.", "0161016200")]
    [InlineData("NXT", "a. A NS NXT", "016100" + "60000002")]
    [InlineData("NXT", "a.", "016100")]
    [InlineData("EID", "1289AB", "1289AB")]
    [InlineData("NIMLOC", "1289AB", "1289AB")]
    [InlineData("A6", "0 ::1", "00" + "00000000000000000000000000000001")]
    [InlineData("A6", "60 ::4:5:6:7:8 a.", "3C" + "040005000600070008" + "016100")]
    [InlineData("A6", "128 a.", "80" + "016100")]
    [InlineData("SINK", "1 0 2 AQID", "010002" + "010203")]
    [InlineData("SINK", "1 0 2", "010002")]
    [InlineData("IPSECKEY", "10 0 2 . AQID", "0A0002" + "010203")]
    [InlineData("IPSECKEY", "10 1 2 192.0.2.38 AQID", "0A0102" + "C0000226" + "010203")]
    [InlineData("IPSECKEY", "10 2 2 2001:db8::1 AQID", "0A0202" + "20010DB8000000000000000000000001" + "010203")]
    [InlineData("IPSECKEY", "10 3 2 gw.a. AQID", "0A0302" + "0267770161" + "00" + "010203")]
    [InlineData("HIP", "2 ABCD AQID", "02020003" + "ABCD" + "010203")]
    [InlineData("HIP", "2 ABCD AQID a. b.", "02020003" + "ABCD" + "010203" + "016100" + "016200")]
    [InlineData("NINFO", "\"a\" \"b\"", "01610162")]
    [InlineData("RKEY", "0 255 1 AQID", "0000FF01" + "010203")]
    [InlineData("TALINK", "a. b.", "016100" + "016200")]
    [InlineData("DSYNC", "CDS NOTIFY 5359 a.", "003B" + "01" + "14EF" + "016100")]
    [InlineData("DSYNC", "CSYNC 255 5359 a.", "003E" + "FF" + "14EF" + "016100")]
    [InlineData("HHIT", "AQID", "010203")]
    [InlineData("BRID", "AQID", "010203")]
    [InlineData("DOA", "1234567890 1 2 \"image/gif\" AQID", "499602D2" + "00000001" + "02" + "09696D6167652F676966" + "010203")]
    [InlineData("DOA", "0 1 2 \"\" -", "00000000" + "00000001" + "02" + "00")]
    public void Reads_and_writes(string type, string text, string hex) => IsBothWays(type, text, hex);

    [Theory]
    [InlineData("AMTRELAY", "10 0 0 .", "0A00")]
    [InlineData("AMTRELAY", "10 1 1 203.0.113.15", "0A81" + "CB00710F")]
    [InlineData("AMTRELAY", "10 0 2 2001:db8::1", "0A02" + "20010DB8000000000000000000000001")]
    [InlineData("AMTRELAY", "10 1 3 a.b.", "0A83" + "0161016200")]
    [InlineData("RESINFO", "\"qnamemin\" \"exterr=15\"", "08716E616D656D696E" + "096578746572723D3135")]
    [InlineData("WALLET", "\"BTC\" \"x\"", "03425443" + "0178")]
    public void Reads_and_writes_what_is_newer(string type, string text, string hex) => IsBothWays(type, text, hex);

    [Theory]
    [InlineData("WKS", "10.0.0.1 TCP smtp FTP 80", "10.0.0.1 6 21 25 80")]
    [InlineData("NSAP", "0x47.0005.80.00", "0x4700058000")]
    [InlineData("A6", "60 1:2:3:4:5:6:7:8 a.", "60 ::4:5:6:7:8 a.")]
    [InlineData("EID", "12 89AB", "1289AB")]
    [InlineData("HIP", "2 abcd AQID a", "2 ABCD AQID a.")]
    [InlineData("DSYNC", "cds 1 5359 a.", "CDS NOTIFY 5359 a.")]
    public void Reads_what_is_written_in_other_ways(string type, string text, string expected)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        Assert.Equal(expected, ResourceRecord.Parse(DomainName.Root, known, 1, text).DataText);
    }

    [Theory]
    [InlineData("WKS", "10.0.0.1")]
    [InlineData("WKS", "10.0.0.1 300 5")]
    [InlineData("WKS", "10.0.0.1 TCP nosuch")]
    [InlineData("WKS", "10.0.0.1 6 65536")]
    [InlineData("NSAP", "470005")]
    [InlineData("NSAP", "0x4")]
    [InlineData("NSAP", "0x")]
    [InlineData("NXT", "a. CAA")]
    [InlineData("EID", "")]
    [InlineData("A6", "129 a.")]
    [InlineData("A6", "0 ::1 a.")]
    [InlineData("A6", "64 ::1")]
    [InlineData("A6", "128 :: a.")]
    [InlineData("A6", "64")]
    [InlineData("IPSECKEY", "10 4 0 . AQID")]
    [InlineData("IPSECKEY", "10 0 0 . ")]
    [InlineData("IPSECKEY", "10 0 0 a. AQID")]
    [InlineData("IPSECKEY", "10 1 2 2001:db8::1 AQID")]
    [InlineData("IPSECKEY", "10 1")]
    [InlineData("HIP", "2 ABC AQID")]
    [InlineData("HIP", "2 ABCD")]
    [InlineData("HIP", "2 ABCD =")]
    [InlineData("HIP", "2 ABCD AQID a..b")]
    [InlineData("DOA", "0 1 2 \"\"")]
    [InlineData("DSYNC", "CDS OTHER 5359 a.")]
    [InlineData("AMTRELAY", "10 2 0 .")]
    [InlineData("AMTRELAY", "10 0 4 .")]
    [InlineData("AMTRELAY", "10 0")]
    [InlineData("TYPE55", @"\# 4 00020002")]
    [InlineData("TYPE55", @"\# 5 0002000100")]
    [InlineData("TYPE38", @"\# 1 80")]
    [InlineData("TYPE45", @"\# 5 0A01020102")]
    public void Refuses_what_is_not_of_the_type(string type, string text)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        Assert.Throws<FormatException>(() => ResourceRecord.Parse(DomainName.Root, known, 1, text));
    }

    [Theory]
    // A gateway of a kind that nobody knows, zero bytes behind the last port or type, and bits of a prefix.
    [InlineData("IPSECKEY", "0A04020102")]
    [InlineData("AMTRELAY", "0A0401")]
    [InlineData("WKS", "0A0000010600")]
    [InlineData("NXT", "01610000")]
    [InlineData("NXT", "01610080")]
    [InlineData("A6", "79FF00")]
    public void Writes_bytes_where_there_are_no_words(string type, string hex)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        Assert.Equal($@"\# {hex.Length / 2} {hex}", new ResourceRecord(DomainName.Root, known, 1, Convert.FromHexString(hex)).DataText);
    }

    private static void IsBothWays(string type, string text, string hex)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        var record = ResourceRecord.Parse(DomainName.Root, known, 1, text);
        Assert.Equal(hex, Convert.ToHexString(record.Data.Span));
        Assert.Equal(text, record.DataText);
    }
}
