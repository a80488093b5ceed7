using System.CommandLine.Parsing;
using System.Globalization;
using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>
/// Each file of tests/data/cli that ends in .golden is a session: its first line is <c>$ securely ...</c>, and what follows
/// is what the program says to standard output, to standard error, and its exit code.
/// </summary>
public sealed class CommandGoldenTests
{
    private const string Prompt = "$ securely";

    public static TheoryData<string> Sessions =>
        [.. Directory.EnumerateFiles(CliPaths.Root, "*.golden", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(CliPaths.Root, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Sessions))]
    public async Task Says_what_the_session_says(string session)
    {
        var file = Path.Combine(CliPaths.Root, session);
        var line = File.ReadLines(file).First();
        Assert.StartsWith(Prompt, line, StringComparison.Ordinal);

        var run = await CliRun.RunAsync([.. CommandLineParser.SplitCommandLine(line[Prompt.Length..])]);

        var actual = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        actual.WriteLine(line);
        actual.Write(Portable(run.Output));
        if (run.Error.Length > 0)
        {
            actual.WriteLine("--- standard error");
            actual.Write(Portable(run.Error));
        }

        actual.WriteLine($"--- exit code {run.ExitCode}");
        Golden.Matches(Path.Combine("cli", session), actual.ToString());
    }

    /// <summary>Files are named as they would be in the directory of the sessions, and the version does not matter.</summary>
    private static string Portable(string text) => text
        .Replace(CliPaths.Root + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
        .Replace(ProductVersion.Text, "VERSION", StringComparison.Ordinal);
}
