using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class ConfigSchemaTests
{
    [Theory]
    [InlineData("{type: integer}", "a: 5", "")]
    [InlineData("{type: integer}", "a: \"5\"", "")]
    [InlineData("{type: integer}", "a: five", "c.yaml:1:4: [a] must be a whole number, not [five]")]
    [InlineData("{type: integer, min: 1, max: 9}", "a: 10", "c.yaml:1:4: [a] must be at most [9], not [10]")]
    [InlineData("{type: text, min: 2}", "a: x", "c.yaml:1:4: [a] must be at least [2] characters, not [1]")]
    [InlineData("{type: duration, max: 60}", "a: 2m", "c.yaml:1:4: [a] must be at most [60] seconds, not [120]")]
    [InlineData("{type: size}", "a: 64KB", "c.yaml:1:4: [a] must be a size such as [64KiB], not [64KB]")]
    [InlineData("{type: boolean}", "a: yes", "c.yaml:1:4: [a] must be [true] or [false], not [yes]")]
    [InlineData("{type: list}", "a: {b: 1}", "c.yaml:1:4: [a] must be a list, not a map")]
    [InlineData("{in: [red, blue]}", "a: rad", "c.yaml:1:4: [a] must be one of [red], [blue], not [rad]; did you mean [red]?")]
    [InlineData("{required: true}", "b: 1", "c.yaml:1:1: [a] is missing")]
    [InlineData("{required: true}", "a:", "c.yaml:1:3: [a] is missing")]
    [InlineData("{type: integer}", "a: enc:abc", "")]
    public void Judges_a_value(string rule, string text, string message) => Assert.Equal(message, Check($"a: {rule}", text));

    [Fact]
    public void Judges_every_child_and_reports_all_errors() => Assert.Equal(
        "c.yaml:1:18: [servers.0.port] must be a whole number, not [x]\nc.yaml:2:9: [servers.1.port] is missing",
        Check("servers.*.port: {type: integer, required: true}", "servers: [{port: x},\n        {name: y}]"));

    [Fact]
    public void A_schema_is_read_strictly()
    {
        var diagnostics = new ConfigDiagnostics();
        ConfigSchema.Read(YamlReader.Read("a: {typ: integer}", "schema.yaml"), diagnostics);
        Assert.Equal("schema.yaml:1:5: [typ] is unknown in [a]; did you mean [type]?", diagnostics.ToString());
    }

    private static string Check(string schema, string text)
    {
        var diagnostics = new ConfigDiagnostics();
        ConfigSchema.Read(YamlReader.Read(schema, "schema.yaml"), diagnostics).Check(YamlReader.Read(text, "c.yaml"), diagnostics);
        return diagnostics.ToString();
    }
}
