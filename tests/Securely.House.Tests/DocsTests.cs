using System.Text.RegularExpressions;

namespace Securely.House.Tests;

/// <summary>Documents that lead somewhere: no dead path, no missing page, no page that is too long to be read.</summary>
public sealed partial class DocsTests
{
    private const int PageLines = 60;

    private static readonly string[] Required =
    [
        "README.md", "ARCHITECTURE.md", "AGENTS.md", "CONTRIBUTING.md", "CHANGELOG.md", "INFLUENCES.md", "LICENSE", "Securely.slnx", "global.json",
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", ".editorconfig", "BannedSymbols.txt", "securely", "test", ".ci/run",
        "docs/index.md", "docs/decisions", "docs/how-to-add",
    ];

    private static readonly string[] Rooms = ["src/", "tests/", "docs/", "examples/", "bench/", ".ci/"];

    // Files that are ours when a page names them; a .yaml or .sock beside them is the reader's.
    private static readonly string[] OurEndings = [".md", ".cs", ".csproj", ".slnx", ".props", ".targets"];

    [Fact]
    public void Every_root_file_exists() => Complaints.None(Required.Where(path => !Repository.Holds(path)).Select(path => $"[{path}] is missing"));

    [Fact]
    public void Every_path_and_link_leads_somewhere() => Complaints.None(Markdown.Pages.SelectMany(page => DeadPaths(page).Concat(DeadLinks(page))));

    [Fact]
    public void Every_page_of_docs_is_reached_from_the_index() => Complaints.None(Unreached("docs/index.md", Markdown.Pages));

    [Fact]
    public void Every_library_has_a_readme_of_one_screen() =>
        Complaints.None(Repository.ProjectsOfSrc.SelectMany(project =>
            Readme($"src/{project.Name}", Repository.SourcesOfSrc.Count(file => file.Path.StartsWith($"src/{project.Name}/", StringComparison.Ordinal)), Repository.Holds, Repository.Read)));

    [Fact]
    public void The_map_names_every_project() => Complaints.None(Unnamed(Repository.Read("ARCHITECTURE.md"), Repository.ProjectsOfSrc.Select(project => project.Name)));

    [Fact]
    public void Playbooks_decisions_and_rules_stay_short()
    {
        var pages = Markdown.Pages.Where(page => page.Path.StartsWith("docs/how-to-add/", StringComparison.Ordinal) || page.Path.StartsWith("docs/decisions/", StringComparison.Ordinal));
        Complaints.None(pages.SelectMany(page => TooLong(page, PageLines)).Concat(Markdown.Pages.Where(page => page.Path == "AGENTS.md").SelectMany(page => TooLong(page, 120))));
    }

    [Fact]
    public void Every_decision_has_its_three_parts() =>
        Complaints.None(Markdown.Pages.Where(page => page.Path.StartsWith("docs/decisions/", StringComparison.Ordinal)).SelectMany(MissingParts));

    [Theory]
    [InlineData("see `src/Securely.Net/Nowhere.cs`", "[src/Securely.Net/Nowhere.cs]")]
    [InlineData("see `NowhereTests.cs`", "[NowhereTests.cs]")]
    [InlineData("run `./nowhere`", "[./nowhere]")]
    [InlineData("see `docs/nowhere`", "[docs/nowhere]")]
    public void Complains_about_a_dead_path(string text, string complaint) => Complaints.One(DeadPaths(new Markdown("README.md", text)), complaint);

    [Theory]
    [InlineData("[x](nowhere.md)", "[nowhere.md]")]
    [InlineData("[x](../README.md#no-such-heading)", "[../README.md#no-such-heading]")]
    [InlineData("[x](#no-such-heading)", "[#no-such-heading]")]
    public void Complains_about_a_dead_link(string text, string complaint) => Complaints.One(DeadLinks(new Markdown("docs/index.md", text)), complaint);

    [Theory]
    [InlineData("`src/Securely.Net` `Securely.slnx` `./securely` `HTTP/1.1` `/api/*` `text/html` `100/s` `src/X/PublicApi.txt` `tests/*/x.cs` `./securely.yaml` `DATA/x.sock` `dotnet run a/b.cs`")]
    [InlineData("```\n`nowhere.md`\n```")]
    [InlineData("[x](https://example.test/x.md) [y](#a-heading-with-code)\n\n## A heading, with `code`")]
    public void Accepts(string text)
    {
        var page = new Markdown("README.md", text);
        Assert.Empty(DeadPaths(page).Concat(DeadLinks(page)));
    }

    [Fact]
    public void Complains_about_a_page_that_nothing_links() =>
        Complaints.One(Unreached("docs/index.md", [new("docs/index.md", "[a](a/b.md)"), new("docs/a/b.md", "[up](../index.md)"), new("docs/c.md", "")]), "[docs/c.md]");

    [Theory]
    [InlineData(5, null, "has no README.md")]
    [InlineData(5, 9, "has 9 lines")]
    [InlineData(5, 41, "has 41 lines")]
    public void Complains_about_a_readme(int sources, int? lines, string complaint) =>
        Complaints.One(Readme("src/X", sources, _ => lines is not null, _ => string.Concat(Enumerable.Repeat("line\n", lines ?? 0))), complaint);

