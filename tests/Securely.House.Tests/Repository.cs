namespace Securely.House.Tests;

/// <summary>The checked-out tree: found by walking up to the solution file, read once, never written.</summary>
internal static class Repository
{
    private const string Solution = "Securely.slnx";
    private static readonly HashSet<string> Outside = new(StringComparer.Ordinal) { ".git", "artifacts", "bin", "obj", ".vs", ".idea", "TestResults" };

    /// <summary>The folder of the solution file.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>Every file that belongs to the repository: relative, with forward slashes, sorted.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. List(Root).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file, of src, tests, bench and examples alike.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } = [.. Files.Where(IsSource).Select(path => new SourceFile(path, Read(path)))];

    /// <summary>The C# files below src.</summary>
    public static IEnumerable<SourceFile> SourcesOfSrc => Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>Every project file.</summary>
    public static IReadOnlyList<Project> Projects { get; } =
        [.. Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(path => Project.Parse(path, Read(path)))];

    /// <summary>The project files below src.</summary>
    public static IEnumerable<Project> ProjectsOfSrc => Projects.Where(project => project.Path.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>The text of one file, its path relative to the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Whether a relative path names a file or a folder of the repository.</summary>
    public static bool Holds(string path)
    {
        var full = Path.Combine(Root, path);
        return File.Exists(full) || Directory.Exists(full);
    }

    private static string FindRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution)))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above [{start}] holds [{Solution}]; run these tests from inside the repository");
    }

    private static IEnumerable<string> List(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => !Outside.Contains(entry.Name)))
        {
            if (entry is DirectoryInfo)
            {
                foreach (var path in List(entry.FullName))
                    yield return path;
            }
            else
            {
                yield return Path.GetRelativePath(Root, entry.FullName).Replace('\\', '/');
            }
        }
    }

    private static bool IsSource(string path) =>
        path.EndsWith(".cs", StringComparison.Ordinal) && !path.EndsWith(".g.cs", StringComparison.Ordinal)
        && !path.StartsWith("tests/data/", StringComparison.Ordinal);
}
