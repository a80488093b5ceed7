using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>The commands that ask a running server, over a server that runs in this process.</summary>
public sealed partial class ControlTests : IDisposable
{
    private const string OneSite = "listeners: [{address: 127.0.0.1:0}]\nsites: [{hosts: [\"*\"], routes: [{respond: {body: hello}}]}]\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Status_counts_requests_connections_and_idle_upstream_connections()
    {
        Write("app.yaml", OneSite);
        await using var app = await RunningProgram.StartAsync(_directory, "serve", "-c", "app.yaml");
        Write("securely.yaml", $$"""
            data_dir: data
            threads: 2
            listeners: [{address: 127.0.0.1:0}, {address: 127.0.0.1:0}]
            upstreams:
              app:
                servers: ["{{app.Address.Authority}}", {address: "{{app.Address.Authority}}", weight: 2}]
            sites: [{hosts: ["*"], routes: [{upstream: app}]}]
            """);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        for (var i = 0; i < 7; i++)
            Assert.Equal("hello", await program.GetAsync("/"));
        using var first = await ConnectAsync(program.Lines[0]);
        using var second = await ConnectAsync(program.Lines[1]);
        using var third = await ConnectAsync(program.Lines[1]);

        var status = await StatusAsync(report => report.Phase == "running" && report.Connections == 3 && report.Listeners[1].Connections == 2);

        Assert.Equal((ProductVersion.Text, Environment.ProcessId, "running"), (status.Version, status.ProcessId, status.Phase));
        Assert.Equal(Path.Combine(_directory, "securely.yaml"), status.Configuration);
        Assert.Equal(7, status.Requests.Total);
        Assert.InRange(status.Requests.PerSecondOfTenSeconds, 0.1, 7 / status.UptimeSeconds * 1.5);
        Assert.Equal(program.Lines.Take(2), status.Listeners.Select(listener => listener.Address));
        Assert.Equal([1, 2], status.Listeners.Select(listener => listener.Connections));
        Assert.Equal(["sites/0", "sites/1"], status.Workers.Select(worker => worker.Name));
        Assert.Equal(3, status.Workers.Sum(worker => worker.Connections));
        Assert.All(status.Workers, worker => Assert.InRange(worker.Load, 0, 1));
        var server = Assert.Single(Assert.Single(status.Upstreams).Servers);
        Assert.Equal((app.Address.Authority, 3, "ready"), (server.Address, server.Weight, server.State));
        var pool = Assert.Single(status.Pools);
        Assert.Equal(("sites", 256L), (pool.Name, pool.Limit));
        Assert.InRange(pool.Idle, 1, 2);
    }

    [Fact]
    public async Task Status_for_people_has_a_layout()
    {
        Write("securely.yaml", "data_dir: data\nthreads: 1\n" + OneSite + "upstreams: {app: {servers: [127.0.0.1:1, 127.0.0.1:2]}}\n");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        await program.GetAsync("/");
        await StatusAsync(report => report.Connections == 0 && report.Phase == "running");

        var run = await CliRun.RunAsync(["status"], _directory);

        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Golden.Matches(Path.Combine("control", "status.txt"), Masked(run.Output, program.Address));
    }

    [Fact]
    public async Task Status_may_be_watched()
    {
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        using var enough = new CancellationTokenSource();
        using var lines = new CountingWriter(3, enough);
        var output = new Output(lines, TextWriter.Null);

        var code = await new SecurelyApplication(output, CliRun.Environment(_directory)).RunAsync(["status", "--json", "--watch", "0.1"], enough.Token);

        Assert.Equal(ExitCode.Ok, code);
        // The program says that it is ready a moment before it is what it calls running.
        Assert.All(lines.Lines, line => Assert.Contains(JsonDocument.Parse(line).RootElement.GetProperty("phase").GetString(), new[] { "bootstrap_complete", "running" }));
    }

