using System.Diagnostics;

namespace Securely.Cli.Tests;

/// <summary>Compares a text with a file of the repository; SECURELY_UPDATE_GOLDEN=1 writes the file instead.</summary>
internal static class Golden
{
    /// <summary>The repository, found from where the tests were built.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The directory of the golden files of this project; golden command lines run in it.</summary>
    public static string Root { get; } = Path.Combine(Repository, "tests", "data", "cli");

    private static bool IsUpdating => Environment.GetEnvironmentVariable("SECURELY_UPDATE_GOLDEN") == "1";

    public static void Compare(string path, string actual)
    {
        if (IsUpdating)
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"[{path}] does not exist; run the tests with SECURELY_UPDATE_GOLDEN=1 and read what it wrote");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string FindRepository()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Securely.slnx")))
                return directory;
        }

        throw new UnreachableException("The tests run inside the repository");
    }
}
