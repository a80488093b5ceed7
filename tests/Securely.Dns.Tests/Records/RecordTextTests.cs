namespace Securely.Dns.Tests.Records;

/// <summary>Every type from text to bytes and back; the bytes of the newer types are those of their RFCs.</summary>
public sealed class RecordTextTests
{
    [Theory]
    [InlineData("A", "192.0.2.1", "C0000201")]
    [InlineData("AAAA", "2001:db8::1", "20010DB8000000000000000000000001")]
    [InlineData("NS", "ns.test.", "026E73047465737400")]
    [InlineData("CNAME", "a.", "016100")]
    [InlineData("DNAME", "a.", "016100")]
    [InlineData("PTR", "a.", "016100")]
    [InlineData("SOA", "a. b. 1 7200 1800 1209600 300", "0161000162000000000100001C2000000708001275000000012C")]
    [InlineData("MX", "10 a.", "000A016100")]
    [InlineData("TXT", "\"a b\" \"\\000\\\"\\\\\"", "036120620300225C")]
    [InlineData("HINFO", "\"a\" \"b\"", "01610162")]
    [InlineData("RP", "a. b.", "016100016200")]
    [InlineData("AFSDB", "1 a.", "0001016100")]
    [InlineData("SRV", "0 5 5060 sip.", "0000000513C40373697000")]
    [InlineData("NAPTR", "100 50 \"s\" \"z3950\" \"\" a.", "00640032" + "0173" + "057A33393530" + "00" + "016100")]
    [InlineData("CAA", "0 issue \"letsencrypt.org\"", "00056973737565" + "6C657473656E63727970742E6F7267")]
    [InlineData("TLSA", "3 1 1 ABCD", "030101ABCD")]
    [InlineData("SSHFP", "4 2 ABCD", "0402ABCD")]
    public void Reads_and_writes(string type, string text, string hex) => Check(type, text, hex);

    [Theory]
    [InlineData("DS", "12345 13 2 ABCD", "30390D02ABCD")]
    [InlineData("DNSKEY", "257 3 13 AQID", "0101030D010203")]
    [InlineData("NSEC", "a. A MX RRSIG NSEC", "016100" + "0006" + "400100000003")]
    [InlineData("NSEC3", "1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr A", "010000000014" + "174EB2409FE28BCB4887A1836F957F0A8425E27B" + "000140")]
    [InlineData("NSEC3PARAM", "1 0 12 AABBCCDD", "0100000C04AABBCCDD")]
    [InlineData("RRSIG", "A 13 2 300 20300101000000 20250101000000 12345 a. AQID", "00010D020000012C70DBD88067748580303901610001" + "0203")]
    [InlineData("LOC", "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m", "00331613" + "89172DD0" + "70BE15F0" + "00988D20")]
    [InlineData("URI", "10 1 \"ftp://ftp1.example.com/public\"", "000A00016674703A2F2F667470312E6578616D706C652E636F6D2F7075626C6963")]
    [InlineData("ZONEMD", "2018031900 1 1 ABCD", "7848B91C0101ABCD")]
    [InlineData("EUI48", "00-00-5e-00-53-2a", "00005E00532A")]
    [InlineData("EUI64", "00-00-5e-ef-10-00-00-2a", "00005EEF1000002A")]
    [InlineData("L32", "10 10.1.2.0", "000A0A010200")]
    [InlineData("NID", "10 0014:4fff:ff20:ee64", "000A00144FFFFF20EE64")]
    [InlineData("APL", "1:192.0.2.0/24 !2:2001:db8::/32", "000118" + "03C00002" + "000220" + "8420010DB8")]
    [InlineData("CERT", "1 2 13 AQID", "000100020D010203")]
    [InlineData("OPENPGPKEY", "AQID", "010203")]
    [InlineData("CSYNC", "66 3 A NS AAAA", "00000042" + "0003" + "000460000008")]
    [InlineData("TYPE65280", @"\# 4 0A000001", "0A000001")]
    public void Reads_and_writes_what_security_and_others_brought(string type, string text, string hex) => Check(type, text, hex);