    [Fact]
    public void A_room_that_is_still_empty_needs_no_readme() => Assert.Empty(Readme("src/X", 1, _ => false, _ => ""));

    [Fact]
    public void Complains_about_a_project_that_the_map_forgot() => Complaints.One(Unnamed("`Securely.Net`", ["Securely.Net", "Securely.Http"]), "[Securely.Http]");

    [Fact]
    public void Complains_about_a_long_page() => Complaints.One(TooLong(new("docs/decisions/x.md", "a\nb\nc\n"), 2), "has 3 lines");

    [Fact]
    public void Complains_about_a_decision_without_its_cost() => Complaints.One(MissingParts(new("docs/decisions/x.md", "## Context\n## Choice\n")), "[Cost]");

    private static IEnumerable<string> DeadPaths(Markdown page) =>
        page.Codes.Where(code => IsOurPath(code.Code) && !Resolves(page, code.Code))
            .Select(code => $"{page.Path}:{code.Line}: [{code.Code}] is not there; mend the path or take it out");

    private static bool IsOurPath(string code)
    {
        // A letter or word in place of a name is a pattern, not a path.
        if (NotAPath().IsMatch(code) || code.Split('/').Any(part => part is "X" or "FILE" or "NAME" || part.StartsWith("X.", StringComparison.Ordinal)))
            return false;
        return Rooms.Any(room => code.StartsWith(room, StringComparison.Ordinal))
            || (code.StartsWith("./", StringComparison.Ordinal) && Path.GetExtension(code).Length == 0)
            || (OurEndings.Contains(Path.GetExtension(code)) && code.Length > Path.GetExtension(code).Length);
    }

    private static bool Resolves(Markdown page, string code)
    {
        var path = code.StartsWith("./", StringComparison.Ordinal) ? code[2..] : code;
        return Repository.Holds(path)
            || Repository.Holds(Beside(page, path))
            || Repository.Files.Any(file => file.EndsWith("/" + path, StringComparison.Ordinal));
    }

    private static IEnumerable<string> DeadLinks(Markdown page)
    {
        foreach (var (target, line) in page.Links.Where(link => !Foreign().IsMatch(link.Target)))
        {
            var parts = target.Split('#', 2);
            var path = parts[0].Length == 0 ? page.Path : Beside(page, parts[0]);
            if (path != page.Path && !Repository.Holds(path))
                yield return $"{page.Path}:{line}: the link [{target}] leads nowhere; mend it or take it out";
            else if (parts.Length == 2 && !(path == page.Path ? page : Markdown.Pages.First(other => other.Path == path)).Anchors.Contains(parts[1]))
                yield return $"{page.Path}:{line}: the link [{target}] names a heading that is not there";
        }
    }

    private static IEnumerable<string> Unreached(string index, IReadOnlyList<Markdown> pages)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { index };
        var open = new Queue<string>(seen);
        while (open.TryDequeue(out var path))
        {
            foreach (var page in pages.Where(page => page.Path == path))
            {
                foreach (var link in page.Links.Select(link => Beside(page, link.Target.Split('#')[0])).Where(seen.Add))
                    open.Enqueue(link);
            }
        }

        return pages.Where(page => page.Path.StartsWith("docs/", StringComparison.Ordinal) && !seen.Contains(page.Path))
            .Select(page => $"[{page.Path}] is reached by no link from {index}; add one where a reader would look");
    }

    private static IEnumerable<string> Readme(string folder, int sources, Func<string, bool> holds, Func<string, string> read)
    {
        // A room with fewer files than a project must have is still being moved into.
        if (sources < 5)
            yield break;
        if (!holds($"{folder}/README.md"))
            yield return $"{folder} has no README.md; write 10 to 40 lines: what it is, the smallest example, a link";
        else if (read($"{folder}/README.md").TrimEnd('\n').Split('\n').Length is var lines and (< 10 or > 40))
            yield return $"{folder}/README.md has {lines} lines; 10 to 40 are wanted";
    }

    private static IEnumerable<string> Unnamed(string map, IEnumerable<string> projects) =>
        projects.Where(project => !map.Contains($"`{project}`", StringComparison.Ordinal))
            .Select(project => $"ARCHITECTURE.md does not name [{project}] in backticks; give it its row");

    private static IEnumerable<string> TooLong(Markdown page, int most)
    {
        var lines = page.Text.TrimEnd('\n').Split('\n').Length;
        if (lines > most)
            yield return $"{page.Path} has {lines} lines, {most} are the most; when a page needs more, mend the structure it describes";
    }

    private static IEnumerable<string> MissingParts(Markdown page)
    {
        string[] parts = ["Context", "Choice", "Cost"];
        return parts.Where(part => !page.Anchors.Contains(part.ToLowerInvariant())).Select(part => $"{page.Path} has no heading [{part}]");
    }

    /// <summary>A path relative to a page's folder, made relative to the root.</summary>
    private static string Beside(Markdown page, string path) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(page.Path)!, path))).Replace('\\', '/');

    [GeneratedRegex(@"[\s*{}<>$,:;()=]|^[/~]|^artifacts/|\.\.\.", RegexOptions.CultureInvariant)]
    private static partial Regex NotAPath();

    [GeneratedRegex("^[a-z]+:", RegexOptions.CultureInvariant)]
    private static partial Regex Foreign();
}
