using System.Net;
using Securely.Dns;
using Securely.Dns.Records;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>Zones that change while they are served: by commands, by updates, and what is left of it after the server has ended.</summary>
public sealed class DnsRecordsTests : IDisposable
{
    private const string Zone = "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\nwww 30 A 192.0.2.1\n";
    private const string Configuration = """
        data_dir: data
        control_socket: c.sock
        dns:
          listen: [127.0.0.1:0]
          zones:
            - {name: example.test, file: example.zone, updates: [{network: 127.0.0.0/8, names: ["*.dyn.example.test"], types: [A]}]}
            - {name: copy.test, primaries: [127.0.0.1:1]}

        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public DnsRecordsTests()
    {
        Write("example.zone", Zone);
        Write("securely.yaml", Configuration);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Records_are_added_set_removed_and_listed()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("Zone example.test. has serial 2\n", await RunAsync("add", "example.test", "www", "A", "192.0.2.2"));
        Assert.Equal("www.example.test.\t30\tIN\tA\t192.0.2.1\nwww.example.test.\t30\tIN\tA\t192.0.2.2\n", await RunAsync("list", "example.test", "www.example.test"));
        Assert.Equal("Zone example.test. has serial 3\n", await RunAsync("set", "example.test", "www", "A", "192.0.2.3", "192.0.2.4", "--ttl", "90"));
        Assert.Equal("Zone example.test. has serial 4\n", await RunAsync("remove", "example.test", "www", "A", "192.0.2.3"));
        Assert.Equal("Zone example.test. has serial 4\n", await RunAsync("remove", "example.test", "www", "A", "192.0.2.3"));
        Assert.Equal("Zone example.test. has serial 5\n", await RunAsync("add", "example.test", "@", "TXT", "\"v=spf1 -all\"", "\"two\""));
        Assert.Equal("example.test.\t3600\tIN\tTXT\t\"two\"\nexample.test.\t3600\tIN\tTXT\t\"v=spf1 -all\"\n", await RunAsync("list", "example.test", "@", "TXT"));
        Assert.Equal("192.0.2.4", Assert.Single((await AskAsync(program, "www.example.test")).Answers).DataText);
        Assert.Equal("Zone example.test. has serial 6\n", await RunAsync("remove", "example.test", "www"));
        Assert.Equal(ResponseCode.NoSuchName, (await AskAsync(program, "www.example.test")).Code);
        Assert.Contains("\"serial\": 6", await RunAsync("add", "example.test", "ns1", "A", "192.0.2.53", "--json"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Theory]
    [InlineData("The zone [other.test.] is not one whose records can be changed; dns:zones shows those that are", "add", "other.test", "www", "A", "192.0.2.1")]
    [InlineData("The zone [copy.test.] is a copy; change it on its primary", "add", "copy.test", "www", "A", "192.0.2.1")]
    [InlineData("[www.other.test.] is not in the zone [example.test.]", "add", "example.test", "www.other.test.", "A", "192.0.2.1")]
    [InlineData("[www.example.test.] would have a CNAME record and other data", "add", "example.test", "www", "CNAME", "ns1.example.test.")]
    [InlineData("The zone [example.test.] would have no NS record", "remove", "example.test", "@", "NS")]
    [InlineData("The A data [x] is not an IPv4 address", "add", "example.test", "www", "A", "x")]
    [InlineData("[NOPE] is not a record type", "add", "example.test", "www", "NOPE", "x")]
    public async Task What_cannot_be_done_is_said(string error, params string[] arguments)
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        var run = await CliRun.RunAsync(["dns:records", .. arguments], _directory);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.Contains("\t1 2 3 4 5\n".Trim(), await RunAsync("list", "example.test", "@", "SOA"), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task Changes_outlive_the_server_until_the_file_is_newer()
    {
        await using (var program = await RunningProgram.StartAsync(_directory, "serve"))
        {
            await RunAsync("set", "example.test", "www", "A", "192.0.2.2");
            Assert.Equal(ExitCode.Ok, await program.StopAsync());
        }

        await using (var program = await RunningProgram.StartAsync(_directory, "serve"))
        {
            Assert.Equal("192.0.2.2", Assert.Single((await AskAsync(program, "www.example.test")).Answers).DataText);
            Assert.Contains("example.test.  primary         2        4      3  changed", await ZonesAsync(), StringComparison.Ordinal);
            Assert.Contains("copy.test.     secondary       -        0      0  expired", await ZonesAsync(), StringComparison.Ordinal);
            // A copy that was never got is nothing to answer from.
            Assert.Equal(ResponseCode.ServerFailure, (await AskAsync(program, "www.copy.test")).Code);
            Assert.Equal(ExitCode.Ok, await program.StopAsync());
        }

        Write("example.zone", Zone.Replace("admin 1", "admin 10", StringComparison.Ordinal));
        await using var last = await RunningProgram.StartAsync(_directory, "serve");
        Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(last, "www.example.test")).Answers).DataText);
        Assert.Equal("Zone example.test. has serial 11\n", await RunAsync("add", "example.test", "x", "A", "192.0.2.2"));
        Assert.Equal(ExitCode.Ok, await last.StopAsync());
    }

    [Fact]
    public async Task An_update_changes_what_its_rule_says()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        Assert.Equal(ResponseCode.Success, (await UpdateAsync(EndPointOf(program), "host.dyn.example.test", "192.0.2.9")).Code);
        Assert.Equal(ResponseCode.Refused, (await UpdateAsync(EndPointOf(program), "host.example.test", "192.0.2.9")).Code);
        Assert.Equal("192.0.2.9", Assert.Single((await AskAsync(program, "host.dyn.example.test")).Answers).DataText);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task A_server_that_saves_nothing_changes_nothing()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "dns:serve", "--listen", "127.0.0.1:0", "--zone", "example.test=example.zone", "--control-socket", "c.sock");
        var run = await CliRun.RunAsync(["dns:records", "add", "example.test", "x", "A", "192.0.2.1"], _directory);
        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("this server saves nothing; serve it with a configuration file", run.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    /// <summary>Check 5 of what the name server must show: kill -9 in the middle of 1,000 updates, again and again, loses none that was acknowledged.</summary>
    [Fact]
    [Trait("Category", "Long")]
    public async Task What_was_acknowledged_outlives_a_server_that_is_killed()
    {
        var acknowledged = new HashSet<int>();
        var next = 0;
        var seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var rounds = 0;
        for (; acknowledged.Count < 1000; rounds++)
        {
            // Where it is killed is chance: after this many answers, and then wherever it is at that moment.
            var last = acknowledged.Count + random.Next(1, 150);
            await using (var process = await new CliRunner { WorkingDirectory = _directory }.StartAsync(" is ready", "serve"))
            {
                var server = EndPointOf(process.Output);
                using var killed = new CancellationTokenSource();
                await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
                {
                    while (!killed.IsCancellationRequested)
                    {
                        var number = Interlocked.Increment(ref next);
                        if (!await TryUpdateAsync(server, number, client % 2 == 0, killed.Token))
                            return;
                        // It is killed while others still wait for their answers.
                        if (Note(acknowledged, number) == last)
                            await KillAsync(process, killed);
                    }
                }));
            }

            await using var again = await RunningProgram.StartAsync(_directory, "serve");
            foreach (var number in acknowledged)
                Assert.Equal(AddressOf(number), Assert.Single((await AskAsync(again, $"host{number}.dyn.example.test")).Answers).DataText);
            Assert.Equal(ExitCode.Ok, await again.StopAsync());
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged.Count} of {next} updates were acknowledged, the server was killed {rounds} times, none is lost");
    }

    private static string AddressOf(int number) => $"10.0.{number / 250 % 250}.{number % 250}";

    private static int Note(HashSet<int> acknowledged, int number)
    {
        lock (acknowledged)
        {
            acknowledged.Add(number);
            return acknowledged.Count;
        }
    }

    private static async Task KillAsync(RunningProcess process, CancellationTokenSource killed)
    {
        using var victim = System.Diagnostics.Process.GetProcessById(process.Id);
        victim.Kill();
        await killed.CancelAsync();
    }

    private static async Task<bool> TryUpdateAsync(IPEndPoint server, int number, bool overStream, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await UpdateAsync(server, $"host{number}.dyn.example.test", AddressOf(number), overStream, cancellationToken);
            Assert.Equal(ResponseCode.Success, answer.Code);
            return true;
        }
        catch (Exception error) when (error is IOException or TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private static Task<DnsMessage> UpdateAsync(IPEndPoint server, string name, string address, bool overStream = false, CancellationToken cancellationToken = default) =>
        new DnsClient(server) { UsesStream = overStream, Patience = TimeSpan.FromSeconds(30) }.AskAsync(
            new DnsMessage
            {
                OpCode = OpCode.Update,
                Questions = [new Question(DomainName.Parse("example.test"), RecordType.Soa)],
                Authorities = [ResourceRecord.Parse(DomainName.Parse(name), RecordType.A, 60, address)],
            },
            cancellationToken);

    private static IPEndPoint EndPointOf(RunningProgram program) => EndPointOf(program.Lines[0]);

    private static IPEndPoint EndPointOf(string output) => IPEndPoint.Parse(output.Split('\n')[0]["Names are answered on ".Length..]);

    private static Task<DnsMessage> AskAsync(RunningProgram program, string name) =>
        new DnsClient(EndPointOf(program)) { Patience = TimeSpan.FromSeconds(30) }.AskAsync(new DnsMessage { Questions = [new Question(DomainName.Parse(name), RecordType.A)] }, TestContext.Current.CancellationToken);

    private async Task<string> RunAsync(params string[] arguments)
    {
        var run = await CliRun.RunAsync(["dns:records", .. arguments], _directory);
        Assert.Equal("", run.Error);
        return run.Output;
    }

    private async Task<string> ZonesAsync() => (await CliRun.RunAsync(["dns:zones"], _directory)).Output;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
