using Securely.Testing;

namespace Securely.Cli.Tests;

/// <summary>Where the files of these tests are.</summary>
internal static class CliPaths
{
    /// <summary>The golden files of the program; golden command lines run in it.</summary>
    public static string Root { get; } = Path.Combine(Golden.Directory, "cli");

    /// <summary>The pages of the repository.</summary>
    public static string Documents { get; } = Path.GetFullPath(Path.Combine(Golden.Directory, "..", "..", "docs"));
}
