using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Securely.Dns;
using Securely.Dns.Records;
using Securely.Testing;

namespace Securely.Functional.Tests;

/// <summary>
/// One zone of 1,000 is read again and again while <c>dnsperf</c> asks for all of them: no question is lost, and every answer is of one version of its
/// zone, the newest that anybody has seen or a newer one.
/// </summary>
public sealed partial class ZoneReloadTests(ITestOutputHelper output)
{
    private const int Zones = 1000;
    private const int Changed = 500;
    private const int Versions = 4;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task A_reload_under_load_loses_no_question_and_answers_none_wrongly(string transport)
    {
        using var directory = new TemporaryDirectory();
        WriteConfiguration(directory);
        await using var server = await new CliRunner { WorkingDirectory = directory.Path, Limit = _patience }.StartAsync(" is ready", "serve", "-c", "securely.yaml");
        var address = IPEndPoint.Parse(server.Output.Split('\n')[0]["Names are answered on ".Length..]);
        using var stop = new CancellationTokenSource();
        await using var load = await StartLoadAsync(directory, address, transport, "-l", "100000");
        var watchers = new[] { WatchAsync(address, isStream: false, stop.Token), WatchAsync(address, isStream: true, stop.Token) };

        for (var version = 2; version <= Versions; version++)
        {
            WriteZone(directory, Changed, version);
            await SeeAsync(address, version);
        }

        load.Signal(PosixSignal.SIGINT);
        var report = await load.WaitForExitAsync(_patience);
        await stop.CancelAsync();
        var seen = await Task.WhenAll(watchers);
        var answers = Count(report, final: false);
        Assert.All(seen, count => Assert.True(count >= Versions));
        var last = Count(await (await StartLoadAsync(directory, address, transport, "-n", "1")).WaitForExitAsync(_patience), final: true);
        Assert.Equal((Zones - 1) * 3 + Versions + 2, last);
        output.WriteLine($"{transport}: {Versions - 1} reloads, {answers} questions of dnsperf answered, 0 lost, 0 wrong; {seen.Sum()} answers looked at whole");
    }

    // What a zone has at every moment: a set of two records of one version, a name that is always there, and one that its version alone has.
    private static void WriteZone(TemporaryDirectory directory, int number, int version)
    {
        var text = $"$TTL 60\n@ SOA ns admin {version} 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.1\nboth TXT \"{version} a\"\nboth TXT \"{version} b\"\nv{version} A 192.0.2.{version}\n";
        // It is put in its place whole, as an editor does.
        File.Move(directory.Write("new.zone", text), directory.File($"z{number}.zone"), overwrite: true);
    }

    private static void WriteConfiguration(TemporaryDirectory directory)
    {
        for (var number = 0; number < Zones; number++)
            WriteZone(directory, number, 1);
        var zones = Enumerable.Range(0, Zones).Select(number => $"    - {{name: z{number}.test, file: z{number}.zone}}\n");
        directory.Write("securely.yaml", $"data_dir: data\ncontrol_socket: control.sock\ndns:\n  listen: [127.0.0.1:0]\n  zones:\n{string.Concat(zones)}");
        var names = Enumerable.Range(0, Zones).SelectMany(number => NamesOf(number).Select(name => $"{name}.z{number}.test A\n"));
        directory.Write("questions", string.Concat(names));
    }

    private static IEnumerable<string> NamesOf(int number) => ["www", .. Enumerable.Range(1, number == Changed ? Versions + 1 : 2).Select(version => $"v{version}")];

    private static async Task<RunningProcess> StartLoadAsync(TemporaryDirectory directory, IPEndPoint address, string transport, params string[] more)
    {
        var runner = new CliRunner { Binary = ExternalProgram.Find("dnsperf", "dnsperf"), WorkingDirectory = directory.Path, Limit = _patience };
        // At a rate that leaves the machine to others; nobody gives up before the test does.
        return await runner.StartAsync(
            "> NOERROR",
            ["-s", $"{address.Address}", "-p", $"{address.Port}", "-m", transport, "-d", "questions", "-c", "4", "-Q", "2000", "-t", "170", "-v", .. more]);
    }

    // Waits until a version is served; it is not taken back from then on.
    private static async Task SeeAsync(IPEndPoint address, int version)
    {
        using var patience = new CancellationTokenSource(_patience);
        while (await AskAsync(address, isStream: false, patience.Token) < version)
            patience.Token.ThrowIfCancellationRequested();
    }

    // Asks again and again, one question after the other, so that a version that was seen may not become an older one.
    private static async Task<int> WatchAsync(IPEndPoint address, bool isStream, CancellationToken stop)
    {
        var (count, newest) = (0, 1);
        for (; !stop.IsCancellationRequested; count++)
        {
            var version = await AskAsync(address, isStream, TestContext.Current.CancellationToken);
            Assert.InRange(version, newest, Versions);
            newest = version;
        }

        Assert.Equal(Versions, await AskAsync(address, isStream, TestContext.Current.CancellationToken));
        return count;
    }

    // The version that an answer is of; both records of its set are.
    private static async Task<int> AskAsync(IPEndPoint address, bool isStream, CancellationToken cancellationToken)
    {
        var question = new DnsMessage { Questions = [new Question(DomainName.Parse($"both.z{Changed}.test"), RecordType.Txt)] };
        var answer = await new DnsClient(address) { UsesStream = isStream, Patience = _patience }.AskAsync(question, cancellationToken);
        Assert.True(answer.IsAuthoritative);
        var texts = answer.Answers.Select(record => record.DataText.Trim('"')).Order(StringComparer.Ordinal).ToList();
        var version = int.Parse(texts[0].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Equal([$"{version} a", $"{version} b"], texts);
        return version;
    }

    // Each line has the code of an answer and its question; the codes say of which version the zone was.
    private static int Count(CliResult report, bool final)
    {
        Assert.True(report.ExitCode == 0, report.Error);
        Assert.Matches("Queries lost: +0 ", report.Output);
        var lines = Lines().Matches(report.Output);
        foreach (Match line in lines)
        {
            var (name, zone) = (line.Groups["name"].Value, int.Parse(line.Groups["zone"].Value, CultureInfo.InvariantCulture));
            var current = zone != Changed ? 1 : final ? Versions : 0;
            // While it changes, the only wrong code of the changed zone is that of a name it always or never has.
            var isThere = name == "www" || (current > 0 ? name == $"v{current}" : name != $"v{Versions + 1}");
            if (current == 0 && name is not "www" && isThere)
                Assert.Contains(line.Groups["code"].Value, (string[])["NOERROR", "NXDOMAIN"]);
            else
                Assert.True(line.Groups["code"].Value == (isThere ? "NOERROR" : "NXDOMAIN"), line.Value);
        }

        Assert.Equal(int.Parse(Completed().Match(report.Output).Groups[1].Value, CultureInfo.InvariantCulture), lines.Count);
        return lines.Count;
    }

    [GeneratedRegex("^> (?<code>\\S+) (?<name>[a-z0-9]+)\\.z(?<zone>[0-9]+)\\.test A .*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Lines();

    [GeneratedRegex("Queries completed: +([0-9]+) ")]
    private static partial Regex Completed();
}
