using System.Diagnostics;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>What goes wrong around a command is one line and an exit code, and never a stack trace.</summary>
public sealed class EmptyPathTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("check", "")]
    [InlineData("check", "-c", "")]
    [InlineData("serve", "-c", "")]
    [InlineData("status", "-c", "")]
    [InlineData("status", "--control-socket", "")]
    [InlineData("config:show", "-c", "")]
    [InlineData("config:check", "--schema", "")]
    [InlineData("settings:all", "-c", "")]
    [InlineData("settings:all", "--file", "")]
    [InlineData("validation:check", "", "")]
    [InlineData("dns:check", "example.test", "")]
    [InlineData("dns:export", "example.test", "")]
    public async Task An_empty_name_of_a_file_is_a_usage_error(params string[] arguments)
    {
        var run = await CliRun.RunAsync(arguments, _directory.Path);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.StartsWith("The path [] is empty; ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith($"Run securely {arguments[0]} --help\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_has_thought_of_is_one_line_too()
    {
        using var error = new StringWriter { NewLine = "\n" };
        var environment = CliRun.Environment(_directory.Path) with { Variables = () => throw new InvalidOperationException("first\nsecond") };

        var code = await new SecurelyApplication(new Output(TextWriter.Null, error), environment).RunAsync(["config:show"], TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Failed, "The command failed: first second (InvalidOperationException)\n"), (code, error.ToString()));
    }

    [Fact]
    public async Task A_working_directory_that_is_gone_is_one_line()
    {
        var (code, error) = await RunAsync($"mkdir gone && cd gone && rmdir ../gone && exec \"$0\" check");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal("The working directory does not exist any more; change to another one\n", error);
    }

    [Fact]
    public async Task A_closed_standard_output_is_one_line()
    {
        _directory.Write("securely.yaml", "threads: 1\n");

        var (code, error) = await RunAsync("exec \"$0\" check >&-");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.Contains("tandard output", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Error)> RunAsync(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", script, CliRunner.FindBinary()])
        {
            WorkingDirectory = _directory.Path,
            RedirectStandardError = true,
        })!;
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, error);
    }
}
