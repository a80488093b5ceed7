namespace Securely.Components.Tests.Config;

/// <summary>Finds the golden configurations: NAME.yaml is the input, NAME.expected what is said about it.</summary>
internal static class GoldenConfigurations
{
    public static string Directory(string name) => Path.Combine(RepositoryRoot.Data, "conf", name);

    public static IEnumerable<string> Names(string name) =>
        System.IO.Directory.GetFiles(Directory(name), "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal);
}
