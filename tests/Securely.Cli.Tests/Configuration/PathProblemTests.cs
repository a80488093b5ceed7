using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>Paths that cannot be written to are said by check, and by serve in the same words.</summary>
public sealed class PathProblemTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("error_log: logs", "1:12: [error_log]: [logs] cannot be written: it is a directory; name a file in it")]
    [InlineData("error_log: file/x", "1:12: [error_log]: [file/x] cannot be written: [file] is a file; name a directory")]
    [InlineData("access_log: {path: logs}", "1:20: [path]: [logs] cannot be written: it is a directory; name a file in it")]
    [InlineData("dns: {listen: 127.0.0.1:0, query_log: {path: logs}}", "1:46: [path]: [logs] cannot be written: it is a directory; name a file in it")]
    [InlineData("data_dir: file", "1:11: [data_dir]: [file] is a file; name a directory")]
    [InlineData("data_dir: file/data", "1:11: [data_dir]: [file] is a file; name a directory")]
    public async Task A_path_that_cannot_be_is_an_error(string yaml, string expected)
    {
        foreach (var command in (string[])["check", "serve"])
        {
            var run = await RunAsync(yaml, command);

            Assert.Equal((ExitCode.Configuration, $"securely.yaml:{expected}\n"), (run.ExitCode, Relative(run.Error)));
        }
    }

    [Fact]
    public async Task A_directory_that_is_missing_is_a_warning_and_then_the_reason_why_nothing_is_served()
    {
        var check = await RunAsync("error_log: nodir/x", "check");
        Assert.Equal((ExitCode.Ok, "securely.yaml:1:12: warning: [error_log]: [nodir/x] cannot be written: its directory [nodir] does not exist; make that first\n"), (check.ExitCode, Relative(check.Error)));

        var serve = await RunAsync("error_log: nodir/x", "serve");
        Assert.Equal(ExitCode.Failed, serve.ExitCode);
        Assert.EndsWith("\nThe log file [nodir/x] cannot be opened: its directory [nodir] does not exist; make that first\n", Relative(serve.Error), StringComparison.Ordinal);
    }

    private Task<CliRun> RunAsync(string yaml, string command)
    {
        Directory.CreateDirectory(_directory.File("logs"));
        _directory.Write("file", "");
        _directory.Write("securely.yaml", yaml + "\n");
        return CliRun.RunAsync([command], _directory.Path);
    }

    private string Relative(string text) => text.Replace(_directory.Path + "/", "", StringComparison.Ordinal);
}
