using System.Diagnostics;
using System.Globalization;

namespace Securely.Cli.Tests;

public sealed class CompletionTests
{
    [Theory]
    [InlineData(
        "securely ",
        "check completion config:check config:decrypt config:encrypt config:get config:has config:set config:show dns:check dns:doctor dns:export dns:flush dns:install dns:query dns:records dns:serve dns:uninstall dns:zones events:dispatch events:list events:listen key:generate key:rotate "
        + "list log:channels log:level log:reopen log:tail proxy serve settings:all settings:edit settings:export settings:forget settings:get settings:has settings:history settings:import settings:rollback settings:rotate settings:set settings:tree status stop validation:check")]
    [InlineData("securely ch", "check")]
    [InlineData("securely ser", "serve")]
    [InlineData("securely log:level e", "error")]
    [InlineData("./securely ser", "serve")]
    [InlineData("\"/opt/my tools/securely\" ser", "serve")]
    [InlineData("  securely ser", "serve")]
    [InlineData("securely", "")]
    [InlineData("securely completion ", "bash fish pwsh zsh")]
    [InlineData("securely completion z", "zsh")]
    [InlineData("securely help li", "list")]
    [InlineData("securely serve --c", "--conf")]
    [InlineData("securely serve -c ", "")]
    [InlineData("securely check ", "")]
    [InlineData("securely --v", "--version")]
    [InlineData("securely nothing", "")]
    [InlineData("securely help h", "")]
    public async Task Suggests_what_fits_at_the_end_of_the_line(string line, string expected) =>
        Assert.Equal(expected, await SuggestAsync(line, line.Length));

    [Fact]
    public async Task Suggests_at_the_cursor_and_not_at_the_end() =>
        Assert.Equal("completion", await SuggestAsync("securely com zsh", "securely com".Length));

    [Fact]
    public async Task A_position_beyond_the_line_is_its_end() =>
        Assert.Equal("serve", await SuggestAsync("securely ser", 500));

    [Theory]
    [InlineData("bash", "complete -o bashdefault -o default -F _securely securely")]
    [InlineData("zsh", "#compdef securely")]
    [InlineData("fish", "complete --command securely")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName securely")]
    public async Task Prints_a_script_for_every_shell(string shell, string expected)
    {
        var run = await CliRun.RunAsync("completion", shell);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', run.Output);
    }

    /// <summary>Bash has split the line at the colon, so only what follows the colon may be offered.</summary>
    [Theory]
    [InlineData("securely que", "securely que", "queue:retry queue:work")]
    [InlineData("securely queue:", "securely queue :", "retry work")]
    [InlineData("securely queue:w", "securely queue : w", "work")]
    [InlineData("securely settings:get app:na", "securely settings : get app : na", "name")]
    public async Task Bash_completes_a_word_with_colons(string line, string words, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "There is no bash here");
        var script = (await CliRun.RunAsync("completion", "bash")).Output;

        var offered = await BashAsync(string.Create(CultureInfo.InvariantCulture, $$"""
            securely() { printf '%s\n' queue:retry queue:work app:name; }
            {{script}}
            COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
            COMP_LINE='{{line}}'
            COMP_POINT={{line.Length}}
            COMP_WORDS=({{words}})
            _securely
            echo "${COMPREPLY[*]}"
            """));

        Assert.Equal(expected + "\n", offered);
    }

    private static async Task<string> SuggestAsync(string line, int position)
    {
        var run = await CliRun.RunAsync($"[suggest:{position}]", line);
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal("", run.Error);
        return string.Join(' ', run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<string> BashAsync(string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        await bash.StandardInput.WriteAsync(script);
        bash.StandardInput.Close();
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
