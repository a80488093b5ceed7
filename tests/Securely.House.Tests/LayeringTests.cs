using System.Xml.Linq;

namespace Securely.House.Tests;

/// <summary>Arrows point down only. The table below is the law; ARCHITECTURE.md draws it.</summary>
public sealed class LayeringTests
{
    private static readonly string[] Plain = ["Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions"];

    private static readonly Dictionary<string, Room> Law = new(StringComparer.Ordinal)
    {
        ["Net"] = new([], []),
        ["Database"] = new([], ["SQLitePCLRaw.bundle_e_sqlite3"]),
        ["Redis"] = new([], []),
        ["Encrypt"] = new([], []),
        ["Events"] = new([], []),
        ["Validation"] = new([], []),
        ["Log"] = new([], ["Microsoft.Extensions.Logging"]),
        ["Http"] = new(["Net"], []),
        ["Config"] = new(["Encrypt"], ["YamlDotNet"]),
        ["Store"] = new(["Database", "Redis", "Events"], ["Npgsql"]),
        ["Proxy"] = new(["Http"], []),
        ["Dns"] = new(["Http"], []),
        ["Hosting"] = new(["Net", "Config"], []),
        ["Settings"] = new(["Config", "Validation"], []),
        ["Queue"] = new(["Store", "Database", "Redis", "Encrypt", "Events"], ["Npgsql"]),
        ["Mail"] = new(["Queue"], ["Markdig"]),
        ["Schedule"] = new(["Store", "Queue", "Events"], []),
        ["Workflows"] = new(["Queue", "Database", "Events"], ["Npgsql"]),
    };

    private static readonly Dictionary<string, Room> Ends = new(StringComparer.Ordinal)
    {
        ["Testing"] = new([.. Law.Keys], ["xunit.v3.extensibility.core", "xunit.v3.assert"]),
        ["Generators"] = new([], ["Microsoft.CodeAnalysis.CSharp"]),
        ["Cli"] = new([.. Law.Keys], ["System.CommandLine", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Logging"]),
    };

    [Fact]
    public void Projects_reference_only_what_the_table_allows() => Complaints.None(Repository.ProjectsOfSrc.SelectMany(Judge));

    [Fact]
    public void Nothing_in_src_sees_the_test_kit() =>
        Complaints.None(Repository.ProjectsOfSrc
            .Where(project => project.References.Contains("Securely.Testing"))
            .Select(project => $"{project.Path}: Securely.Testing is for tests; take the reference out"));

    [Fact]
    public void The_table_has_no_arrow_that_leads_back() =>
        Assert.All(Law.Keys, name => Assert.DoesNotContain(name, Below(name)));

    [Fact]
    public void The_solution_names_every_project()
    {
        var solution = XDocument.Parse(Repository.Read("Securely.slnx")).Descendants("Project").Select(project => (string?)project.Attribute("Path"));
        Assert.Equal(Repository.Projects.Select(project => project.Path).Order(), solution.Order());
    }

    [Fact]
    public void A_project_bears_the_name_of_its_folder() =>
        Complaints.None(Repository.Projects
            .Where(project => project.Path.Count(letter => letter == '/') == 2 && project.Path.Split('/')[1] != project.Name)
            .Select(project => $"{project.Path}: folder, project, assembly and namespace share one name; rename the folder or the project"));

    [Fact]
    public void Versions_stand_in_one_file_and_are_exact()
    {
        var own = Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).SelectMany(path => OwnVersions(path, Repository.Read(path)));
        Complaints.None(own.Concat(LooseVersions(Repository.Read("Directory.Packages.props"))));
    }

    [Theory]
    [InlineData("Securely.Net", "<ProjectReference Include='../Securely.Http/Securely.Http.csproj' />", "may not reference [Securely.Http]")]
    [InlineData("Securely.Proxy", @"<ProjectReference Include='..\Securely.Hosting\Securely.Hosting.csproj' />", "may not reference [Securely.Hosting]")]
    [InlineData("Securely.Cli", "<ProjectReference Include='../Securely.Testing/Securely.Testing.csproj' />", "may not reference [Securely.Testing]")]
    [InlineData("Securely.Http", "<PackageReference Include='Newtonsoft.Json' />", "may not use the package [Newtonsoft.Json]")]
    [InlineData("Securely.Net", "<FrameworkReference Include='Microsoft.AspNetCore.App' />", "may not use the framework [Microsoft.AspNetCore.App]")]
    [InlineData("Securely.Stuff", "", "is not in the table")]
    public void Complains_about_an_arrow_that_is_not_in_the_table(string name, string item, string complaint) =>
        Complaints.One(Judge(Project.Parse($"src/{name}/{name}.csproj", $"<Project><ItemGroup>{item}</ItemGroup></Project>")), complaint);

    [Fact]
    public void Complains_about_a_version_outside_the_one_file() =>
        Complaints.One(OwnVersions("src/X/X.csproj", "<Project><PackageReference Include='Y' Version='1.0.0' /></Project>"), "[Y]");

    [Theory]
    [InlineData("1.*")]
    [InlineData("[1.0,2.0)")]
    public void Complains_about_a_version_that_floats(string version) =>
        Complaints.One(LooseVersions($"<Project><PackageVersion Include='Y' Version='{version}' /></Project>"), version);

    private static IEnumerable<string> Judge(Project project)
    {
        var name = project.Name.Replace("Securely.", "", StringComparison.Ordinal);
        if (!Law.TryGetValue(name, out var room) && !Ends.TryGetValue(name, out room))
        {
            yield return $"{project.Path}: [{project.Name}] is not in the table of LayeringTests; decide its level in docs/decisions and add a row";
            yield break;
        }

        foreach (var reference in project.References.Where(reference => !room.Below.Any(below => reference == "Securely." + below)))
            yield return $"{project.Path}: {name} may not reference [{reference}]; ask for an interface one level lower, or do without";
        foreach (var package in project.Packages.Where(package => !room.Packages.Concat(Plain).Contains(package)))
            yield return $"{project.Path}: {name} may not use the package [{package}]; write it small, or add it to the table with a decision";
        foreach (var framework in project.Frameworks)
            yield return $"{project.Path}: {name} may not use the framework [{framework}]; libraries run on the plain runtime";
    }

    private static HashSet<string> Below(string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(Law[name].Below);
        while (open.TryDequeue(out var next))
        {
            if (!seen.Add(next))
                continue;
            foreach (var lower in Law[next].Below)
                open.Enqueue(lower);
        }

        return seen;
    }

    private static IEnumerable<string> OwnVersions(string path, string xml) =>
        XDocument.Parse(xml).Descendants("PackageReference")
            .Where(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null)
            .Select(package => $"{path}: the version of [{package.Attribute("Include")?.Value}] belongs in Directory.Packages.props");

    private static IEnumerable<string> LooseVersions(string xml) =>
        XDocument.Parse(xml).Descendants("PackageVersion")
            .Where(package => package.Attribute("Version")?.Value.IndexOfAny(['*', '[', '(', ',']) is not -1)
            .Select(package => $"Directory.Packages.props: [{package.Attribute("Include")?.Value}] floats ({package.Attribute("Version")?.Value}); pin one version");

    private sealed record Room(IReadOnlyList<string> Below, IReadOnlyList<string> Packages);
}
