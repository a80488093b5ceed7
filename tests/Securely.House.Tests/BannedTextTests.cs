using System.Text.RegularExpressions;

namespace Securely.House.Tests;

/// <summary>Text that never belongs in the repository, whatever the compiler thinks of it.</summary>
public sealed class BannedTextTests
{
    // Each pattern is written so that it does not match itself here.
    private static readonly Ban[] Bans =
    [
        new(@"\b(TO[D]O|FIX[M]E|X[X]X)\b", IsCode, "do it now, or write it in the list of what is missing in README.md"),
        new(@"\bNot[I]mplementedException\b", IsCode, "write the member, or leave it out of the type"),
        new(@"^\s*#[r]egion\b", path => IsSource(path) && !Below(path, "examples/"), "split the file instead"),
        new(@"\bSkip[ ]?=[ ]?[^=>]", path => IsSource(path) && Below(path, "tests/"), "mend the test, or take it out"),
        // A delay of a manual clock, or one that never ends by itself, is no sleep.
        new(@"\bThread\.[S]leep\b|\bTask\.[D]elay[ ]?\((?!Timeout\.Infinite)(?!.*\b_?(time|clock)\b)", path => IsSource(path) && Below(path, "tests/"), "wait for an event, or drive a manual TimeProvider"),
        new(@"(?<![\w.~])/(work/(main|wt|shared)|home/(?!somebody/)[a-z_][\w-]*/|root/|User[s]/\w)|\b[A-Z]:\\User[s]\\", _ => true, "an absolute path of one machine; make it relative, use a folder of the test's own, or write /home/somebody/"),
        new(@"^(<{7}|>{7}) ", _ => true, "finish the merge"),
        new(@"\t", path => IsSource(path), "indent with spaces; write a tab in a literal as an escape"),
    ];

    private static readonly HashSet<string> Binary = new(StringComparer.OrdinalIgnoreCase) { ".png", ".jpg", ".ico", ".xz", ".gz", ".zip", ".bin", ".pfx", ".der" };

    [Fact]
    public void Nothing_banned_is_written_anywhere() =>
        Complaints.None(Repository.Files.Where(IsText).SelectMany(path => Judge(path, Repository.Read(path))));

    [Theory]
    [InlineData("src/X/Y.cs", "// TO" + "DO: later")]
    [InlineData("securely", "# FIX" + "ME")]
    [InlineData("src/X/Y.cs", "throw new Not" + "ImplementedException();")]
    [InlineData("src/X/Y.cs", "    #reg" + "ion Fields")]
    [InlineData("tests/X/Y.cs", "[Fact(Skip" + " = \"flaky\")]")]
    [InlineData("tests/X/Y.cs", "Thread.Sl" + "eep(10);")]
    [InlineData("tests/X/Y.cs", "await Task.De" + "lay(10);")]
    [InlineData("tests/X/Y.cs", "await Task.De" + "lay(wait, TimeProvider.System, Token);")]
    [InlineData("docs/x.md", "see /wo" + "rk/main/README.md")]
    [InlineData("tests/X/Y.cs", "\"/ho" + "me/anna/conf.yaml\"")]
    [InlineData("tests/X/Y.cs", "@\"C:\\Us" + "ers\\anna\"")]
    [InlineData("docs/x.md", "<<<<" + "<<< main")]
    [InlineData("src/X/Y.cs", "\tint x;")]
    public void Complains_about(string path, string line) => Complaints.One(Judge(path, "first line\n" + line), $"{path}:2: ");

    [Theory]
    [InlineData("src/X/Y.cs", "await Task.De" + "lay(delay, time, cancellationToken);")]
    [InlineData("tests/X/Y.cs", "await Task.De" + "lay(TimeSpan.FromMinutes(1), time, Token);")]
    [InlineData("tests/X/Y.cs", "await Task.De" + "lay(Timeout.InfiniteTimeSpan, TimeProvider.System, Token);")]
    [InlineData("tests/X/Y.cs", "rows.Skip(1)")]
    [InlineData("tests/X/Y.cs", "GET /home HTTP/1.1")]
    [InlineData("tests/X/Y.cs", "/home/somebody/.local/share/securely")]
    [InlineData("docs/x.md", "~/.local/share/securely")]
    [InlineData("README.md", "no to-do is left")]
    public void Accepts(string path, string line) => Assert.Empty(Judge(path, line));

    private static IEnumerable<string> Judge(string path, string text)
    {
        var number = 0;
        Ban[] bans = [.. Bans.Where(ban => ban.Where(path))];
        foreach (var line in text.Split('\n'))
        {
            number++;
            foreach (var ban in bans.Where(ban => ban.Pattern.IsMatch(line)))
                yield return $"{path}:{number}: `{ban.Pattern.Match(line).Value.Trim()}`: {ban.WayOut}";
        }
    }

    private static bool IsText(string path) => !Below(path, "tests/data/") && !Binary.Contains(Path.GetExtension(path));

    private static bool IsSource(string path) => path.EndsWith(".cs", StringComparison.Ordinal);

    private static bool IsCode(string path) => Path.GetExtension(path) is ".cs" or ".csproj" or ".props" or ".targets" or ".yaml" or ".yml" or ".sh" or "" or ".bash" or ".c";

    private static bool Below(string path, string folder) => path.StartsWith(folder, StringComparison.Ordinal);

    private sealed class Ban(string pattern, Func<string, bool> where, string wayOut)
    {
        public Regex Pattern { get; } = new(pattern, RegexOptions.CultureInvariant);

        public Func<string, bool> Where => where;

        public string WayOut => wayOut;
    }
}
