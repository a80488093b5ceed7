namespace Securely.House.Tests;

/// <summary>Whoever changes a project can measure it: each has a file of benchmarks.</summary>
public sealed class BenchmarkTests
{
    private const string Folder = "bench/Securely.Benchmarks/";

    [Fact]
    public void Each_project_of_src_has_a_benchmark()
    {
        var benchmarks = Repository.Files.Where(path => path.StartsWith(Folder, StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)).Select(Repository.Read).ToArray();
        Complaints.None(Repository.ProjectsOfSrc
            .Where(project => !benchmarks.Any(text => text.Contains($"using {project.Name};\n", StringComparison.Ordinal) && text.Contains("[Benchmark", StringComparison.Ordinal)))
            .Select(project => $"{project.Path}: no file in {Folder} measures it; add one that says [using {project.Name};] and has a [Benchmark]"));
    }
}
