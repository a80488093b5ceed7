using System.Runtime.InteropServices;
using Securely.Testing;
using Xunit.Sdk;

namespace Securely.Functional.Tests;

/// <summary>Running programs and comparing files with the tools of Securely.Testing.</summary>
public sealed class ProcessToolsTests
{
    private static readonly CliRunner Shell = new() { Binary = "/bin/sh" };

    [Fact]
    public async Task Captures_output_error_and_exit_code()
    {
        var result = await Shell.RunAsync("-c", "echo out; echo err >&2; exit 3");

        Assert.Equal(new CliResult(3, "out\n", "err\n"), result);
    }

    [Fact]
    public async Task Gives_input_environment_and_directory()
    {
        using var directory = new TemporaryDirectory();
        var runner = new CliRunner
        {
            Binary = "/bin/sh",
            Input = "typed",
            WorkingDirectory = directory.Path,
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SECURELY_TEST"] = "set", ["HOME"] = null },
        };

        var result = await runner.RunAsync("-c", "cat; echo; echo $SECURELY_TEST ${HOME-none}; pwd");

        Assert.Equal($"typed\nset none\n{directory.Path}\n", result.Output);
    }

    [Fact]
    public async Task Waits_for_a_line_signals_and_collects_the_rest()
    {
        await using var process = await Shell.StartAsync("ready on", "-c", "trap 'echo stopped; exit 7' TERM; echo ready on 1 >&2; while :; do read -r line || wait; sleep 1 & wait; done");

        Assert.Equal("ready on 1", await process.WaitForLineAsync("ready"));
        process.Signal(PosixSignal.SIGTERM);
        var result = await process.WaitForExitAsync();

        Assert.Equal((7, "stopped\n"), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_signal_that_kills_is_128_and_its_number()
    {
        await using var process = await Shell.StartAsync("up", "-c", "echo up; exec sleep 600");

        process.Signal(9);

        Assert.Equal(137, (await process.WaitForExitAsync()).ExitCode);
        Assert.Throws<InvalidOperationException>(() => process.Signal(9));
    }

    [Fact]
    public async Task A_program_that_ends_before_it_is_ready_says_what_it_printed()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Shell.StartAsync("ready", "-c", "echo address in use >&2; exit 1"));

        Assert.Contains("ended with exit code 1 before [ready]; output: [], error: [address in use]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_end_is_killed_and_says_what_it_printed()
    {
        var runner = new CliRunner { Binary = "/bin/sh", Limit = TimeSpan.FromMilliseconds(500) };

        var error = await Assert.ThrowsAsync<TimeoutException>(() => runner.RunAsync("-c", "echo began; exec sleep 600"));

        Assert.Contains("output: [began]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_the_built_securely()
    {
        Assert.Equal("securely", Path.GetFileNameWithoutExtension(CliRunner.FindBinary()));

        var result = await new CliRunner().RunAsync("--help");

        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Runs_nginx_on_a_free_port()
    {
        await using var nginx = await ExternalServer.StartAsync(ExternalProgram.Nginx("""location / { return 200 "hello"; }"""));
        await using var client = await RawClient.ConnectAsync(nginx.EndPoint);

        var response = await client.ExchangeAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal((200, "hello"), (response.Status, response.BodyText));
    }

    [Fact]
    public async Task A_program_that_is_not_installed_fails_and_says_how_to_install_it()
    {
        var missing = ExternalProgram.Nginx("") with { Name = "no-such-program" };

        var error = await Assert.ThrowsAsync<FileNotFoundException>(() => ExternalServer.StartAsync(missing));

        Assert.Equal("Program [no-such-program] is not installed; install it with: apt-get install -y nginx-light", error.Message);
    }

    [Fact]
    public async Task An_external_program_that_refuses_its_configuration_says_why()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ExternalServer.StartAsync(ExternalProgram.Nginx("no_such_directive on;")));

        Assert.Contains("unknown directive \"no_such_directive\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_golden_file_that_is_the_same_passes() => Golden.Matches("testing/golden.txt", "one\r\ntwo\nthree \n");

    [Fact]
    public void A_golden_file_that_differs_shows_the_lines()
    {
        var error = Assert.Throws<XunitException>(() => Golden.Matches("testing/golden.txt", "one\ntwo\nthree\nfour\n"));

        Assert.Equal(
            """
            Golden file [tests/data/testing/golden.txt] differs (- expected, + actual); SECURELY_UPDATE_GOLDEN=1 rewrites it
            -    1 | one\r
            +    1 | one
                 2 | two
            -    3 | three·
            +    3 | three
            +    4 | four
                 5 | 

            """,
            error.Message);
    }

    [Fact]
    public void A_golden_file_that_is_missing_says_how_to_write_it()
    {
        var error = Assert.Throws<XunitException>(() => Golden.Matches("testing/missing.txt", "text"));

        Assert.Equal("Golden file [tests/data/testing/missing.txt] does not exist; SECURELY_UPDATE_GOLDEN=1 writes it", error.Message);
    }
}
