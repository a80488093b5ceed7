using Securely.Dns.Tests.Journal;
using Securely.Dns.Tests.Serving;

namespace Securely.Dns.Tests.Transfer;

/// <summary>Changes as clients get them (RFC 1995), with the real <c>dig</c> over a stream and in process as a datagram.</summary>
public sealed class IncrementalTransferTests
{
    private const string Text = "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\n";
    private static readonly string[] Signed = ["-y", "hmac-sha256:tkey:c2VjcmV0c2VjcmV0c2VjcmV0", "example.test"];

    [Fact]
    public async Task Check_56_changes_come_in_their_order()
    {
        await using var server = await RunningNameServer.StartAsync(null, Changed(2));
        var text = (await server.DigAsync([.. Signed, "IXFR=7", "+noall", "+answer"])).Text;
        Assert.Equal(
            ["SOA 9", "SOA 7", "SOA 8", "host0 A", "SOA 8", "host0 A", "SOA 9", "host1 A", "SOA 9"],
            text.Split('\n').Where(line => line.Contains(" IN ", StringComparison.Ordinal) || line.Contains("\tIN\t", StringComparison.Ordinal)).Select(Short));
        Assert.Contains("XFR size: 1 records", (await server.DigAsync([.. Signed, "IXFR=9"])).Text, StringComparison.Ordinal);
        Assert.Contains("XFR size: 1 records", (await server.DigAsync([.. Signed, "IXFR=10"])).Text, StringComparison.Ordinal);
        // Nobody knows what led there, so the whole zone comes.
        Assert.Contains("XFR size: 5 records", (await server.DigAsync([.. Signed, "IXFR=6"])).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_datagram_brings_changes_that_fit_and_the_newest_soa_otherwise()
    {
        var few = Ask(Changed(2), 7);
        Assert.Equal(["SOA", "SOA", "SOA", "A", "SOA", "A", "SOA", "A", "SOA"], few.Answers.Select(record => ResourceRecord.TypeName(record.Type)));
        var many = Ask(Changed(100), 7);
        Assert.Equal(107u, SerialNumber.Of(Assert.Single(many.Answers)));
        Assert.False(many.IsTruncated);
        Assert.Equal(9u, SerialNumber.Of(Assert.Single(Ask(Changed(2), 6).Answers)));
    }

    private static DnsMessage Ask(Zone zone, uint held)
    {
        var soa = SerialNumber.With(zone.Soa.Records(zone.Apex).First(), held);
        var options = new DnsServerOptions { Transfers = [new TransferRule(System.Net.IPNetwork.Parse("127.0.0.0/8"), null)] };
        return InProcess.Ask(InProcess.Responder(zone, options), new DnsMessage { Id = 5, Questions = [new Question(zone.Apex, RecordType.Ixfr)], Authorities = [soa] });
    }

    private static Zone Changed(int count)
    {
        var zone = InProcess.Zone("example.test", Text);
        var edit = new ZoneEdit(zone);
        foreach (var change in ZoneJournalTests.Changes(zone, count))
            Assert.True(edit.TryApply(change));
        return edit.Build();
    }

    private static string Short(string line)
    {
        var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words[3] == "SOA" ? $"SOA {words[6]}" : $"{words[0].Split('.')[0]} {words[3]}";
    }
}
