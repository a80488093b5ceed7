using System.Text.Json;

namespace Securely.Dns.Tests.Observing;

public sealed class DnsQueryLogTests : IDisposable
{
    private const string Question = "076578616D706C65047465737400" + "0006" + "0001";
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_line_has_the_question_and_what_became_of_it()
    {
        var lines = await WriteAsync(new DnsServerOptions { ResponsesPerSecond = 2, Slip = 0 }, 1, responder =>
        {
            // WWW.example.test, and a name of control characters.
            Ask(responder, "1234" + "0100" + "0001000000000000" + "03575757" + Question);
            Ask(responder, "1234" + "0000" + "0001000000000000" + "040A1B2200" + Question);
            Ask(responder, "1234" + "0000" + "0001000000000000");
            Ask(responder, "1234" + "2000" + "0001000000000000" + Question, isStream: true);
            for (var i = 0; i < 3; i++)
                Ask(responder, "1234" + "0000" + "0001000000000000" + Question);
            Ask(responder, "1234" + "8000" + "0001000000000000" + Question);
        });

        Assert.Equal(7, lines.Length);
        Assert.Equal("""{"time":"2000-01-01T00:00:00.000000Z","client":"192.0.2.1","transport":"udp","name":"WWW.example.test.","type":"SOA","class":"IN","recursion_desired":true,"code":"NXDOMAIN","authoritative":true,"truncated":false,"bytes":80}""", Timeless(lines[0]));
        Assert.Contains("\"name\":\"\\\\010\\\\027\\\\\\\"\\\\000.example.test.\"", lines[1], StringComparison.Ordinal);
        Assert.Equal("""{"time":"2000-01-01T00:00:00.000000Z","client":"192.0.2.1","transport":"udp","recursion_desired":false,"code":"FORMERR","authoritative":false,"truncated":false,"bytes":12}""", Timeless(lines[2]));
        Assert.Contains("\"transport\":\"tcp\",\"name\":\"example.test.\",\"type\":\"SOA\",\"class\":\"IN\",\"operation\":\"notify\"", lines[3], StringComparison.Ordinal);
        Assert.EndsWith("\"bytes\":0,\"limited\":true}", lines[6], StringComparison.Ordinal);
        Assert.All(lines, line => JsonDocument.Parse(line).Dispose());
    }

    [Theory]
    [InlineData("1234" + "0000" + "0000000000000000")]
    [InlineData("1234" + "1000" + "0000000000000000")]
    public async Task What_has_no_question_and_no_answer_gets_a_line_too(string hex)
    {
        var lines = await WriteAsync(new DnsServerOptions { ResponsesPerSecond = 1, Slip = 0 }, 1, responder =>
        {
            Ask(responder, "1234" + "0100" + "0001000000000000" + Question);
            Ask(responder, hex);
            Ask(responder, hex);
        });
        Assert.EndsWith("\"bytes\":0,\"limited\":true}", lines[2], StringComparison.Ordinal);
        Assert.DoesNotContain("\"name\"", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_share_of_the_questions_gets_a_line()
    {
        var lines = await WriteAsync(new DnsServerOptions(), 0.1, responder =>
        {
            for (var i = 0; i < 10_000; i++)
                Ask(responder, "1234" + "0000" + "0001000000000000" + Question);
        });
        Assert.InRange(lines.Length, 800, 1200);
    }

    [Fact]
    public async Task What_does_not_fit_is_counted_and_nobody_waits()
    {
        // A pipe that nobody reads takes no more than the kernel's part of it.
        var path = _directory.File("pipe");
        Assert.Equal("", await Serving.RunningNameServer.RunAsync("mkfifo", "coreutils", [path]));
        long lost, asked = 0;
        using (var log = new DnsQueryLog(new DnsQueryLogOptions { Path = path, QueueBytes = 64 * 1024 }, time: _time))
        {
            log.Log.Patience = TimeSpan.Zero;
            var responder = Responder(new DnsServerOptions { QueryLog = log });
            for (; log.DroppedByQueue == 0 && asked < 1_000_000; asked++)
                Ask(responder, "1234" + "0000" + "0001000000000000" + Question);
            lost = log.DroppedByQueue;
        }

        Assert.Equal(1, lost);
        Assert.InRange(asked, 500, 100_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.5)]
    public void A_share_is_one(double sample) =>
        Assert.Throws<ArgumentException>(() => new DnsQueryLog(new DnsQueryLogOptions { Path = _directory.File("x"), Sample = sample }));

    private async Task<string[]> WriteAsync(DnsServerOptions options, double sample, Action<Responder> ask)
    {
        var path = _directory.File("queries.log");
        using (var log = new DnsQueryLog(new DnsQueryLogOptions { Path = path, Sample = sample, QueueBytes = 16 * 1024 * 1024 }, time: _time))
        {
            ask(Responder(options with { QueryLog = log }));
            await log.FlushAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, log.DroppedByQueue + log.DroppedByWrite);
        }

        return await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
    }

    private Responder Responder(DnsServerOptions options) =>
        InProcess.Responder(InProcess.Zone("example.test", "$TTL 60\n@ SOA ns1 admin 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\n"), options, _time);

    private string Timeless(string line) => line.Replace(_time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", null), "2000-01-01T00:00:00.000000Z", StringComparison.Ordinal);

    private static void Ask(Responder responder, string hex, bool isStream = false) =>
        responder.Respond(Convert.FromHexString(hex), new byte[1232], [192, 0, 2, 1], isStream);
}
