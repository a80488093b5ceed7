using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Securely.Cli.Tests;

/// <summary>The section <c>log</c>, and the commands that show the log, over a server that runs in this process.</summary>
public sealed class LogChannelsTests : IDisposable
{
    private const string OneSite = "data_dir: data\nlisteners: [{address: 127.0.0.1:0}]\nsites: [{hosts: [\"*\"], routes: [{respond: {body: hello}}]}]\n";

    private const string Channels =
        "log:\n  default: all\n  channels:\n    all: {driver: stack, name: sites, channels: [file, lines]}\n    file: {driver: single, path: logs/server.json, format: json}\n"
        + "    lines: {driver: single, path: logs/server.log, level: debug}\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("securely-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_server_logs_to_the_channels_in_place_of_standard_error()
    {
        Write("error_log: error.log\n" + OneSite + Channels);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        await program.StopAsync();

        Assert.Equal("", program.Error);
        Assert.Contains("] sites.INFO: Service [sites] has ended {\"category\":\"Securely.Hosting.Server\"", Read("logs/server.log"), StringComparison.Ordinal);
        Assert.Contains("] sites.DEBUG: Phase [GracefulTerminate]", Read("logs/server.log"), StringComparison.Ordinal);
        Assert.DoesNotContain("DEBUG", Read("logs/server.json"), StringComparison.Ordinal);
        Assert.Contains("info Securely.Hosting.Server: Service [sites] has ended\n", Read("error.log"), StringComparison.Ordinal);
        using var line = JsonDocument.Parse(Read("logs/server.json").Split('\n').Last(text => text.Length > 0));
        Assert.Equal("INFO", line.RootElement.GetProperty("level_name").GetString());
    }

    [Fact]
    public async Task Shows_the_last_messages_and_those_that_come()
    {
        Write(OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");
        await RunAsync("log:level", "debug", "--category", "Securely.Hosting");
        await using var standard = new StringWriter();
        await using var error = new StringWriter { NewLine = "\n" };
        var application = new SecurelyApplication(new Output(standard, TextWriter.Synchronized(error)), CliRun.Environment(_directory));
        var following = application.RunAsync(["log:tail", "-f", "--category", "Securely.Hosting", "--filter", "gracefulterminate", "--json"], TestContext.Current.CancellationToken);
        await FollowedAsync(error);

        await program.StopAsync();

        Assert.Equal((ExitCode.Ok, "Following the log\nThe server has ended\n"), (await following, error.ToString()));
        using var line = JsonDocument.Parse(standard.ToString());
        Assert.Equal(("debug", "Securely.Hosting.Server", "Phase [GracefulTerminate]"), (Text(line, "level"), Text(line, "category"), Text(line, "message")));
    }

    [Fact]
    public async Task A_follower_is_told_what_was_said_before_the_end()
    {
        var tail = new LogTail();
        using var request = JsonDocument.Parse("{\"follow\": true}");
        using var end = new CancellationTokenSource();
        await using var answers = new LogTailControlCommand(tail).RunAsync(request.RootElement, end.Token).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.True(await answers.MoveNextAsync());

        tail.Add(DateTimeOffset.UnixEpoch, LogLevel.Information, "a", "last words");
        await end.CancelAsync();

        Assert.True(await answers.MoveNextAsync());
        Assert.Equal("last words", answers.Current.GetProperty("message").GetString());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await answers.MoveNextAsync());
    }

