using System.Buffers;
using System.Text;
using Securely.Net;

namespace Securely.Dns.Tests.Observing;

public sealed class DnsFiguresTests
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private readonly MetricsRegistry _registry = new();

    [Fact]
    public void Counts_what_was_asked_and_how_it_was_answered()
    {
        var responder = Responder(new DnsServerOptions());
        Ask(responder, "1234" + "0000" + "0001000000000000" + Question);
        Ask(responder, "1234" + "0000" + "0001000000000000" + Question, isStream: true);
        Ask(responder, "1234" + "0000" + "0001000000000000" + "076578616D706C65047465737400" + "FDE8" + "0001");
        Ask(responder, "1234" + "0000" + "0001000000000000" + "00" + "0006" + "0001");
        Ask(responder, "1234" + "0000" + "0001000000000000");
        Ask(responder, "1234" + "2000" + "0001000000000000" + Question);
        Ask(responder, "1234" + "1000" + "0001000000000000" + Question);
        Ask(responder, "1234" + "0000" + "0001000000000001" + Question + "0000291000000100000000");
        Ask(responder, "1234" + "8000" + "0001000000000000" + Question);
        Ask(responder, "12");

        Assert.Equal(
            """
            securely_dns_duration_seconds_count{transport="tcp"} 1
            securely_dns_duration_seconds_count{transport="udp"} 9
            securely_dns_ignored_total{transport="udp"} 2
            securely_dns_queries_total{transport="tcp",type="SOA"} 1
            securely_dns_queries_total{transport="udp",type="NOTIFY"} 1
            securely_dns_queries_total{transport="udp",type="SOA"} 3
            securely_dns_queries_total{transport="udp",type="none"} 2
            securely_dns_queries_total{transport="udp",type="other"} 1
            securely_dns_responses_total{transport="tcp",code="NOERROR"} 1
            securely_dns_responses_total{transport="udp",code="BADVERS"} 1
            securely_dns_responses_total{transport="udp",code="FORMERR"} 1
            securely_dns_responses_total{transport="udp",code="NOERROR"} 2
            securely_dns_responses_total{transport="udp",code="NOTAUTH"} 1
            securely_dns_responses_total{transport="udp",code="NOTIMP"} 1
            securely_dns_responses_total{transport="udp",code="REFUSED"} 1
            """,
            Page(), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public void Counts_what_the_limit_has_dropped()
    {
        var responder = Responder(new DnsServerOptions { ResponsesPerSecond = 2, Slip = 2 });
        for (var i = 0; i < 7; i++)
            Ask(responder, "1234" + "0000" + "0001000000000000" + Question);
        Assert.Contains("securely_dns_limited_total{transport=\"udp\",action=\"dropped\"} 3\nsecurely_dns_limited_total{transport=\"udp\",action=\"truncated\"} 2\n", Page() + "\n", StringComparison.Ordinal);
        Assert.Contains("securely_dns_responses_total{transport=\"udp\",code=\"NOERROR\"} 4", Page(), StringComparison.Ordinal);
        Assert.Equal(3, responder.Dropped);
    }

    [Fact]
    public void Counting_and_writing_down_allocate_nothing()
    {
        using var directory = new TemporaryDirectory();
        using var log = new DnsQueryLog(new DnsQueryLogOptions { Path = directory.File("queries.log") });
        var responder = Responder(new DnsServerOptions { QueryLog = log });
        using var cells = responder.CountOnThread();
        var request = Convert.FromHexString("1234" + "0000" + "0001000000000000" + Question);
        var response = new byte[1232];
        Run(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int rounds)
        {
            for (var i = 0; i < rounds; i++)
                responder.Respond(request, response, [192, 0, 2, 1], isStream: false);
        }
    }

    private Responder Responder(DnsServerOptions options)
    {
        var catalog = new Catalog();
        catalog.Put(InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"));
        return new Responder(new ServerState(catalog, options, new ManualTimeProvider()) { Figures = new DnsFigures(_registry) }, isLimited: true);
    }

    private static void Ask(Responder responder, string hex, bool isStream = false) =>
        responder.Respond(Convert.FromHexString(hex), new byte[1232], [192, 0, 2, 1], isStream);

    // What has counted, without what shows the others of its kind.
    private string Page()
    {
        var page = new ArrayBufferWriter<byte>();
        _registry.Write(page);
        return string.Join('\n', Encoding.UTF8.GetString(page.WrittenSpan).Split('\n')
            .Where(line => line.StartsWith("securely_dns_", StringComparison.Ordinal) && !line.EndsWith(" 0", StringComparison.Ordinal) && !line.Contains("_bucket", StringComparison.Ordinal) && !line.Contains("_sum", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal));
    }
}
