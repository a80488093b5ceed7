using Securely.Config;

namespace Securely.Components.Tests.Config;

public sealed class YamlEditorTests
{
    [Theory]
    [InlineData("a: 1 # one\n", "a", "2", "a: 2 # one\n")]
    [InlineData("a: 'x''y' # one\n", "a", "z", "a: z # one\n")]
    [InlineData("a: \"x\\\"y\"\n", "a", "true", "a: true\n")]
    [InlineData("a:\nb: 1\n", "a", "2", "a: 2\nb: 1\n")]
    [InlineData("a: ~\n", "a", "2", "a: 2\n")]
    [InlineData("a: 1\n", "a", "x: #y", "a: \"x: #y\"\n")]
    [InlineData("a: 1\n", "a", "null", "a: \"null\"\n")]
    [InlineData("a: {b: 1, c: 2}\n", "a.b", "x, y", "a: {b: \"x, y\", c: 2}\n")]
    [InlineData("a: {b: 1}\n", "a.d.e", "5", "a: {d: {e: 5}, b: 1}\n")]
    [InlineData("a:\n  b: 1\n\n# end\nz: 1\n", "a.c", "2", "a:\n  b: 1\n  c: 2\n\n# end\nz: 1\n")]
    [InlineData("a:\n  b: 1", "q.r.s", "2", "a:\n  b: 1\nq:\n  r:\n    s: 2\n")]
    [InlineData("l:\n- x: 1\n- x: 2\nz: 1\n", "l.0.y", "3", "l:\n- x: 1\n  y: 3\n- x: 2\nz: 1\n")]
    [InlineData("a: 1\r\nb: 2\r\n", "c", "3", "a: 1\r\nb: 2\r\nc: 3\r\n")]
    [InlineData("", "a.b", "1", "a:\n  b: 1\n")]
    public void Changes_one_value_and_nothing_else(string text, string key, string value, string expected) => Assert.Equal(expected, YamlEditor.Set(text, "c.yaml", key, value));

    [Theory]
    [InlineData("a: [1, 2]\n", "a", "c.yaml:1:4: [a] is a list; change it in an editor")]
    [InlineData("a: |\n  x\n  y\n", "a", "c.yaml:1:4: [a] is written over several lines; change it in an editor")]
    [InlineData("a: x\n", "a.b", "c.yaml:1:4: [a.b] would stand in [x]; change it in an editor")]
    [InlineData("a: &x 1\nb: *x\n", "a", "c.yaml:1:4: [a] is written over several lines; change it in an editor")]
    public void Refuses_what_it_cannot_change_safely(string text, string key, string message) =>
        Assert.Equal(message, Assert.Throws<ConfigException>(() => YamlEditor.Set(text, "c.yaml", key, "1")).Message);
}
