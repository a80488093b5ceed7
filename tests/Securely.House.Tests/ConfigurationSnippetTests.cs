using System.Diagnostics;

namespace Securely.House.Tests;

/// <summary>Every YAML that readers may copy is a configuration that the program accepts.</summary>
public sealed class ConfigurationSnippetTests
{
    [Fact]
    public void Configurations_in_the_pages_pass_the_check() => Complaints.None(Markdown.Pages.SelectMany(page => Judge(page, Check)));

    [Fact]
    public void Complains_about_a_configuration_that_is_refused() =>
        Complaints.One(Judge(Page(""), yaml => (3, $"1:1: [{yaml}] is unknown")), "x.md:1: securely check refuses it (3): 1:1: [a: 1] is unknown");

    [Fact]
    public void A_mark_is_only_for_what_is_refused()
    {
        Assert.Empty(Judge(Page("<!-- not compiled: a fragment -->\n"), _ => (3, "")));
        Complaints.One(Judge(Page("<!-- not compiled: a fragment -->\n"), _ => (0, "")), "take the mark out");
    }

    private static Markdown Page(string above) => new("x.md", above + "```yaml\na: 1\n```\n\n```bash\nls\n```\n");

    private static IEnumerable<string> Judge(Markdown page, Func<string, (int Code, string Said)> check)
    {
        foreach (var fence in page.Fences.Where(fence => fence.Language is "yaml" or "yml"))
        {
            var (code, said) = check(fence.Text);
            if (code != 0 && fence.NotCompiled is null)
                yield return $"{page.Path}:{fence.Line}: securely check refuses it ({code}): {said}";
            if (code == 0 && fence.NotCompiled is not null)
                yield return $"{page.Path}:{fence.Line}: is accepted by now; take the mark out of the line above it";
        }
    }

    private static (int Code, string Said) Check(string yaml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "securely.exe" : "securely");
            using var process = Process.Start(new ProcessStartInfo(program, ["check", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, said.Replace(file, "", StringComparison.Ordinal).Trim());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
