namespace Securely.Dns.Tests.Serving;

/// <summary>The black-box checks of the specification (3.4) with the real <c>dig</c>; the numbers are theirs.</summary>
public sealed class DigTests
{
    /// <summary>The number of the check, what dig asks, its answer in short, and what has to stand in it.</summary>
    public static readonly TheoryData<int, string, string, string> Checks = new()
    {
        { 1, "example.test SOA", "NOERROR aa 1/0", "2025010101" },
        { 2, "example.test SOA +tcp", "NOERROR aa 1/0", "2025010101" },
        { 3, "www.example.test A", "NOERROR aa 3/0", "3600 IN CNAME web.example.test.|300 IN A 192.0.2.80|300 IN A 192.0.2.81" },
        { 4, "c1.example.test A", "NOERROR aa 5/0", "c1.example.test. 3600 IN CNAME c2|c3.example.test. 3600 IN CNAME web" },
        { 5, "loop1.example.test A", "NOERROR aa 2/0", "" },
        { 6, "ext.example.test A", "NOERROR aa 1/0", "CNAME www.example.net." },
        { 7, "ent.example.test A", "NOERROR aa 0/1", "300 IN SOA" },
        { 7, "b.ent.example.test TXT", "NOERROR aa 0/1", "300 IN SOA" },
        { 8, "nope.example.test A", "NXDOMAIN aa 0/1", "example.test. 300 IN SOA" },
        { 9, "nope.nope.example.test A", "NXDOMAIN aa 0/1", "" },
        { 10, "web.example.test TXT", "NOERROR aa 0/1", "SOA" },
        { 11, "foo.wild.example.test A", "NOERROR aa 1/0", "foo.wild.example.test. 3600 IN A 192.0.2.99" },
        { 12, "foo.bar.wild.example.test A", "NOERROR aa 1/0", "foo.bar.wild.example.test. 3600 IN A 192.0.2.99" },
        { 13, "foo.wild.example.test MX", "NOERROR aa 0/1", "" },
        { 14, "host.wild.example.test A", "NOERROR aa 0/1", "" },
        { 15, "zz.x.wild.example.test A", "NXDOMAIN aa 0/1", "" },
        { 16, "*.wild.example.test A", "NOERROR aa 1/0", "*.wild.example.test. 3600 IN A 192.0.2.99" },
        { 17, "host.deleg.example.test A", "NOERROR 0/2", "NS ns.deleg.example.test.|NS ns2.other.test.|ns.deleg.example.test. 3600 IN A 192.0.2.54" },
        { 18, "deleg.example.test NS", "NOERROR 0/2", "" },
        { 19, "secure.example.test DS", "NOERROR aa 1/0", "12345 13 2 0123456789ABCDEF" },
        { 20, "www.secure.example.test A +dnssec", "NOERROR 0/2", "secure.example.test. 3600 IN NS|12345 13 2" },
        { 21, "x.dn.example.test A", "NOERROR aa 3/0", "dn.example.test. 3600 IN DNAME target.example.test.|x.dn.example.test. 3600 IN CNAME x.target.example.test.|192.0.2.44" },
        { 22, "dn.example.test A", "NOERROR aa 0/1", "" },
        { 23, "example.test MX", "NOERROR aa 1/0", "mail.example.test. 3600 IN A 192.0.2.25|mail.example.test. 3600 IN AAAA 2001:db8::25" },
        { 24, "_sip._tcp.example.test SRV", "NOERROR aa 1/0", "0 5 5060 sip.example.test.|sip.example.test. 3600 IN A 192.0.2.60" },
        { 25, "unk.example.test TYPE65280", "NOERROR aa 1/0", @"\# 4 0A000001" },
        { 26, "bin.example.test TXT", "NOERROR aa 1/0", @"""\000\001\255""" },
        { 27, "uPPer.eXample.test A", "NOERROR aa 1/0", "uPPer.eXample.test. 3600 IN A 192.0.2.77" },
        { 28, @"esc\.dot.example.test A", "NOERROR aa 1/0", "192.0.2.78" },
        { 29, "example.test HTTPS", "NOERROR aa 1/0", @"1 . alpn=""h2,h3"" ipv4hint=192.0.2.1" },
        { 30, "big.example.test TXT +noedns +ignore", "NOERROR aa tc 0/0", "" },
        { 31, "big.example.test TXT +bufsize=4096 +ignore", "NOERROR aa tc 0/0", "" },
        { 32, "big.example.test TXT +tcp", "NOERROR aa 40/0", "record 40 of forty" },
        { 33, "example.test ANY +notcp", "NOERROR aa 1/0", "" },
        { 34, "other.org A", "REFUSED 0/0", "" },
        { 34, ". NS", "REFUSED 0/0", "" },
        { 35, "example.test A -c CH", "REFUSED 0/0", "" },
        { 36, "version.bind TXT -c CH", "NOERROR aa 1/0", "\"fixture 1\"" },
        { 36, "id.server TXT -c CH", "NOERROR aa 1/0", "\"ns.fixture\"" },
        { 36, "hostname.bind TXT -c CH", "NOERROR aa 1/0", "\"ns.fixture\"" },
        { 36, "authors.bind TXT -c CH", "REFUSED 0/0", "" },
        { 37, "example.test SOA +edns=1 +noednsneg", "BADVERS 0/0", "EDNS: version: 0" },
        { 38, "example.test SOA +ednsopt=100:0102", "NOERROR aa 1/0", "" },
        { 39, "example.test SOA +ednsflags=0x40", "NOERROR aa 1/0", "EDNS: version: 0, flags:; udp: 1232" },
        { 40, "example.test SOA +nsid", "NOERROR aa 1/0", "(\"ns.fixture\")" },
        { 41, "example.test SOA +opcode=STATUS", "NOTIMP 0/0", "opcode: STATUS" },
        { 41, "example.test SOA +opcode=15", "NOTIMP 0/0", "opcode: RESERVED15" },
        { 42, "example.test SOA +cd +ad", "NOERROR aa 1/0", "" },
        { 42, "example.test SOA +zflag", "NOERROR aa 1/0", "" },
        { 43, "big.example.test TXT +bufsize=0 +ignore", "NOERROR aa tc 0/0", "" },
        { 44, "example.test TYPE1000", "NOERROR aa 0/1", "" },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    public async Task Answers_as_the_specification_says(int check, string question, string summary, string parts)
    {
        await using var server = await RunningNameServer.StartAsync();
        var answer = await server.DigAsync(question.Split(' '));
        Assert.True(summary == answer.Summary, $"check {check}: {answer.Summary}\n{answer.Text}");
        var text = answer.Text.Replace("\t", " ", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal);
        Assert.All(parts.Split('|'), part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.True(answer.Size <= 1232 || question.Contains("+tcp", StringComparison.Ordinal));
        Assert.DoesNotContain("malformed", answer.Text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("; OPT=100", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_45_a_cookie_is_good_the_second_time_too()
    {
        await using var server = await RunningNameServer.StartAsync();
        var first = await server.DigAsync(["+cookie=0123456789abcdef"], ["example.test", "SOA"]);
        Assert.Contains("(good)", first.Text, StringComparison.Ordinal);
        var cookie = first.Text.Split("COOKIE: ")[1].Split(' ')[0];
        Assert.Equal(48, cookie.Length);
        Assert.Equal("0123456789abcdef01000000", cookie[..24]);
        var second = await server.DigAsync([$"+cookie={cookie}"], ["example.test", "SOA"]);
        Assert.Contains($"{cookie} (good)", second.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_52_a_transfer_without_a_key_fails()
    {
        await using var server = await RunningNameServer.StartAsync();
        Assert.Contains("Transfer failed", (await server.DigAsync("example.test", "AXFR")).Text, StringComparison.Ordinal);
        Assert.Contains("Transfer failed", (await server.DigAsync("-y", "hmac-sha256:tkey:d3Jvbmc=", "example.test", "AXFR")).Text, StringComparison.Ordinal);
        Assert.Contains("Transfer failed", (await server.DigAsync("-y", "hmac-sha256:other:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test", "AXFR")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_53_a_signed_transfer_has_all_records()
    {
        await using var server = await RunningNameServer.StartAsync();
        var text = (await server.DigAsync("-y", "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test", "AXFR")).Text;
        Assert.Contains("XFR size: 84 records", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Couldn't verify", text, StringComparison.Ordinal);
        var types = text.Split('\n').Where(line => line.Length > 0 && line[0] != ';').Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[3]).Where(type => type != "TSIG").ToList();
        Assert.Equal(("SOA", "SOA", 84), (types[0], types[^1], types.Count));
    }

    [Fact]
    public async Task A_large_zone_goes_in_many_messages_each_of_them_signed()
    {
        var zone = InProcess.Zone("example.test", "$TTL 60\n@ SOA a b 9 2 3 4 5\n@ NS a\na A 192.0.2.1\n$GENERATE 1-5000 host$ TXT \"text number $\"\n");
        await using var server = await RunningNameServer.StartAsync(null, zone);
        var text = (await server.DigAsync("-y", "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test", "AXFR")).Text;
        Assert.Contains("XFR size: 5004 records (messages ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("messages 1,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Couldn't verify", text, StringComparison.Ordinal);
        var newest = (await server.DigAsync("-y", "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test", "IXFR=9")).Text;
        Assert.Contains("XFR size: 1 records", newest, StringComparison.Ordinal);
        Assert.Contains("XFR size: 5004 records", (await server.DigAsync("-y", "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test", "IXFR=8")).Text, StringComparison.Ordinal);
    }

    /// <summary>The checks whose options <c>kdig</c> has too.</summary>
    public static TheoryData<int, string, string, string> KdigChecks =>
        [.. Checks.Where(row => row.Data.Item2.Split(' ').Where(word => word.StartsWith('+')).All(option => option is "+tcp" or "+dnssec" or "+nsid" or "+noedns" or "+ignore" or "+bufsize=4096"))];

    [Theory]
    [MemberData(nameof(KdigChecks))]
    public async Task Kdig_sees_the_same(int check, string question, string summary, string parts)
    {
        await using var server = await RunningNameServer.StartAsync();
        var text = await RunningNameServer.RunAsync("kdig", "knot-dnsutils", ["@127.0.0.1", "-p", $"{server.EndPoint.Port}", "+nocookie", "+norec", "+noidn", "+time=10", "+retry=0", .. question.Split(' ')]);
        var flags = After(text, "Flags: ", ";").Replace("qr", "", StringComparison.Ordinal).Trim();
        var seen = $"{After(text, "status: ", ";")}{(flags.Length > 0 ? " " + flags : "")} {After(text, "ANSWER: ", ";")}/{After(text, "AUTHORITY: ", ";")}";
        Assert.True(summary == seen, $"check {check}: {seen}\n{text}");
        var plain = string.Join(' ', text.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries));
        // Other quotes and another case of letters than dig's do not matter.
        Assert.All(parts.Split('|'), part => Assert.Contains(part.Trim('(', ')').Replace("\"", "", StringComparison.Ordinal), plain.Replace("\"", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Kdig_asks_twice_on_one_stream()
    {
        await using var server = await RunningNameServer.StartAsync();
        var kept = await RunningNameServer.RunAsync("kdig", "knot-dnsutils", ["@127.0.0.1", "-p", $"{server.EndPoint.Port}", "+tcp", "+keepopen", "+time=10", "example.test", "SOA", "example.test", "NS"]);
        Assert.Contains("2025010101", kept, StringComparison.Ordinal);
        Assert.Contains("ns2.other.test.", kept, StringComparison.Ordinal);
    }

    private static string After(string text, string label, string end)
    {
        var start = text.IndexOf(label, StringComparison.Ordinal) + label.Length;
        return start < label.Length ? "" : text[start..text.IndexOf(end, start, StringComparison.Ordinal)].Trim();
    }
}
