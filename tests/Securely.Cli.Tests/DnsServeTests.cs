using System.Net;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli.Tests;

public sealed class DnsServeTests : IDisposable
{
    private const string Zone = "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\nwww A 192.0.2.1\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Serves_the_zones_of_its_file_and_nothing_else()
    {
        Write("example.zone", Zone);
        Write("securely.yaml", "dns:\n  listen: [127.0.0.1:0]\n  zones: [{name: example.test, file: example.zone}]\n  id: ns1\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Matches("^Names are answered on 127\\.0\\.0\\.1:[1-9][0-9]*$", program.Lines[0]);
        Assert.Equal($"Serving {Path.Combine(_directory, "securely.yaml")} (0 listeners, 0 upstreams, 0 sites, 1 zone)", program.Lines[1]);
        var answer = await AskAsync(program, "www.example.test", RecordType.A);
        Assert.True(answer.IsAuthoritative);
        Assert.Equal("192.0.2.1", Assert.Single(answer.Answers).DataText);
        Assert.Equal(ResponseCode.Refused, (await AskAsync(program, "other.test", RecordType.A)).Code);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task A_zone_file_that_changes_is_served_as_it_is_now()
    {
        Write("example.zone", Zone);
        await using var program = await RunningProgram.StartAsync(_directory, "dns:serve", "--listen", "127.0.0.1:0", "--zone", "example.test=example.zone");
        Assert.Empty((await AskAsync(program, "new.example.test", RecordType.A)).Answers);

        Write("example.zone", Zone.Replace("admin 1", "admin 2", StringComparison.Ordinal) + "new A 192.0.2.2\n");

        // Asked as often as it takes; the test's own patience is the bound.
        while ((await AskAsync(program, "new.example.test", RecordType.A)).Answers.Count == 0)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task A_zone_file_with_an_error_ends_it_with_its_place()
    {
        Write("example.zone", Zone + "bad A x\n");
        Write("securely.yaml", "dns: {listen: [127.0.0.1:0], zones: [{name: example.test, file: example.zone}]}\n");

        var run = await CliRun.RunAsync(["serve"], _directory);

        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Equal($"{Path.Combine(_directory, "example.zone")}:6:7: [x] is not an IPv4 address\n", run.Error);
    }

    [Fact]
    public async Task Every_name_below_a_local_domain_leads_here()
    {
        Write("securely.yaml", "dns: {listen: [127.0.0.1:0], local: {tlds: [test]}}\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        foreach (var name in (string[])["test", "app.test", "a.b.c.test", "ns.test"])
        {
            Assert.Equal("127.0.0.1", Assert.Single((await AskAsync(program, name, RecordType.A)).Answers).DataText);
            Assert.Equal("::1", Assert.Single((await AskAsync(program, name, RecordType.Aaaa)).Answers).DataText);
            var other = await AskAsync(program, name, RecordType.Mx);
            Assert.Equal((ResponseCode.Success, 0, 1), (other.Code, other.Answers.Count, other.Authorities.Count));
        }

        Assert.Equal(ResponseCode.Refused, (await AskAsync(program, "example.com", RecordType.A)).Code);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task Questions_are_counted_shown_and_written_down()
    {
        Write("example.zone", Zone);
        Write("securely.yaml", "dns: {listen: [127.0.0.1:0], zones: [{name: example.test, file: example.zone}], query_log: {path: queries.log}}\nmetrics: {address: 127.0.0.1:0}\ncontrol_socket: c.sock\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        Assert.Equal(ResponseCode.Success, (await AskAsync(program, "www.example.test", RecordType.A)).Code);
        Assert.Equal(ResponseCode.NoSuchName, (await AskAsync(program, "no.example.test", RecordType.Mx)).Code);
        Assert.Equal(ResponseCode.Refused, (await AskAsync(program, "other.test", RecordType.A)).Code);

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var page = await client.GetStringAsync(new Uri(program.Lines.Single(line => line.StartsWith("Metrics are at ", StringComparison.Ordinal))["Metrics are at ".Length..]), TestContext.Current.CancellationToken);
        Assert.Contains("securely_dns_queries_total{transport=\"udp\",type=\"A\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("securely_dns_queries_total{transport=\"udp\",type=\"MX\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("securely_dns_responses_total{transport=\"udp\",code=\"NXDOMAIN\"} 1\n", page, StringComparison.Ordinal);
        var status = await CliRun.RunAsync(["status", "--control-socket", "c.sock"], _directory);
        Assert.Matches("Names:\\s*\n  Addresses    127\\.0\\.0\\.1:[0-9]+\n  Zones        1\n  Questions    3\n", status.Output);
        Assert.Contains("queries.log", (await CliRun.RunAsync(["log:reopen", "--control-socket", "c.sock"], _directory)).Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, await program.StopAsync());
        var lines = await File.ReadAllLinesAsync(Path.Combine(_directory, "queries.log"), TestContext.Current.CancellationToken);
        Assert.Equal(3, lines.Length);
        Assert.Matches(
            "^\\{\"time\":\"[0-9T:.-]+Z\",\"client\":\"127.0.0.1\",\"transport\":\"udp\",\"name\":\"no.example.test.\",\"type\":\"MX\",\"class\":\"IN\",\"recursion_desired\":false,"
            + "\"code\":\"NXDOMAIN\",\"authoritative\":true,\"truncated\":false,\"bytes\":[0-9]+\\}$",
            lines.Single(line => line.Contains("NXDOMAIN", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Shows_what_the_server_decides_on_the_way()
    {
        Write("example.zone", Zone + "a CNAME www\n");
        Write("securely.yaml", "dns: {listen: [127.0.0.1:0], zones: [{name: example.test, file: example.zone}], allow: [127.0.0.0/8]}\ncontrol_socket: c.sock\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var run = await CliRun.RunAsync(["dns:query", "a.example.test", "--trace"], _directory);
        Assert.Equal(
            """
            gate     127.0.0.1 is in a network that may ask
            zone     example.test. with serial 1 is the closest zone of 1
            name     a.example.test. is there
            records  a.example.test. is an alias of www.example.test., which is followed
            name     www.example.test. is there
            records  1 record of type A, remembered for 60 s
            answer   NOERROR with authority, 77 bytes

            NOERROR aa rd

            Answer:
              a.example.test. 60 IN CNAME www.example.test.
              www.example.test. 60 IN A 192.0.2.1

            """,
            run.Output, ignoreLineEndingDifferences: true);
        var refused = await CliRun.RunAsync(["dns:query", "a.example.test", "--trace", "--from", "192.0.2.1", "--json"], _directory);
        Assert.Contains("\"text\": \"[192.0.2.1] is in no network that may ask, so it is refused\"", refused.Output, StringComparison.Ordinal);
        Assert.Contains("\"code\": \"REFUSED\"", refused.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await CliRun.RunAsync(["dns:query", "a.test", "--from", "192.0.2.1"], _directory)).ExitCode);
        Assert.Equal(ExitCode.Usage, (await CliRun.RunAsync(["dns:query", "a.test", "--trace", "--server", "127.0.0.1"], _directory)).ExitCode);
        Assert.Equal(ExitCode.Usage, (await CliRun.RunAsync(["dns:query", "a.test", "--trace", "--from", "x"], _directory)).ExitCode);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task Asks_a_server_and_shows_what_it_says()
    {
        Write("example.zone", Zone);
        await using var program = await RunningProgram.StartAsync(_directory, "dns:serve", "--listen", "127.0.0.1:0", "--zone", "example.test=example.zone", "--control-socket", "c.sock");
        var server = EndPointOf(program).ToString();

        var run = await CliRun.RunAsync(["dns:query", "www.example.test", "--server", server], _directory);
        Assert.Equal("NOERROR aa rd\n\nAnswer:\n  www.example.test. 60 IN A 192.0.2.1\n", run.Output);
        var json = await CliRun.RunAsync(["dns:query", "no.example.test", "MX", "--tcp", "--json", "--server", server], _directory);
        Assert.Contains("\"code\": \"NXDOMAIN\"", json.Output, StringComparison.Ordinal);
        Assert.Contains("\"data\": \"ns1.example.test. admin.example.test. 1 2 3 4 5\"", json.Output, StringComparison.Ordinal);
        var zones = await CliRun.RunAsync(["dns:zones", "--control-socket", "c.sock"], _directory);
        Assert.Equal("Zones:           role     serial  records  names  state    expires\n  example.test.  primary       1        4      3  current\n", zones.Output);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    private static IPEndPoint EndPointOf(RunningProgram program) => IPEndPoint.Parse(program.Lines[0]["Names are answered on ".Length..]);

    private static Task<DnsMessage> AskAsync(RunningProgram program, string name, RecordType type) =>
        new DnsClient(EndPointOf(program)).AskAsync(new DnsMessage { Questions = [new Question(DomainName.Parse(name), type)] }, TestContext.Current.CancellationToken);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
