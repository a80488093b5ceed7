namespace Securely.Dns.Tests.Serving;

/// <summary>The additional section: behind all answers, each owner once, and readable however far into the message it stands.</summary>
public sealed class AdditionalTests
{
    private const string Head = "$TTL 60\n@ SOA a h 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";

    [Fact]
    public void All_sets_of_a_name_come_before_the_addresses_that_help_and_these_once()
    {
        var zone = InProcess.Zone("z.test", Head + "@ NS ns2\nns2 A 192.0.2.54\n@ A 192.0.2.1\n@ MX 10 mail\n@ MX 20 ns1\n@ MX 30 @\n@ SRV 0 0 1 mail\nmail A 192.0.2.25\nmail AAAA 2001:db8::25\n");
        var answer = InProcess.Ask(zone, "z.test", RecordType.Any, isStream: true);
        Assert.Equal([RecordType.A, RecordType.Ns, RecordType.Ns, RecordType.Soa, RecordType.Mx, RecordType.Mx, RecordType.Mx, RecordType.Srv], answer.Answers.Select(record => record.Type));
        Assert.Equal(["ns1.z.test. A", "ns2.z.test. A", "mail.z.test. A", "mail.z.test. AAAA"], Owners(answer));
    }

    [Fact]
    public void Two_records_with_one_target_bring_its_addresses_once()
    {
        var zone = InProcess.Zone("z.test", Head + "www MX 10 mail\nwww MX 20 mail\nmail A 192.0.2.25\n");
        Assert.Equal(["mail.z.test. A"], Owners(InProcess.Ask(zone, "www.z.test", RecordType.Mx)));
    }

    [Theory]
    [InlineData("@ MX 10 m$", "m$", "z.test", RecordType.Mx)]
    [InlineData("@ NS n$", "n$", "z.test", RecordType.Ns)]
    [InlineData("sub NS n$.sub", "n$.sub", "x.sub.z.test", RecordType.A)]
    public void A_set_that_goes_beyond_what_pointers_reach_is_followed_by_all_its_addresses(string record, string target, string name, RecordType type)
    {
        var zone = InProcess.Zone("z.test", Head + $"$GENERATE 1-900 {record}\n$GENERATE 1-900 {target} A 192.0.2.1\n");
        var answer = InProcess.Ask(zone, name, type, isStream: true);
        Assert.False(answer.IsTruncated);
        var set = type == RecordType.A ? answer.Authorities : answer.Answers;
        var told = answer.Additionals.Where(record => record.Type == RecordType.A).Select(record => record.Name.ToString()).ToHashSet();
        Assert.InRange(set.Count, 900, 901);
        Assert.Equal(set.Count, told.Count);
        Assert.All(set, record => Assert.Contains(told, owner => record.DataText.EndsWith(owner, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_service_brings_what_is_known_of_its_target()
    {
        var zone = InProcess.Zone("z.test", Head + "@ HTTPS 0 svc\nsvc HTTPS 1 . alpn=h2\nsvc A 192.0.2.2\nbare HTTPS 0 only\nonly HTTPS 1 host\nhost A 192.0.2.3\noff HTTPS 0 .\noff A 192.0.2.4\n");
        Assert.Equal(["svc.z.test. A", "svc.z.test. HTTPS"], Owners(InProcess.Ask(zone, "z.test", RecordType.Https)));
        Assert.Equal(["only.z.test. HTTPS"], Owners(InProcess.Ask(zone, "bare.z.test", RecordType.Https)));
        Assert.Equal(["svc.z.test. A"], Owners(InProcess.Ask(zone, "svc.z.test", RecordType.Https)));
        // Without a service there is no place where it could be had (RFC 9460, 2.5.1).
        Assert.Empty(Owners(InProcess.Ask(zone, "off.z.test", RecordType.Https)));
    }

    private static IEnumerable<string> Owners(DnsMessage message) => message.Additionals.Where(record => record.Type != RecordType.Opt).Select(record => $"{record.Name} {ResourceRecord.TypeName(record.Type)}");
}
