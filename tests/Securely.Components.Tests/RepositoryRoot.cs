namespace Securely.Components.Tests;

/// <summary>Where the test data of this repository is.</summary>
internal static class RepositoryRoot
{
    /// <summary>The folder <c>tests/data</c> of the repository that the running program was built in.</summary>
    public static string Data { get; } = FindData();

    private static string FindData()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Securely.slnx")))
                return Path.Combine(folder.FullName, "tests", "data");
        }

        throw new DirectoryNotFoundException($"No folder above [{AppContext.BaseDirectory}] is the repository.");
    }
}