    [Fact]
    public async Task A_terminal_is_drawn_over()
    {
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        using var enough = new CancellationTokenSource();
        using var text = new StringWriter { NewLine = "\n" };
        using var flushed = new FlushCounter(text, 2, enough);
        var output = new Output(flushed, TextWriter.Null) { IsTerminal = true };

        await new SecurelyApplication(output, CliRun.Environment(_directory)).RunAsync(["status", "--watch", "0.1"], enough.Token);

        var pages = text.ToString().Split("\e[H");
        Assert.Equal(3, pages.Length);
        Assert.StartsWith("\e[JSecurely ", pages[1], StringComparison.Ordinal);
        Assert.StartsWith("Securely ", pages[2], StringComparison.Ordinal);
        Assert.All(pages[1..], page => Assert.EndsWith("\e[K\n\e[J", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_server_on_one_data_directory_is_refused()
    {
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var second = await CliRun.RunAsync(["serve"], _directory);

        Assert.Equal((ExitCode.Failed, ""), (second.ExitCode, second.Output));
        Assert.EndsWith(
            string.Create(CultureInfo.InvariantCulture, $"Control socket [{Path.Combine(_directory, "data", "control.sock")}] cannot be made: the server that runs as process [{Environment.ProcessId}] has it; stop that one, or choose another path\n"),
            second.Error, StringComparison.Ordinal);
        Assert.Equal("hello", await program.GetAsync("/"));
        await StatusAsync(report => report.Phase == "running");
    }

    [Fact]
    public async Task Servers_that_name_no_directory_do_not_keep_each_other_from_running()
    {
        Write("securely.yaml", OneSite);
        await using var first = await RunningProgram.StartAsync(_directory, "serve");
        await using var second = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("hello", await second.GetAsync("/"));
        await StatusAsync(report => report.Listeners[0].Address == first.Lines[0]);
        Assert.Equal(ExitCode.Ok, await second.StopAsync());
        Assert.Contains("has it; stop that one, or choose another path; the server runs without, so nobody can ask for its status", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_ends_the_start_only_where_it_was_asked_for()
    {
        Write("file", "");
        Write("securely.yaml", "data_dir: file/data\n" + OneSite);
        var asked = await CliRun.RunAsync(["serve"], _directory);
        Assert.Equal(ExitCode.Configuration, asked.ExitCode);
        Assert.Contains($"[{Path.Combine(_directory, "file")}] is a file; name a directory", asked.Error, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            // Where not even root may make one.
            Write("securely.yaml", "data_dir: /proc/nothing\n" + OneSite);
            var refused = await CliRun.RunAsync(["serve"], _directory);
            Assert.Equal(ExitCode.Failed, refused.ExitCode);
            Assert.Contains("The data directory [/proc/nothing] cannot be made: it does not exist; choose another [data_dir]", refused.Error, StringComparison.Ordinal);
        }

        Write(".local", "in the way");
        Write("securely.yaml", OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        Assert.Equal("hello", await program.GetAsync("/"));
    }

    [Fact]
    public async Task The_directory_and_the_socket_are_for_their_owner_only_and_the_socket_goes_with_the_server()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no modes here");
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        var socket = Path.Combine(_directory, "data", "control.sock");
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("700", Mode(Path.Combine(_directory, "data")));
        Assert.Equal("600", Mode(socket));
        await program.StopAsync();
        Assert.False(File.Exists(socket));
    }

    [Fact]
    public async Task Proxy_can_be_asked_where_it_is_told_to()
    {
        await using var program = await RunningProgram.StartAsync(_directory, "proxy", "--from", "127.0.0.1:0", "--to", "127.0.0.1:1", "--control-socket", "proxy.sock");

        var run = await CliRun.RunAsync(["status", "--control-socket", "proxy.sock", "--json"], _directory);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        using var status = JsonDocument.Parse(run.Output);
        Assert.Equal(JsonValueKind.Null, status.RootElement.GetProperty("configuration").ValueKind);
    }

    [Fact]
    public async Task A_mistake_elsewhere_in_the_file_does_not_hide_the_server()
    {
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        Write("securely.yaml", "data_dir: data\nlisteners: [{adress: 1}]\nsites: 7\n");

        await StatusAsync(report => report.Phase == "running");
    }

    [Theory]
    [InlineData("log:level loud", ExitCode.Usage, "Level [loud] is not known; choose one of trace, debug, info, warning, error, critical, off, default\nRun securely log:level --help\n")]
    [InlineData("log:level debgu", ExitCode.Usage, "Level [debgu] is not known; did you mean [debug]?\nRun securely log:level --help\n")]
    [InlineData("log:level debug --category Securely.Service.site", ExitCode.Failed, "Category [Securely.Service.site] is not known; did you mean [Securely.Service.sites]?\n")]
    [InlineData("status --watch 0", ExitCode.Usage, "Option [--watch]: [0] seconds are out of range; they are 0.1 to 3600\nRun securely status --help\n")]
    [InlineData("stop --wait -1", ExitCode.Usage, "Option [--wait]: [-1] seconds are out of range; they are 0 to 2592000\nRun securely stop --help\n")]
    [InlineData("status -c missing.yaml", ExitCode.Configuration, null)]
    public async Task What_cannot_be_is_refused(string line, int code, string? error)
    {
        Write("securely.yaml", "data_dir: data\n" + OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        var run = await CliRun.RunAsync(line.Split(' '), _directory);

        Assert.Equal(code, run.ExitCode);
        if (error is not null)
            Assert.Equal(error, run.Error);
    }

    /// <summary>Asks until the figures are as they must become; connections close a moment after their client has.</summary>
    private async Task<StatusReport> StatusAsync(Func<StatusReport, bool> wanted)
    {
        while (true)
        {
            var run = await CliRun.RunAsync(["status", "--json"], _directory);
            Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
            var report = JsonSerializer.Deserialize(run.Output, StatusJson.Default.StatusReport)!;
            if (wanted(report))
                return report;
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static async Task<Socket> ConnectAsync(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(new Uri(address).Authority));
        return socket;
    }

    /// <summary>Hides what differs from run to run, in as many characters as it has.</summary>
    private string Masked(string text, Uri address)
    {
        text = text.Replace(address.Authority, "127.0.0.1:PORT".PadRight(address.Authority.Length, 'T'), StringComparison.Ordinal)
            .Replace(_directory, "DIRECTORY", StringComparison.Ordinal)
            .Replace(ProductVersion.Text, "VERSION", StringComparison.Ordinal);
        text = ProcessPattern().Replace(text, "PID, running for TIME");
        text = RatePattern().Replace(text, "N requests/s");
        return LoadPattern().Replace(text, "  N %");
    }

    [GeneratedRegex("[0-9]+, running for [0-9]+s")]
    private static partial Regex ProcessPattern();

    [GeneratedRegex(@"[0-9.]+ requests/s")]
    private static partial Regex RatePattern();

    [GeneratedRegex(" +[0-9]+ %")]
    private static partial Regex LoadPattern();

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "" : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    /// <summary>Says when so many lines have come.</summary>
    private sealed class CountingWriter(int wanted, CancellationTokenSource enough) : StringWriter
    {
        public List<string> Lines { get; } = [];

        public override void WriteLine(string? value)
        {
            Lines.Add(value!);
            if (Lines.Count == wanted)
                enough.Cancel();
        }
    }

    /// <summary>Hands everything on, and says when it was flushed so often.</summary>
    private sealed class FlushCounter(TextWriter inner, int wanted, CancellationTokenSource enough) : StringWriter
    {
        private int _flushes;

        public override void Write(string? value) => inner.Write(value);

        public override async Task FlushAsync(CancellationToken cancellationToken)
        {
            if (++_flushes == wanted)
                await enough.CancelAsync();
        }
    }
}