    [Fact]
    public async Task Shows_only_as_much_as_asked_for()
    {
        Write(OneSite);
        await using var program = await RunningProgram.StartAsync(_directory, "serve");

        Assert.Equal("", (await RunAsync("log:tail", "--level", "critical")).Output);
        Assert.Equal("", (await RunAsync("log:tail", "-n", "0")).Output);
        var usage = await RunAsync("log:tail", "-n", "2000");
        Assert.Equal(ExitCode.Usage, usage.ExitCode);
        Assert.StartsWith("Option [--lines]: [2000] is out of range; it is 0 to 1000\n", usage.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_the_channels_of_a_file()
    {
        Write(OneSite + Channels + "    hook: {driver: webhook, url: \"https://example.test/secret\", level: error}\n");

        var list = await RunAsync("log:channels");

        Assert.Equal(
            $"""
            Channels:  driver   level           goes to
              all      stack    info   default  file, lines
              file     single   info            {Path.Combine(_directory, "logs/server.json")}
              lines    single   debug           {Path.Combine(_directory, "logs/server.log")}
              hook     webhook  error           https://example.test

            """,
            list.Output, ignoreLineEndingDifferences: true);
        using var json = JsonDocument.Parse((await RunAsync("log:channels", "--json")).Output);
        Assert.Equal("all", json.RootElement.GetProperty("default").GetString());
        Assert.Equal(4, json.RootElement.GetProperty("channels").GetArrayLength());
    }

    [Fact]
    public async Task Without_the_section_it_says_where_the_log_goes()
    {
        Write(OneSite);
        Assert.Equal("There is no section [log]; the server logs to standard error\n", (await RunAsync("log:channels")).Output);
        Write("error_log: e.log\n" + OneSite);
        Assert.Equal($"There is no section [log]; the server logs to standard error and to {Path.Combine(_directory, "e.log")}\n", (await RunAsync("log:channels")).Output);
    }

    [Fact]
    public async Task A_stack_may_be_part_of_another_one()
    {
        Write(OneSite + "log: {default: all, channels: {all: {driver: stack, channels: [files, quiet]}, files: {driver: stack, channels: [debug]}, debug: {driver: single, path: d.log, level: debug}, quiet: {driver: stderr, level: error}}}\n");
        var run = await RunAsync("check");
        Assert.Equal((ExitCode.Ok, ""), (run.ExitCode, run.Error));
        Assert.Matches("all +stack +info +default +files, quiet", (await RunAsync("log:channels")).Output);
    }

    [Theory]
    [InlineData("log: {default: mian, channels: {main: {driver: stderr}}}", "[default]: channel [mian] is not defined; did you mean [main]?")]
    [InlineData("log: {default: a, channels: {a: {driver: stack, channels: [b]}}}", "[channels]: channel [b] is not defined; defined are [a]")]
    [InlineData("log: {default: a, channels: {a: {driver: stack, channels: [a]}}}", "[channels]: stack [a] has itself in it: [a] > [a]; take [a] out of it")]
    [InlineData("log: {default: a, channels: {a: {driver: stack, channels: [c, b]}, b: {driver: stack, channels: [a]}, c: {driver: stderr}}}", "[channels]: stack [b] has itself in it: [b] > [a] > [b]; take [a] out of it")]
    [InlineData("log: {default: a, channels: {a: {driver: single}}}", "[path]")]
    [InlineData("log: {default: a, channels: {a: {driver: stderr, path: x}}}", "[path] is for driver [single], [daily], and not for [stderr]; take it out")]
    [InlineData("log: {default: a, channels: {a: {driver: stderr, levle: info}}}", "[levle] is unknown in [log.channels.a]; did you mean [level]?")]
    [InlineData("log: {default: a, channels: {a: {driver: syslgo}}}", "[syslog]")]
    [InlineData("log: {channels: {a: {driver: stderr}}}", "[default]")]
    public async Task Says_what_is_wrong_with_the_section(string section, string message)
    {
        Write(OneSite + section + "\n");
        var run = await RunAsync("check");
        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private static string? Text(JsonDocument line, string name) => line.RootElement.GetProperty(name).GetString();

    private Task<CliRun> RunAsync(params string[] arguments) => CliRun.RunAsync(arguments, _directory);

    /// <summary>Asks the server until the other command has said that it follows.</summary>
    private async Task FollowedAsync(StringWriter error)
    {
        while (error.GetStringBuilder().Length == 0)
            await RunAsync("status");
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_directory, file));

    private void Write(string text) => File.WriteAllText(Path.Combine(_directory, "securely.yaml"), text);
}
