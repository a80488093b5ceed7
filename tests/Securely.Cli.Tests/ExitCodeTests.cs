namespace Securely.Cli.Tests;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(ExitCode.Ok)]
    [InlineData(ExitCode.Ok, "list")]
    [InlineData(ExitCode.Ok, "--version")]
    [InlineData(ExitCode.Ok, "serve", "--help")]
    [InlineData(ExitCode.Failed, "list", "nothing")]
    [InlineData(ExitCode.Usage, "srve")]
    [InlineData(ExitCode.Usage, "srve", "--help")]
    [InlineData(ExitCode.Usage, "serve", "extra")]
    [InlineData(ExitCode.Usage, "serve", "--nope")]
    [InlineData(ExitCode.Usage, "serve", "-c")]
    [InlineData(ExitCode.Usage, "completion")]
    [InlineData(ExitCode.Usage, "completion", "tcsh")]
    [InlineData(ExitCode.Usage, "help", "nothing")]
    [InlineData(ExitCode.Usage, "proxy", "--to", "127.0.0.1:1")]
    [InlineData(ExitCode.Configuration, "check", "no-such-file.yaml")]
    public async Task Ends_with_the_code_that_is_promised(int expected, params string[] arguments)
    {
        var run = await CliRun.RunAsync(arguments);

        Assert.Equal(expected, run.ExitCode);
        Assert.Equal(expected == ExitCode.Ok, run.Error.Length == 0);
    }

    [Theory]
    [InlineData("srve", "[serve]", "Run securely --help")]
    [InlineData("serve --cnf", "[--conf]", "Run securely serve --help")]
    [InlineData("completion basj", "[bash]", "Run securely completion --help")]
    [InlineData("help srve", "[serve]", "Run securely --help")]
    public async Task A_usage_error_names_the_nearest_name_and_the_help_to_read(string line, string nearest, string way)
    {
        var run = await CliRun.RunAsync(line.Split(' '));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains($"did you mean {nearest}?", run.Error, StringComparison.Ordinal);
        Assert.EndsWith(way + "\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_begins_with_an_at_sign_is_no_response_file()
    {
        var run = await CliRun.RunAsync("check", "@missing");

        Assert.Equal(ExitCode.Configuration, run.ExitCode);
        Assert.Contains("@missing", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_but_the_server_ends_the_process_on_a_signal() =>
        Assert.Null(CommandLine.Invocation(new Output(TextWriter.Null, TextWriter.Null)).ProcessTerminationTimeout);
}
