namespace Securely.Cli.Tests;

public sealed class ColourTests
{
    [Theory]
    [InlineData(null, "xterm", true)]
    [InlineData(null, null, true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData("0", "xterm", false)]
    [InlineData(null, "dumb", false)]
    public void Obeys_NO_COLOR_and_the_terminal(string? noColour, string? terminal, bool expected) =>
        Assert.Equal(expected, Output.WantsColour(name => name switch { "NO_COLOR" => noColour, "TERM" => terminal, _ => null }));

    [Fact]
    public async Task Plain_output_has_no_escape_anywhere()
    {
        foreach (string[] arguments in (string[][])[["list"], ["serve", "--help"], ["srve"], ["check", "no-such-file.yaml"]])
        {
            var run = await CliRun.RunAsync(arguments);

            Assert.DoesNotContain('\e', run.Output + run.Error);
        }
    }

    [Fact]
    public async Task Coloured_output_differs_from_plain_only_by_its_escapes()
    {
        foreach (string[] arguments in (string[][])[["list"], ["serve", "--help"], ["srve"]])
        {
            var plain = await CliRun.RunAsync(arguments);
            var coloured = await CliRun.RunAsync(arguments, paint: new Paint(true));

            Assert.Contains('\e', coloured.Output + coloured.Error);
            Assert.Equal(plain.Output + plain.Error, WithoutEscapes(coloured.Output + coloured.Error));
        }
    }

    [Fact]
    public void Output_that_is_redirected_is_plain_and_not_wrapped()
    {
        // The test runner always redirects standard output of the test process.
        var output = Output.OfProcess(_ => null);

        Assert.Equal(!System.Console.IsOutputRedirected, output.Paint.IsOn);
        Assert.Equal(!System.Console.IsErrorRedirected, output.ErrorPaint.IsOn);
    }

    private static string WithoutEscapes(string text) => System.Text.RegularExpressions.Regex.Replace(text, "\e\\[[0-9]+m", "");
}
