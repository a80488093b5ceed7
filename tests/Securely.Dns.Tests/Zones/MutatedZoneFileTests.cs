namespace Securely.Dns.Tests.Zones;

/// <summary>Zone files with letters and words changed, cut and mixed: they have problems, and nothing else comes of it.</summary>
public sealed class MutatedZoneFileTests
{
    private const string Letters = "\"\\();$@#.-_/:{},!%=* \t\n\r09aAfFnNxX\0\u007f\u00ff\u0100";
    private static readonly DomainName Apex = DomainName.Parse("example.test");
    private static readonly string[] Odd = ["", "\"\"", "-1", "0", "255", "256", "65535", "65536", "2147483648", "4294967296", "99999999999999999999999999999", "1e9", "0.5", "\\# 0", "\\# 4 01020304", "\\# 65535 00", "::", "1:", "!", "=", ".", "\\", "\\256", "\\000", "NaN", "INF"];

    private static readonly string[] Lines =
    [
        "@ SOA ns1 admin ( 7 1h 30m 2w 5m )", "@ NS ns1", "ns1 A 192.0.2.1", "x AAAA 2001:db8::1", "x MX 10 ns1", "t TXT \"a b\" c\\;\\010",
        "l LOC 42 21 54.123 N 71 6 18 W -24m 30m 10000m 10m", "p APL 1:192.0.2.0/24 !2:2001:db8::/32", "s SRV 0 5 5060 ns1", "n NAPTR 100 50 \"s\" \"z3950\" \"!a!b!i\" a.",
        "c CAA 0 issue \"ca.test\"", "d DS 12345 8 1 0123456789ABCDEF0123456789ABCDEF01234567", "k DNSKEY 257 3 13 AQID", "g RRSIG A 13 2 300 20300101000000 20250101000000 12345 a. AQID",
        "e NSEC a. A MX RRSIG TYPE1234", "3 NSEC3 1 0 0 AABB 2t7b4g4vsa5smi47k61mv5bv1a22bojr A", "q NSEC3PARAM 1 0 12 -", "u EUI48 00-00-5e-00-53-2a", "v NID 10 0014:4fff:ff20:ee64",
        "h HTTPS 1 . alpn=\"h2,h3\" port=53 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 ech=AQID mandatory=port", "w TYPE65280 \\# 4 0A000001", "y CERT PKIX 2 13 AQID",
        "wks WKS 10.0.0.1 TCP smtp 80", "nsap NSAP 0x47.0005", "a6 A6 60 ::4:5:6:7:8 a.", "nxt NXT a. A NS", "ip IPSECKEY 10 1 2 192.0.2.38 AQID", "hip HIP 2 ABCD AQID a. b.",
        "amt AMTRELAY 10 1 3 a.b.", "doa DOA 1 2 3 \"x\" AQID", "sink SINK 1 0 2 AQID", "sync DSYNC CDS NOTIFY 5359 a.", "eid EID 12 89AB",
        "$ORIGIN sub.example.test.", "$TTL 1h30m", "$GENERATE 1-3/2 g${-2,3,d}.${0,5,n} 60 IN TXT \"$ ${1,4,x}\"", "$INCLUDE x.zone", "z 1w2d IN CLASS1 HINFO \"a\" b", "i CSYNC 66 3 A NS",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Whatever_a_line_has_become_nothing_is_thrown(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10_000; round++)
            Check(Mutate(random, Lines[random.Next(Lines.Length)]));
    }

    [Fact]
    public void Every_word_of_every_line_may_be_an_odd_one()
    {
        foreach (var line in Lines)
        {
            var words = line.Split(' ');
            for (var at = 0; at < words.Length; at++)
            {
                foreach (var odd in Odd)
                    Check(string.Join(' ', [.. words[..at], odd, .. words[(at + 1)..]]));
            }
        }
    }

    [Fact]
    public void A_file_may_end_anywhere()
    {
        foreach (var line in Lines)
        {
            for (var length = 0; length < line.Length; length++)
            {
                foreach (var end in (string[])["", "\\", "\"", "(", "\"\\"])
                    Check(line[..length] + end);
            }
        }
    }

    private static void Check(string line)
    {
        var file = ZoneFileReader.ReadText("$TTL 60\n@ NS ns1\n" + line, "x", Apex);
        Zone.TryBuild(file, out _);
        foreach (var record in file.Records)
        {
            var again = ResourceRecord.Parse(record.Name, record.Type, record.Ttl, record.DataText);
            Assert.True(again.Data.Span.SequenceEqual(record.Data.Span), $"{line}: {record}");
        }
    }

    private static string Mutate(Random random, string line)
    {
        var text = line.ToList();
        for (var changes = random.Next(1, 4); changes > 0 && text.Count > 0; changes--)
        {
            var at = random.Next(text.Count);
            switch (random.Next(4))
            {
                case 0:
                    text.RemoveAt(at);
                    break;
                case 1:
                    text.Insert(at, Letters[random.Next(Letters.Length)]);
                    break;
                case 2:
                    text[at] = Letters[random.Next(Letters.Length)];
                    break;
                default:
                    var other = Lines[random.Next(Lines.Length)].Split(' ');
                    text.InsertRange(at, $" {other[random.Next(other.Length)]} ");
                    break;
            }
        }

        return new string([.. text]);
    }
}
