using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class YamlGoldenTests
{
    public static TheoryData<string> Names => [.. GoldenConfigurations.Names("yaml")];

    [Theory]
    [MemberData(nameof(Names))]
    public void Says_what_is_wrong_and_where(string name)
    {
        var directory = GoldenConfigurations.Directory("yaml");
        var diagnostics = new ConfigDiagnostics();
        YamlReader.ReadFile(Path.Combine(directory, name + ".yaml"), diagnostics);

        var said = diagnostics.ToString().Replace(directory + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(directory, name + ".expected")), said + "\n");
    }
}
