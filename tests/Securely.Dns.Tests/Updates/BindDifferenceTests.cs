using Securely.Dns.Tests.Transfer;

namespace Securely.Dns.Tests.Updates;

/// <summary>
/// The same sequences of <c>nsupdate</c> for us and for BIND: the same answers, and the same zone afterwards.
/// </summary>
public sealed class BindDifferenceTests : IDisposable
{
    private const string Zone = "example.test";
    private const string Text = """
        $ORIGIN example.test.
        $TTL 60
        @ SOA ns1 admin 7 3600 3600 36000 5
        @ NS ns1
        @ MX 10 ns1
        ns1 A 192.0.2.53
        www A 192.0.2.1
        www A 192.0.2.2
        www TXT "text"
        alias CNAME www
        deleg NS ns.deleg
        deleg DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        ns.deleg A 192.0.2.54
        a.b.ent A 192.0.2.7
        *.wild A 192.0.2.99

        """;

    private static readonly string[] Steps =
    [
        "update add new 60 A 192.0.2.9",
        "update add new 60 A 192.0.2.9",
        "update add new 90 A 192.0.2.10",
        "prereq nxdomain new\nupdate add new 60 A 192.0.2.11",
        "prereq yxdomain new\nupdate add new 60 TXT \"one two\" \"three\"",
        "prereq yxdomain ent\nupdate add x 60 A 192.0.2.1",
        "prereq nxdomain ent\nupdate add x 60 A 192.0.2.1",
        "prereq yxdomain foo.wild\nupdate add y 60 A 192.0.2.1",
        "prereq yxrrset www A\nupdate delete x",
        "prereq yxrrset www MX\nupdate delete www",
        "prereq nxrrset www A\nupdate delete www",
        "prereq nxrrset www MX\nupdate add www 60 MX 10 ns1",
        "prereq yxrrset www A 192.0.2.1\nprereq yxrrset www A 192.0.2.2\nupdate add set 60 A 192.0.2.1",
        "prereq yxrrset www A 192.0.2.1\nupdate add set 60 A 192.0.2.2",
        "prereq yxrrset alias CNAME WWW\nupdate add set 60 A 192.0.2.3",
        "update add alias 60 A 192.0.2.1",
        "update add www 60 CNAME new",
        "update add alias 60 CNAME new",
        "update delete alias CNAME\nupdate add alias 60 A 192.0.2.1",
        "update delete @ NS",
        "update delete @ SOA",
        "update delete @",
        "update delete @ NS ns1",
        "update add @ 60 NS ns2\nupdate delete @ NS ns1",
        "update delete ns1 A",
        "update delete ns1 A\nupdate add ns1 60 AAAA 2001:db8::1",
        "update add ns2 60 A 192.0.2.3\nupdate add @ 60 NS ns2\nupdate delete @ NS ns1",
        "update add m1 60 MX 10 nowhere",
        "update add m2 60 MX 10 foo.wild",
        "update add m3 60 MX 10 mail.other.test.",
        "update add m4 60 MX 10 x.deleg",
        "update add m5 60 MX 10 alias",
        "update add @ 60 SOA ns1 admin 5 3600 3600 36000 5",
        "update add @ 60 SOA ns1 admin 100 3600 3600 36000 6",
        "update add @ 60 SOA ns1 admin 200 3600 3600 36000 6\nupdate add z 60 A 192.0.2.3",
        "update add www 60 SOA ns1 admin 300 3600 3600 36000 6",
        "update add @ 60 DS 1 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "update add *.w 60 NS ns1",
        "update add *.w 60 TXT \"w\"",
        "update delete deleg NS",
        "update delete nothing",
        "update delete www A 192.0.2.77",
        "update delete www A 192.0.2.1",
        "update add temp 60 A 192.0.2.1\nupdate delete temp",
        "update add d 60 DNAME a.test.\nupdate add d 60 DNAME b.test.",
        "update add NEW 60 A 192.0.2.12",
        "update add case 60 CNAME Target.Example.Test.",
        "update add case 60 CNAME target.example.test.",
        "update add u 60 TYPE65280 \\# 4 0A000001",
        "update delete u TYPE65280 \\# 4 0A000001",
        "update add caa 60 CAA 0 issue \"ca.test\"\nupdate add s 60 SRV 1 2 3 ns1",
        "update delete www.other.test. A",
        "update add www.other.test. 60 A 192.0.2.1",
    ];

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task We_answer_as_bind_does()
    {
        await using var bind = await ExternalServer.StartAsync(PeerPrograms.BindPrimary(Zone, Text));
        await KeptServer.AskUntilAsync(bind.EndPoint, $"www.{Zone}", RecordType.A, answer => answer.Answers.Count == 2);
        await using var server = await KeptServer.StartAsync(
            new ZoneKeeperOptions { Directory = _folder.Path, Zones = [KeptServer.Updatable(Zone)] },
            [InProcess.Zone(Zone, Text)]);
        foreach (var step in Steps)
        {
            var script = $"zone {Zone}\n{Qualify(step)}";
            var theirs = await KeptServer.UpdateAsync(bind.EndPoint, script);
            var ours = await server.UpdateAsync(script);
            Assert.True(theirs.Length == 0 || theirs.StartsWith("update failed: ", StringComparison.Ordinal), theirs);
            Assert.True(theirs == ours, $"{step}\nBIND: {theirs}\nours: {ours}");
            Assert.True(await ReadAsync(bind.EndPoint) is var zone && zone == await ReadAsync(server.EndPoint), $"{step}\nBIND:\n{zone}\nours:\n{await ReadAsync(server.EndPoint)}");
        }

        Assert.True(SerialNumber.Of((await server.AskAsync(Zone, RecordType.Soa)).Answers[0]) > 200);
    }

    // nsupdate takes every name as absolute.
    private static string Qualify(string step) => string.Join('\n', step.Split('\n').Select(line =>
    {
        var words = line.Split(' ');
        words[2] = Absolute(words[2]);
        for (var i = 3; i < words.Length; i++)
        {
            if (words[i] is "ns1" or "ns2" or "admin" or "new" or "WWW" or "nowhere" or "foo.wild" or "x.deleg" || (words[i] == "alias" && words[i - 1] == "10"))
                words[i] = Absolute(words[i]);
        }

        return string.Join(' ', words);
    }));

    private static string Absolute(string name) => name == "@" ? Zone + "." : name.EndsWith('.') ? name : $"{name}.{Zone}.";

    private static async Task<string> ReadAsync(System.Net.IPEndPoint server)
    {
        var text = await Serving.RunningNameServer.RunAsync(
            "dig", "bind9-dnsutils", [$"@{server.Address}", "-p", $"{server.Port}", "-y", KeptServer.KeyText, "+tries=1", "+time=30", "+noall", "+answer", "+onesoa", Zone, "AXFR"]);
        var lines = text.Split('\n').Where(line => line.Contains("\tIN\t", StringComparison.Ordinal) || line.Contains(" IN ", StringComparison.Ordinal));
        return string.Join('\n', lines.Select(line => string.Join(' ', line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant()).Order(StringComparer.Ordinal));
    }
}
