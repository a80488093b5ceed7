using Microsoft.CodeAnalysis;

namespace Securely.House.Tests;

/// <summary>The assemblies this test program runs with, ours among them, as references for the compiler.</summary>
internal static class BuiltAssemblies
{
    /// <summary>Every assembly the runtime was told about: the framework, the packages and all of src.</summary>
    public static IReadOnlyList<MetadataReference> References { get; } =
        [.. Paths.Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>The framework alone.</summary>
    public static IReadOnlyList<MetadataReference> Framework { get; } =
        [.. Paths.Where(path => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location)).Select(path => MetadataReference.CreateFromFile(path))];

    private static string[] Paths => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
}
