using System.Net;
using Securely.Dns;
using Securely.Dns.Records;

namespace Securely.Cli.Tests;

/// <summary>Names of others, blocked names, views and encrypted questions, as a configuration file says.</summary>
public sealed class DnsForwardTests : IDisposable
{
    private const string Zone = "$TTL 600\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.53\nwww A 192.0.2.1\nads A 192.0.2.66\n";
    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Names_of_others_are_asked_of_upstreams_kept_forgotten_and_blocked()
    {
        Write("example.zone", Zone);
        await using var upstream = await RunningProgram.StartAsync(_directory, "dns:serve", "--listen", "127.0.0.1:0", "--zone", "example.test=example.zone");
        Write("block.txt", "||ads.example.test^\n");
        Write("securely.yaml", $$"""
            control_socket: c.sock
            data_dir: data
            dns:
              listen: [127.0.0.1:0]
              forward: ["{{EndPointOf(upstream)}}"]
              forward_timeout: 60s
              block: {lists: [block.txt], answer: zero}
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var answer = await AskAsync(program, "www.example.test");
        Assert.Equal("192.0.2.1", Assert.Single(answer.Answers).DataText);
        Assert.Equal((false, true), (answer.IsAuthoritative, answer.RecursionAvailable));
        var blocked = await AskAsync(program, "x.ads.example.test");
        Assert.Equal("0.0.0.0", Assert.Single(blocked.Answers).DataText);
        Assert.Equal(15, blocked.Edns!.Find(EdnsOptionCode.ExtendedError)!.Value.Span[1]);

        await upstream.StopAsync();
        Assert.Single((await AskAsync(program, "www.example.test")).Answers);
        var flushed = await CliRun.RunAsync(["dns:flush", "example.test", "--below", "--control-socket", "c.sock"], _directory);
        Assert.Equal((ExitCode.Ok, "Answers forgotten: 1\n"), (flushed.ExitCode, flushed.Output));
        Assert.Equal(ResponseCode.ServerFailure, (await AskAsync(program, "www.example.test")).Code);
        var json = await CliRun.RunAsync(["dns:flush", "--json", "--control-socket", "c.sock"], _directory);
        Assert.Contains("\"forgotten\": 1", json.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task Questions_come_over_tls_and_https_too()
    {
        Write("example.zone", Zone);
        var (dot, doh) = (FreePort.AtOrAfter(IPAddress.Loopback, 20853), FreePort.AtOrAfter(IPAddress.Loopback, 28443));
        Write("securely.yaml", $$"""
            control_socket: c.sock
            data_dir: data
            dns:
              listen: [127.0.0.1:0]
              zones: [{name: example.test, file: example.zone}]
              dot: {listen: [127.0.0.1:{{dot}}], tls: auto}
              doh: {listen: [127.0.0.1:{{doh}}], tls: auto, path: /names}
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        foreach (var address in (string[])[$"tls://127.0.0.1:{dot}", $"https://127.0.0.1:{doh}/names"])
        {
            Write("other.yaml", $$"""
                control_socket: o.sock
                data_dir: other
                dns:
                  listen: [127.0.0.1:0]
                  forward: {address: "{{address}}", name: localhost, ca: data/authority/ca.pem}
                  forward_timeout: 60s
                """);
            await using var other = await RunningProgram.StartAsync(_directory, "serve", "-c", "other.yaml");
            Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(other, "www.example.test")).Answers).DataText);
            Assert.Equal(ExitCode.Ok, await other.StopAsync());
        }

        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task A_view_is_for_its_networks()
    {
        Write("example.zone", Zone);
        Write("inside.zone", Zone.Replace("192.0.2.1", "10.0.0.1", StringComparison.Ordinal));
        foreach (var (network, expected) in ((string, string)[])[("127.0.0.0/8", "10.0.0.1"), ("10.0.0.0/8", "192.0.2.1")])
        {
            Write("securely.yaml", $$"""
                dns:
                  listen: [127.0.0.1:0]
                  zones: [{name: example.test, file: example.zone}]
                  views: [{networks: [{{network}}], zones: [{name: example.test, file: inside.zone}]}]
                """);
            await using var program = await RunningProgram.StartAsync(_directory, "serve");
            Assert.Equal(expected, Assert.Single((await AskAsync(program, "www.example.test")).Answers).DataText);
            Assert.Equal(ExitCode.Ok, await program.StopAsync());
        }
    }

    [Fact]
    public async Task A_view_has_local_names_upstreams_and_files_of_its_own()
    {
        Write("example.zone", Zone);
        Write("inside.zone", Zone.Replace("192.0.2.1\n", "10.0.0.1\n", StringComparison.Ordinal));
        await using var upstream = await RunningProgram.StartAsync(_directory, "dns:serve", "--listen", "127.0.0.1:0", "--zone", "example.test=example.zone");
        Write("securely.yaml", $$"""
            data_dir: data
            dns:
              listen: [127.0.0.1:0]
              local: {tlds: [lan]}
              forward_timeout: 60s
              routes: [{domains: [other.test], forward: ["127.0.0.1:1"]}]
              views:
                - networks: [127.0.0.0/8]
                  zones: [{name: inside.test, file: inside.zone}]
                  local: {tlds: [lan, dev.test], address: 10.0.0.9}
                  routes: [{domains: [example.test], forward: ["{{EndPointOf(upstream)}}"]}]
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("10.0.0.9", Assert.Single((await AskAsync(program, "app.lan")).Answers).DataText);
        Assert.Equal("10.0.0.9", Assert.Single((await AskAsync(program, "app.dev.test")).Answers).DataText);
        Assert.Equal("192.0.2.1", Assert.Single((await AskAsync(program, "www.example.test")).Answers).DataText);
        Assert.Equal("10.0.0.1", Assert.Single((await AskAsync(program, "www.inside.test")).Answers).DataText);
        // Nobody else is asked for these.
        Assert.Equal("127.0.0.1", Assert.Single((await AskAsync(program, "app.localhost")).Answers).DataText);

        Write("inside.zone", Zone.Replace("admin 1", "admin 2", StringComparison.Ordinal).Replace("192.0.2.1\n", "10.0.0.2\n", StringComparison.Ordinal));
        while ((await AskAsync(program, "www.inside.test")).Answers[0].DataText != "10.0.0.2")
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        Assert.Equal(ExitCode.Ok, await program.StopAsync());
    }

    [Fact]
    public async Task A_zone_of_a_view_is_what_its_file_says()
    {
        Write("inside.zone", Zone);
        Write("securely.yaml", "dns:\n  listen: [127.0.0.1:0]\n  views: [{networks: [10.0.0.0/8], zones: [{name: inside.test, file: inside.zone, notify: [192.0.2.1]}]}]\n");
        var run = await CliRun.RunAsync(["check"], _directory);
        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains("[notify]: a zone of a view is what its file says; give a zone of [dns.zones] this key, or change the file", run.Output + run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_name_nothing_is_below()
    {
        var run = await CliRun.RunAsync(["dns:flush", "--below"], _directory);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("[--below] needs a NAME", run.Error, StringComparison.Ordinal);
    }

    private static IPEndPoint EndPointOf(RunningProgram program) => IPEndPoint.Parse(program.Lines[0]["Names are answered on ".Length..]);

    private static Task<DnsMessage> AskAsync(RunningProgram program, string name) =>
        new DnsClient(EndPointOf(program)) { Patience = TimeSpan.FromSeconds(60) }.AskAsync(
            new DnsMessage { RecursionDesired = true, Questions = [new Question(DomainName.Parse(name), RecordType.A)], Edns = new Edns() }, TestContext.Current.CancellationToken);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
