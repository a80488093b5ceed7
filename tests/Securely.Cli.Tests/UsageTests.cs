using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>A command line that cannot be carried out says why in the words of whoever typed it.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("reload", "Command [reload] is not available yet\nRun securely --help\n")]
    [InlineData("queue:work --once", "Command [queue:work] is not available yet\nRun securely --help\n")]
    [InlineData("dns:keys", "Command [dns:keys] is not available yet\nRun securely --help\n")]
    [InlineData("help mail:send", "Command [mail:send] is not available yet\nRun securely --help\n")]
    [InlineData("list queue", "The commands of [queue] are not available yet\nRun securely list --help\n")]
    [InlineData("status --watch abc", "Option [--watch]: [abc] is not a number, as in [--watch 2]\nRun securely status --help\n")]
    [InlineData("events:listen --count abc", "Option [--count]: [abc] is not a whole number, as in [--count 2]\nRun securely events:listen --help\n")]
    [InlineData("dns:install --port abc", "Option [--port]: [abc] is not a whole number, as in [--port 2]\nRun securely dns:install --help\n")]
    [InlineData("settings:rollback x", "Argument [CHANGE]: [x] is not a whole number, as in [2]\nRun securely settings:rollback --help\n")]
    [InlineData("check -c", "Option [-c] needs a value, FILE\nRun securely check --help\n")]
    [InlineData("proxy --from 127.0.0.1:0 --to 127.0.0.1:1 -c x", "Option [-c] is not defined; this command reads no file, and takes servers behind [--to]\nRun securely proxy --help\n")]
    [InlineData("dns:serve", "Option [--listen] is required\nRun securely dns:serve --help\n")]
    [InlineData("dns:serve -c x --listen 127.0.0.1:0", "Option [--listen] is in the file that [-c] names; leave one of them out\nRun securely dns:serve --help\n")]
    public async Task Says_what_is_wrong(string line, string expected)
    {
        var run = await CliRun.RunAsync(line.Split(' '), _directory.Path);

        Assert.Equal((ExitCode.Usage, expected), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task A_name_server_answers_as_the_section_of_a_file_says_and_serves_nothing_else_of_it()
    {
        _directory.Write("a.zone", "$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n");
        _directory.Write("securely.yaml", "data_dir: data\nlisteners: [{address: \"127.0.0.1:1\"}]\nmetrics: {address: \"192.0.2.1:1\"}\ndns: {listen: \"127.0.0.1:0\", zones: [{name: a.test, file: a.zone}]}\n");

        await using var program = await RunningProgram.StartAsync(_directory.Path, "dns:serve", "-c", "securely.yaml");

        Assert.StartsWith("Names are answered on 127.0.0.1:", program.Lines[0], StringComparison.Ordinal);
        Assert.Equal(2, program.Lines.Count);
    }

    [Fact]
    public async Task A_file_without_the_section_is_no_name_server()
    {
        _directory.Write("securely.yaml", "threads: 1\n");

        var run = await CliRun.RunAsync(["dns:serve", "-c", "securely.yaml"], _directory.Path);

        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains("securely.yaml:1:1: [dns] is missing", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_file_is_not_made()
    {
        var run = await CliRun.RunAsync(["config:set", "threads", "2", "-c", "nofile.yaml"], _directory.Path);

        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains("nofile.yaml:1:1: ", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("config:show")]
    [InlineData("config:get limits.connections")]
    public async Task A_value_that_the_server_does_not_read_is_shown_with_a_warning(string line)
    {
        _directory.Write("securely.yaml", "max_retries: 3\n");
        _directory.Write(".env", "LIMITS__CONNECTIONS=4\n");

        var run = await CliRun.RunAsync(line.Split(' '), _directory.Path);

        Assert.Contains("warning: [limits] comes from [", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("max_retries", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("securely.yaml", "] is a file and no control socket; ")]
    [InlineData(".", "] is a directory and no control socket; ")]
    public async Task What_is_no_control_socket_is_not_one_that_is_left(string path, string expected)
    {
        _directory.Write("securely.yaml", "threads: 1\n");

        var run = await CliRun.RunAsync(["status", "--control-socket", path], _directory.Path);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_of_settings_is_named_with_its_place()
    {
        var run = await CliRun.RunAsync(["settings:import", "no.json"], _directory.Path);

        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains("no.json:1:1: ", run.Error, StringComparison.Ordinal);
    }
}
