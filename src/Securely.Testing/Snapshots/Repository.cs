namespace Securely.Testing;

/// <summary>Where the tests' own repository is: the nearest directory above the running program that holds a solution.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (directory.EnumerateFiles("*.slnx").Any() || directory.EnumerateFiles("*.sln").Any())
                return directory.FullName;
        }
        throw new DirectoryNotFoundException($"No directory above [{AppContext.BaseDirectory}] holds a solution (*.slnx, *.sln)");
    }
}