    private static void Check(string type, string text, string hex)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        var record = ResourceRecord.Parse(DomainName.Root, known, 1, text);
        Assert.Equal(hex.ToUpperInvariant(), Convert.ToHexString(record.Data.Span));
        Assert.Equal(text, record.DataText);
    }

    // RFC 9460, appendix D.
    [Theory]
    [InlineData("0 foo.example.com.", "000003666F6F076578616D706C6503636F6D00")]
    [InlineData("1 .", "000100")]
    [InlineData("16 foo.example.com. port=53", "001003666F6F076578616D706C6503636F6D00000300020035")]
    [InlineData("1 foo.example.com. key667=hello", "000103666F6F076578616D706C6503636F6D00029B000568656C6C6F")]
    [InlineData("1 foo.example.com. key667=\"hello\\210qoo\"", "000103666F6F076578616D706C6503636F6D00029B000968656C6C6FD2716F6F")]
    [InlineData("1 foo.example.com. ipv6hint=\"2001:db8::1,2001:db8::53:1\"", "000103666F6F076578616D706C6503636F6D00000600" + "2020010DB800000000000000000000000120010DB8000000000000000000530001")]
    [InlineData("16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1", "001003666F6F076578616D706C65036F726700" + "0000000400010004" + "000100090268320568332D3139" + "00040004C0000201")]
    [InlineData(@"16 foo.example.org. alpn=""f\\\\oo\\,bar,h2""", "001003666F6F076578616D706C65036F726700" + "0001000C08665C6F6F2C626172026832")]
    [InlineData(@"16 foo.example.org. alpn=f\\\092oo\092,bar,h2", "001003666F6F076578616D706C65036F726700" + "0001000C08665C6F6F2C626172026832")]
    public void Reads_services_as_their_rfc_writes_them(string text, string hex)
    {
        var record = ResourceRecord.Parse(DomainName.Root, RecordType.Svcb, 1, text);
        Assert.Equal(hex, Convert.ToHexString(record.Data.Span));
        Assert.Equal(record, ResourceRecord.Parse(DomainName.Root, RecordType.Svcb, 1, record.DataText));
    }

    [Theory]
    [InlineData("SVCB", "1 foo.example.com. key123=abc key123=def")]
    [InlineData("SVCB", "1 foo.example.com. mandatory")]
    [InlineData("SVCB", "1 foo.example.com. alpn")]
    [InlineData("SVCB", "1 foo.example.com. port")]
    [InlineData("SVCB", "1 foo.example.com. ipv4hint")]
    [InlineData("SVCB", "1 foo.example.com. ipv6hint")]
    [InlineData("SVCB", "1 foo.example.com. no-default-alpn=abc")]
    [InlineData("SVCB", "1 foo.example.com. mandatory=key123")]
    [InlineData("SVCB", "1 foo.example.com. mandatory=mandatory")]
    [InlineData("SVCB", "1 foo.example.com. mandatory=key123,key123 key123=abc")]
    [InlineData("A", "192.0.2")]
    [InlineData("A", "192.0.2.256")]
    [InlineData("A", "192.0.2.01")]
    [InlineData("A", "192.0.2.1 192.0.2.2")]
    [InlineData("AAAA", "1.2.3.4")]
    [InlineData("AAAA", "fe80::1%eth0")]
    [InlineData("MX", "mail.")]
    [InlineData("MX", "65536 mail.")]
    [InlineData("SOA", "a. b. 1 2 3 4")]
    [InlineData("DS", "12345 13 2 ABC")]
    [InlineData("DNSKEY", "257 3 13 A?==")]
    [InlineData("CAA", "0 iss-ue \"x\"")]
    [InlineData("EUI48", "00-00-5e-00-53")]
    [InlineData("TYPE65280", @"\# 3 0A000001")]
    [InlineData("TYPE1", @"\# 3 0A0000")]
    [InlineData("TYPE65280", "0A000001")]
    [InlineData("TXT", "")]
    public void Refuses_what_is_not_of_the_type(string type, string text)
    {
        Assert.True(ResourceRecord.TryParseType(type, out var known));
        Assert.Throws<FormatException>(() => ResourceRecord.Parse(DomainName.Root, known, 1, text));
    }

    [Theory]
    [InlineData("0", 0u)]
    [InlineData("3600", 3600u)]
    [InlineData("1h30m", 5400u)]
    [InlineData("1W2D3H4M5S", 788645u)]
    [InlineData("1h30", 3630u)]
    public void Reads_times_with_units(string text, uint seconds)
    {
        Assert.True(TimeText.TryParseDuration(text, out var actual));
        Assert.Equal(seconds, actual);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("1x")]
    [InlineData("1hh")]
    [InlineData("4294967296")]
    [InlineData("99999999999999999999w")]
    [InlineData("7102w")]
    public void Refuses_other_times(string text) => Assert.False(TimeText.TryParseDuration(text, out _));
}
