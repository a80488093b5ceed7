using System.Text;
using Xunit.Sdk;

namespace Securely.Testing;

/// <summary>Compares output with a file under <c>tests/data</c>.</summary>
/// <remarks>
/// <c>SECURELY_UPDATE_GOLDEN=1</c> writes the files anew; look at the difference before committing it. With <c>CI=true</c> nothing is
/// ever written. Files are compared byte by byte as UTF-8, line ends included.
/// </remarks>
public static class Golden
{
    /// <summary>The directory that golden files are relative to.</summary>
    public static string Directory { get; } = Path.Combine(Repository.Root, "tests", "data");

    /// <summary>The text of a file under <c>tests/data</c>, for the input of a case.</summary>
    /// <param name="file">The path below it, such as <c>cli/list.txt</c>.</param>
    public static string Read(string file) => File.ReadAllText(PathOf(file));

    /// <summary>Fails, showing the lines that differ, unless <paramref name="actual"/> is what the file holds.</summary>
    /// <param name="file">The path below <c>tests/data</c>, such as <c>cli/list.txt</c>.</param>
    /// <param name="actual">The text the code under test made.</param>
    public static void Matches(string file, string actual)
    {
        var path = PathOf(file);
        if (Environment.GetEnvironmentVariable("SECURELY_UPDATE_GOLDEN") == "1")
            Update(path, file, actual);
        else if (!File.Exists(path))
            throw new XunitException($"Golden file [tests/data/{file}] does not exist; SECURELY_UPDATE_GOLDEN=1 writes it");
        else if (File.ReadAllText(path) is var expected && !string.Equals(expected, actual, StringComparison.Ordinal))
            throw new XunitException($"Golden file [tests/data/{file}] differs (- expected, + actual); SECURELY_UPDATE_GOLDEN=1 rewrites it\n{LineDifference.Show(expected, actual)}");
    }

    private static string PathOf(string file) =>
        Path.IsPathRooted(file) ? throw new ArgumentException($"Golden file [{file}] must be relative to tests/data", nameof(file)) : Path.Combine(Directory, file);

    private static void Update(string path, string file, string actual)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            throw new XunitException($"Golden file [tests/data/{file}] is not rewritten on CI; unset SECURELY_UPDATE_GOLDEN");
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }
}
